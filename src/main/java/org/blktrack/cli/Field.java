package org.blktrack.cli;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.blktrack.wire.BadReplyException;

/** Reads what the daemon's replies hold, nulls included. What is of another type than it should be is no reply of blktrackd. */
final class Field {
    private Field() {}

    /** @return {@code otherwise} where it is missing or null */
    static String text(JsonObject json, String key, String otherwise) {
        JsonPrimitive value = primitive(json, key, JsonPrimitive::isString, "text");
        return value == null ? otherwise : value.getAsString();
    }

    /** @return 0 where it is missing or null */
    static long number(JsonObject json, String key) {
        JsonPrimitive value = primitive(json, key, JsonPrimitive::isNumber, "number");
        return value == null ? 0 : value.getAsNumber().longValue();
    }

    static boolean flag(JsonObject json, String key) {
        JsonPrimitive value = primitive(json, key, JsonPrimitive::isBoolean, "flag");
        return value != null && value.getAsBoolean();
    }

    /** @return null where it is missing or null */
    static JsonObject object(JsonObject json, String key) {
        JsonElement value = json.get(key);
        return value == null || value.isJsonNull() ? null : object(value, key);
    }

    /** For what every reply has. */
    static JsonObject requiredObject(JsonObject json, String key) {
        return object(required(json, key), key);
    }

    static long requiredNumber(JsonObject json, String key) {
        required(json, key);
        return number(json, key);
    }

    static String requiredText(JsonObject json, String key) {
        required(json, key);
        return text(json, key, null);
    }

    /** A list that every reply has. */
    static List<JsonObject> objects(JsonObject json, String key) {
        JsonElement list = required(json, key);
        if (!list.isJsonArray()) {
            throw wrong(key, "list");
        }
        List<JsonObject> objects = new ArrayList<>(list.getAsJsonArray().size());
        list.getAsJsonArray().forEach(each -> objects.add(object(each, key)));
        return objects;
    }

    private static JsonElement required(JsonObject json, String key) {
        JsonElement value = json.get(key);
        if (value == null || value.isJsonNull()) {
            throw new BadReplyException("a reply of blktrackd: it lacks '" + key + "'", null);
        }
        return value;
    }

    private static JsonObject object(JsonElement value, String key) {
        if (!value.isJsonObject()) {
            throw wrong(key, "object");
        }
        return value.getAsJsonObject();
    }

    private static JsonPrimitive primitive(JsonObject json, String key, Predicate<JsonPrimitive> fits, String type) {
        JsonElement value = json.get(key);
        if (value == null || value.isJsonNull()) {
            return null;
        }
        if (!value.isJsonPrimitive() || !fits.test(value.getAsJsonPrimitive())) {
            throw wrong(key, type);
        }
        return value.getAsJsonPrimitive();
    }

    private static BadReplyException wrong(String key, String type) {
        return new BadReplyException("a reply of blktrackd: its '" + key + "' is no " + type, null);
    }
}
