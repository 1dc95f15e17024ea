package org.blktrack.cli;

import com.google.gson.JsonObject;
import java.io.PrintWriter;
import org.blktrack.wire.VarlinkClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code blktrack checkpoint create}: closes the live epoch and opens another. */
@Command(name = "create", description = "Close the live epoch and open another; prints the new change id.",
        mixinStandardHelpOptions = true)
final class CheckpointCreateCommand implements Runnable {
    @ParentCommand
    private CheckpointCommand parent;

    @Spec
    private CommandSpec spec;

    @Mixin
    private DeviceParameter device;

    @Option(names = "--json", description = "JSON for programs.")
    private boolean json;

    @Override
    public void run() {
        JsonObject created;
        try (VarlinkClient client = parent.root.connect()) {
            created = client.call("CreateCheckpoint", device.asParameters());
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            JsonOutput.print(out, created);
        } else {
            out.println(Field.text(created, "changeId", ""));
            out.flush();
        }
    }
}
