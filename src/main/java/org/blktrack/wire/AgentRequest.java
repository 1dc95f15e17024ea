package org.blktrack.wire;

import java.util.LinkedHashMap;
import java.util.Map;

/** What the daemon asks of the helper: a verb and its keys. */
public record AgentRequest(String verb, Map<String, String> keys) {
    /** @param pairs key, value, key, value … */
    public static AgentRequest of(String verb, Object... pairs) {
        Map<String, String> keys = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            keys.put(pairs[i].toString(), pairs[i + 1].toString());
        }
        return new AgentRequest(verb, keys);
    }
}
