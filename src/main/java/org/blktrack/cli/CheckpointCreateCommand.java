package org.blktrack.cli;

import com.google.gson.JsonObject;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
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

    @Mixin
    private ReplyOutput output;

    @Override
    public void run() {
        JsonObject created = parent.root.ask("CreateCheckpoint", device.asParameters());
        String changeId = Field.requiredText(created, "changeId");
        output.print(created, out -> out.println(changeId));
        if (System.out.checkError()) { // the writer above it keeps no account
            // That failure itself is told behind this. Who was not told the id would have a checkpoint that he knows nothing of.
            spec.commandLine().getErr().printf("blktrack: the checkpoint was made all the same: %s%n", changeId);
            spec.commandLine().getErr().flush();
        }
    }
}
