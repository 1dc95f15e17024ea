package org.blktrack.cli;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;

/** Reads what the daemon's replies hold, nulls included. */
final class Field {
    private Field() {}

    /** @return {@code otherwise} where it is missing or null */
    static String text(JsonObject json, String key, String otherwise) {
        JsonElement value = json.get(key);
        return value == null || value.isJsonNull() ? otherwise : value.getAsString();
    }

    static long number(JsonObject json, String key) {
        JsonElement value = json.get(key);
        return value == null || value.isJsonNull() ? 0 : value.getAsLong();
    }

    static boolean flag(JsonObject json, String key) {
        JsonElement value = json.get(key);
        return value != null && !value.isJsonNull() && value.getAsBoolean();
    }

    /** @return null where it is missing or null */
    static JsonObject object(JsonObject json, String key) {
        JsonElement value = json.get(key);
        return value == null || value.isJsonNull() ? null : value.getAsJsonObject();
    }
}
