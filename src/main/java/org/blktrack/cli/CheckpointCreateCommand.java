package org.blktrack.cli;

import com.google.gson.JsonObject;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParentCommand;

/** {@code blktrack checkpoint create}: closes the live epoch and opens another. */
@Command(name = "create", description = "Close the live epoch and open another; prints the new change id.",
        mixinStandardHelpOptions = true)
final class CheckpointCreateCommand implements Runnable {
    @ParentCommand
    private CheckpointCommand parent;

    @Mixin
    private DeviceParameter device;

    @Mixin
    private ReplyOutput output;

    @Override
    public void run() {
        JsonObject created = parent.root.ask("CreateCheckpoint", device.asParameters());
        output.print(created, out -> out.println(Field.text(created, "changeId", "")));
    }
}
