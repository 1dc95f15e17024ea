package org.blktrack.cli;

import com.google.gson.JsonObject;
import org.blktrack.wire.VarlinkClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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

    @Option(names = "--json", description = "JSON for programs.")
    private boolean json;

    @Override
    public void run() {
        JsonObject disabled;
        try (VarlinkClient client = root.connect()) {
            disabled = client.call("Disable", device.asParameters());
        }
        if (root.isDefaultInstance()) {
            BootImages.bringUpToDate(spec.commandLine().getErr());
        }
        if (json) {
            JsonOutput.print(spec.commandLine().getOut(), disabled);
            return;
        }
        spec.commandLine().getOut().println("no longer tracking " + device.path());
        spec.commandLine().getOut().flush();
    }
}
