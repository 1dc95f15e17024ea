package org.blktrack.cli;

import com.google.gson.JsonObject;
import java.io.PrintWriter;
import java.util.function.Consumer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code --json}, and how a reply of the daemon is printed with it and without. */
final class ReplyOutput {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(names = "--json", description = "JSON for programs.")
    private boolean json;

    /** @param text prints the reply for a person */
    void print(JsonObject reply, Consumer<PrintWriter> text) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            JsonOutput.print(out, reply);
        } else {
            text.accept(out);
            out.flush();
        }
    }
}
