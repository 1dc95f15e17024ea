package org.blktrack.cli;

import org.blktrack.wire.VarlinkClient;
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

    @Override
    public void run() {
        try (VarlinkClient client = root.connect()) {
            client.call("Disable", device.asParameters());
        }
        if (root.isDefaultInstance()) {
            BootImages.bringUpToDate(spec.commandLine().getErr());
        }
        spec.commandLine().getOut().println("no longer tracking " + device.path());
        spec.commandLine().getOut().flush();
    }
}
