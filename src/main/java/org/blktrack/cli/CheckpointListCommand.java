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

/** {@code blktrack checkpoint list}: the change ids that can be asked for. */
@Command(name = "list", description = "List the change ids that can be asked for, oldest first.", mixinStandardHelpOptions = true)
final class CheckpointListCommand implements Runnable {
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
        JsonObject list;
        try (VarlinkClient client = parent.root.connect()) {
            list = client.call("ListCheckpoints", device.asParameters());
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            JsonOutput.print(out, list);
            return;
        }
        TextTable table = new TextTable("CHANGE ID", "CREATED", "AT REST");
        for (JsonObject checkpoint : Field.objects(list, "checkpoints")) {
            table.add(Field.text(checkpoint, "changeId", ""), Times.text(Field.number(checkpoint, "createdMs")),
                    Field.text(checkpoint, "rest", ""));
        }
        table.print(out);
    }
}
