package org.blktrack.wire;

import java.util.Map;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;

/** One record of a reply. A key that must be there and is not is the helper's fault, and said so. */
public record AgentRecord(Map<String, String> values) {
    public String text(String key) {
        String value = values.get(key);
        if (value == null) {
            throw malformed("lacks '" + key + "'");
        }
        return value;
    }

    /** @return "" where the key is missing */
    public String textOrEmpty(String key) {
        return values.getOrDefault(key, "");
    }

    /** @return null where the key is missing, or its text empty */
    public String textOrNull(String key) {
        String value = textOrEmpty(key);
        return value.isEmpty() ? null : value;
    }

    public long number(String key) {
        try {
            return Long.parseUnsignedLong(text(key));
        } catch (NumberFormatException e) {
            throw malformed("has " + key + "='" + text(key) + "', which is no number");
        }
    }

    public long numberOr(String key, long otherwise) {
        return values.containsKey(key) ? number(key) : otherwise;
    }

    /** {@code yes} or {@code 1}. */
    public boolean flag(String key) {
        String value = textOrEmpty(key);
        return value.equals("yes") || value.equals("1");
    }

    /** Whether the value is the first of two words; it must be one of them. */
    public boolean either(String key, String one, String other) {
        String value = text(key);
        if (!value.equals(one) && !value.equals(other)) {
            throw malformed("has " + key + "='" + value + "', which is neither " + one + " nor " + other);
        }
        return value.equals(one);
    }

    private BlktrackException malformed(String what) {
        return new BlktrackException(ExitStatus.FAILED, "AGENT_PROTOCOL",
                "the helper's record " + values + " " + what, "Are blktrackd and blktrack-helper of one version?");
    }
}
