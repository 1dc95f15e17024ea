package org.blktrack.cli;

import com.google.gson.JsonObject;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParentCommand;

/** {@code blktrack checkpoint list}: the change ids that can be asked for. */
@Command(name = "list", description = "List the change ids that can be asked for, oldest first.", mixinStandardHelpOptions = true)
final class CheckpointListCommand implements Runnable {
    @ParentCommand
    private CheckpointCommand parent;

    @Mixin
    private DeviceParameter device;

    @Mixin
    private ReplyOutput output;

    @Override
    public void run() {
        JsonObject list = parent.root.ask("ListCheckpoints", device.asParameters());
        output.print(list, out -> print(out, list));
    }

    private static void print(PrintWriter out, JsonObject list) {
        TextTable table = new TextTable("CHANGE ID", "CREATED", "AT REST");
        for (JsonObject checkpoint : Field.objects(list, "checkpoints")) {
            table.add(Field.text(checkpoint, "changeId", ""), Times.text(Field.number(checkpoint, "createdMs")),
                    Field.text(checkpoint, "rest", ""));
        }
        table.print(out);
    }
}
