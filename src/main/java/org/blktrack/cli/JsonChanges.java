package org.blktrack.cli;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import java.io.PrintWriter;
import org.blktrack.model.Extent;

/** The answer as JSON, an extent a line, written as it comes. */
final class JsonChanges implements ChangesOutput {
    private static final String[] KEYS = {"device", "volumeId", "sizeBytes", "granularityBytes", "complete", "reason", "evidence",
        "since", "until"};

    private final PrintWriter out;
    private String between = "\n";

    JsonChanges(PrintWriter out, JsonObject head) {
        this.out = out;
        Gson gson = new GsonBuilder().serializeNulls().disableHtmlEscaping().create();
        out.print("{\n  \"schemaVersion\": " + JsonOutput.SCHEMA_VERSION + ",\n");
        for (String key : KEYS) {
            out.print("  \"" + key + "\": " + gson.toJson(head.get(key)) + ",\n");
        }
        out.print("  \"extents\": [");
    }

    @Override
    public void add(Extent extent) {
        out.print(between + "    {\"offsetBytes\": " + extent.offsetBytes() + ", \"lengthBytes\": " + extent.lengthBytes()
                + ", \"kind\": \"" + extent.kind().label() + "\"}");
        between = ",\n";
    }

    @Override
    public void finish() {
        out.print((between.equals("\n") ? "" : "\n  ") + "]\n}\n");
        out.flush();
    }
}
