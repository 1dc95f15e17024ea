package org.blktrack.daemon;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.Set;
import java.util.function.Predicate;
import org.blktrack.model.ChangeId;
import org.blktrack.model.VolumeId;

/**
 * What a call names, and how. Anything else than the interface says is the caller's fault, and answered with {@code InvalidParameter}: who misspells
 * {@code until} must not be given a preview.
 */
final class CallParameters {
    private CallParameters() {}

    static void requireKnown(JsonObject json, Set<String> names) {
        for (String name : json.keySet()) {
            if (!names.contains(name)) {
                throw VarlinkService.Fault.invalidParameter(name);
            }
        }
    }

    static String text(JsonObject json, String key) {
        return present(key, textOrNull(json, key));
    }

    /** @return null where it is missing or null */
    static String textOrNull(JsonObject json, String key) {
        JsonElement value = valueOrNull(json, key);
        if (value != null && !(value.isJsonPrimitive() && value.getAsJsonPrimitive().isString())) {
            throw VarlinkService.Fault.invalidParameter(key);
        }
        return value == null ? null : value.getAsString();
    }

    static long numberOr(JsonObject json, String key, long otherwise) {
        JsonElement value = valueOrNull(json, key);
        if (value == null) {
            return otherwise;
        }
        try {
            if (value.isJsonPrimitive() && value.getAsJsonPrimitive().isNumber()) {
                return value.getAsBigDecimal().longValueExact();
            }
        } catch (ArithmeticException | NumberFormatException notWholeOrTooLarge) {
            // Told below.
        }
        throw VarlinkService.Fault.invalidParameter(key);
    }

    /** @return false where it is missing or null */
    static boolean flag(JsonObject json, String key) {
        JsonElement value = valueOrNull(json, key);
        if (value != null && !(value.isJsonPrimitive() && value.getAsJsonPrimitive().isBoolean())) {
            throw VarlinkService.Fault.invalidParameter(key);
        }
        return value != null && value.getAsBoolean();
    }

    /** A path from the root: the caller's working folder is not ours. */
    static String device(JsonObject json) {
        return formed("device", text(json, "device"), CallParameters::isPath);
    }

    /** A path from the root, or a volume id. */
    static String volume(JsonObject json) {
        return present("device", volumeOrNull(json));
    }

    /** @return null where it is missing or null */
    static String volumeOrNull(JsonObject json) {
        return formed("device", textOrNull(json, "device"), text -> isPath(text) || VolumeId.looksLike(text));
    }

    static String changeId(JsonObject json, String key) {
        return present(key, changeIdOrNull(json, key));
    }

    /** @return null where it is missing or null */
    static String changeIdOrNull(JsonObject json, String key) {
        return formed(key, textOrNull(json, key), ChangeId::isValid);
    }

    private static boolean isPath(String text) {
        return text.startsWith("/");
    }

    private static JsonElement valueOrNull(JsonObject json, String key) {
        JsonElement value = json.get(key);
        return value == null || value.isJsonNull() ? null : value;
    }

    private static String present(String key, String text) {
        if (text == null) {
            throw VarlinkService.Fault.invalidParameter(key);
        }
        return text;
    }

    private static String formed(String key, String text, Predicate<String> form) {
        if (text != null && !form.test(text)) {
            throw VarlinkService.Fault.invalidParameter(key);
        }
        return text;
    }
}
