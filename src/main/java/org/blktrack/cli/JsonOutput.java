package org.blktrack.cli;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import java.io.PrintWriter;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;

/** JSON for programs: two-space indents, nulls written, {@code schemaVersion} first. */
public final class JsonOutput {
    static final int SCHEMA_VERSION = 1;
    private static final Gson GSON = new GsonBuilder().serializeNulls().disableHtmlEscaping().setPrettyPrinting().create();

    private JsonOutput() {}

    static void print(PrintWriter out, JsonObject body) {
        out.println(text(body));
        out.flush();
    }

    static String text(JsonObject body) {
        JsonObject whole = new JsonObject();
        whole.addProperty("schemaVersion", SCHEMA_VERSION);
        body.entrySet().forEach(entry -> whole.add(entry.getKey(), entry.getValue()));
        return GSON.toJson(whole);
    }

    /** A failure, for a program that asked for JSON: its name never changes, its message may. */
    public static void printFailure(PrintWriter out, BlktrackException failure, ExitStatus status) {
        JsonObject error = new JsonObject();
        error.addProperty("status", status.code());
        error.addProperty("name", failure.reason());
        error.addProperty("message", failure.getMessage());
        error.addProperty("remedy", failure.remedy());
        JsonObject body = new JsonObject();
        body.add("error", error);
        print(out, body);
    }
}
