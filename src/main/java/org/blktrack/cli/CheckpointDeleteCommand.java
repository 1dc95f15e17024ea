package org.blktrack.cli;

import com.google.gson.JsonObject;
import java.io.PrintWriter;
import org.blktrack.wire.VarlinkClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code blktrack checkpoint delete}: gives a change id up; its epoch merges into its neighbour, so no change is lost. */
@Command(name = "delete", description = "Give a change id up; the epochs around it become one.", mixinStandardHelpOptions = true)
final class CheckpointDeleteCommand implements Runnable {
    @ParentCommand
    private CheckpointCommand parent;

    @Spec
    private CommandSpec spec;

    @Mixin
    private DeviceParameter device;

    @Parameters(index = "1", paramLabel = "CHANGE-ID", description = "As 'blktrack checkpoint list' shows it.")
    private String changeId;

    @Option(names = "--json", description = "JSON for programs.")
    private boolean json;

    @Override
    public void run() {
        JsonObject parameters = device.asParameters();
        parameters.addProperty("changeId", changeId);
        try (VarlinkClient client = parent.root.connect()) {
            client.call("DeleteCheckpoint", parameters);
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            JsonOutput.print(out, parameters);
        } else {
            out.println("deleted checkpoint " + changeId);
            out.flush();
        }
    }
}
