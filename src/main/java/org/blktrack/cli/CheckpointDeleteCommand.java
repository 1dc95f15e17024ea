package org.blktrack.cli;

import com.google.gson.JsonObject;
import org.blktrack.model.ChangeId;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code blktrack checkpoint delete}: gives a change id up; its epoch merges into its neighbour, so no change is lost. */
@Command(name = "delete", description = "Give a change id up; the epochs around it become one.", mixinStandardHelpOptions = true)
final class CheckpointDeleteCommand implements Runnable {
    @ParentCommand
    private CheckpointCommand parent;

    @Mixin
    private DeviceParameter device;

    @Parameters(index = "1", paramLabel = "CHANGE-ID", converter = ChangeIdConverter.class, description = "As 'blktrack checkpoint list' shows it.")
    private ChangeId changeId;

    @Mixin
    private ReplyOutput output;

    @Override
    public void run() {
        JsonObject parameters = device.asParameters();
        parameters.addProperty("changeId", changeId.hex());
        parent.root.ask("DeleteCheckpoint", parameters);
        output.print(parameters, out -> out.println("deleted checkpoint " + changeId));
    }
}
