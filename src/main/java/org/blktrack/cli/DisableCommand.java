package org.blktrack.cli;

import com.google.gson.JsonObject;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code blktrack disable}: ends the tracking of a volume. */
@Command(name = "disable", description = "End the tracking of a volume; its record is given up.", mixinStandardHelpOptions = true)
final class DisableCommand implements Runnable {
    @ParentCommand
    private BlktrackCommand root;

    @Spec
    private CommandSpec spec;

    @Mixin
    private DeviceParameter device;

    @Mixin
    private ReplyOutput output;

    @Override
    public void run() {
        JsonObject disabled = root.ask("Disable", device.asParameters());
        if (root.isDefaultInstance()) {
            BootImages.bringUpToDate(spec.commandLine().getErr());
        }
        output.print(disabled, out -> out.println("no longer tracking " + Field.text(disabled, "device", "") + " (" + Field.text(disabled, "volumeId", "") + ")"));
    }
}
