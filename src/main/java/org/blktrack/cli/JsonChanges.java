package org.blktrack.cli;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import java.io.PrintWriter;
import org.blktrack.model.Extent;

/** The answer as JSON, an extent a line. What is not large is printed when it is whole, the rest as it comes. */
final class JsonChanges implements ChangesOutput {
    private static final String[] KEYS = {"device", "volumeId", "sizeBytes", "granularityBytes", "complete", "reason", "evidence",
        "since", "until"};

    private static final int LARGE = 1 << 20;

    private final PrintWriter out;
    private final StringBuilder text = new StringBuilder();
    private boolean begun;
    private String between = "\n";

    JsonChanges(PrintWriter out, JsonObject head) {
        this.out = out;
        Gson gson = new GsonBuilder().serializeNulls().disableHtmlEscaping().create();
        text.append("{\n  \"schemaVersion\": " + JsonOutput.SCHEMA_VERSION + ",\n");
        for (String key : KEYS) {
            text.append("  \"" + key + "\": " + gson.toJson(head.get(key)) + ",\n");
        }
        text.append("  \"extents\": [");
    }

    @Override
    public void add(Extent extent) {
        text.append(between + "    {\"offsetBytes\": " + extent.offsetBytes() + ", \"lengthBytes\": " + extent.lengthBytes()
                + ", \"kind\": \"" + extent.kind().label() + "\"}");
        between = ",\n";
        if (text.length() > LARGE) {
            print();
        }
    }

    private void print() {
        begun = true;
        out.print(text);
        text.setLength(0);
    }

    /** Whether a part of it stands on standard output. */
    boolean hasBegun() {
        return begun;
    }

    @Override
    public void finish() {
        text.append(between.equals("\n") ? "" : "\n  ").append("]\n}\n");
        print();
        out.flush();
    }
}
