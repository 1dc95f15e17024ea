package org.blktrack.cli;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import java.io.PrintWriter;

/** JSON for programs: two-space indents, nulls written, {@code schemaVersion} first. */
final class JsonOutput {
    static final int SCHEMA_VERSION = 1;
    private static final Gson GSON = new GsonBuilder().serializeNulls().disableHtmlEscaping().setPrettyPrinting().create();

    private JsonOutput() {}

    static void print(PrintWriter out, JsonObject body) {
        JsonObject whole = new JsonObject();
        whole.addProperty("schemaVersion", SCHEMA_VERSION);
        body.entrySet().forEach(entry -> whole.add(entry.getKey(), entry.getValue()));
        out.println(GSON.toJson(whole));
        out.flush();
    }
}
