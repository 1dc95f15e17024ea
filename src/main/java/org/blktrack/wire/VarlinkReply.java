package org.blktrack.wire;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;

/**
 * A reply's parts.
 *
 * @param error null: it is none
 * @param continues whether more follow
 */
record VarlinkReply(String error, JsonObject parameters, boolean continues) {
    /** @throws MalformedMessageException where a part is of another type than varlink gives it */
    static VarlinkReply of(JsonObject message) throws IOException {
        JsonElement parameters = message.has("parameters") ? message.get("parameters") : new JsonObject();
        if (!parameters.isJsonObject()) {
            throw new MalformedMessageException("its 'parameters' are no JSON object", null);
        }
        return new VarlinkReply(text(message, "error"), parameters.getAsJsonObject(), flag(message, "continues"));
    }

    /** @return null where it is missing or null */
    static String text(JsonObject from, String key) throws IOException {
        JsonElement value = from.get(key);
        if (value == null || value.isJsonNull()) {
            return null;
        }
        if (!value.isJsonPrimitive() || !value.getAsJsonPrimitive().isString()) {
            throw new MalformedMessageException("its '" + key + "' is no text", null);
        }
        return value.getAsString();
    }

    private static boolean flag(JsonObject from, String key) throws IOException {
        JsonElement value = from.get(key);
        if (value != null && (!value.isJsonPrimitive() || !value.getAsJsonPrimitive().isBoolean())) {
            throw new MalformedMessageException("its '" + key + "' is neither true nor false", null);
        }
        return value != null && value.getAsBoolean();
    }
}
