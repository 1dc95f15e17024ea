package org.blktrack.wire;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;

/** What this machine supports, as {@code Diagnose} answers it, with a daemon or without. */
public final class SupportChecks {
    private SupportChecks() {}

    public static JsonObject ask(Agent agent) {
        JsonArray checks = new JsonArray();
        for (AgentRecord each : agent.call(AgentRequest.of("support"))) {
            JsonObject check = new JsonObject();
            check.addProperty("check", each.text("check"));
            check.addProperty("ok", each.text("ok"));
            check.addProperty("detail", each.textOrEmpty("detail"));
            check.addProperty("remedy", each.textOrNull("remedy"));
            checks.add(check);
        }
        JsonObject json = new JsonObject();
        json.add("checks", checks);
        return json;
    }
}
