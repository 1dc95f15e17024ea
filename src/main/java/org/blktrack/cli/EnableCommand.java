package org.blktrack.cli;

import com.google.gson.JsonObject;
import java.io.PrintWriter;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;
import org.blktrack.model.Granularity;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code blktrack enable}: starts to track a volume. */
@Command(name = "enable", description = "Start to track a volume, from now on.", mixinStandardHelpOptions = true)
final class EnableCommand implements Runnable {
    @ParentCommand
    private BlktrackCommand root;

    @Spec
    private CommandSpec spec;

    /** No volume id: what is not tracked yet has none that is known. */
    @Parameters(paramLabel = "DEVICE", description = "A block device: /dev/sda2, /dev/vg/lv, /dev/disk/by-id/…")
    private String device;

    @Option(names = "--granularity", paramLabel = "SIZE", defaultValue = "64KiB",
            description = "The unit of tracking: a power of two from 4KiB to 1MiB; default ${DEFAULT-VALUE}.")
    private String granularity;

    @Option(names = "--trust-offline",
            description = "Promise that nothing else ever writes to the volume while tracking is off (FAT, swap, raw volumes).")
    private boolean trustOffline;

    @Option(names = "--require-persistent", description = "Refuse where the record would not outlive a reboot.")
    private boolean requirePersistent;

    @Mixin
    private ReplyOutput output;

    @Override
    public void run() {
        JsonObject volume = enabled();
        if (requirePersistent && !Persistence.isGiven(volume)) {
            throw new BlktrackException(ExitStatus.FAILED, Field.text(volume, "persistentReason", ""),
                    DeviceParameter.absolute(device) + " is tracked, but its record lasts until the next boot only: " + Persistence.fault(volume), null);
        }
        output.print(volume, out -> print(out, volume));
    }

    private JsonObject enabled() {
        JsonObject parameters = deviceAlone();
        parameters.addProperty("granularityBytes", Granularity.parse(granularity).bytes());
        parameters.addProperty("trustOffline", trustOffline);
        parameters.addProperty("requirePersistent", requirePersistent);
        JsonObject volume = Field.requiredObject(root.ask("Enable", parameters), "volume");
        if (root.isDefaultInstance()) {
            BootImages.bringUpToDate(spec.commandLine().getErr());
            volume = Persistence.failsForImages(volume) ? now() : volume;
        }
        return volume;
    }

    /** What the daemon says now that the images were built. */
    private JsonObject now() {
        return Field.objects(root.ask("GetStatus", deviceAlone()), "volumes").get(0);
    }

    private JsonObject deviceAlone() {
        JsonObject parameters = new JsonObject();
        parameters.addProperty("device", DeviceParameter.absolute(device));
        return parameters;
    }

    private static void print(PrintWriter out, JsonObject volume) {
        long size = Field.number(volume, "sizeBytes");
        Granularity unit = new Granularity((int) Field.number(volume, "granularityBytes"));
        out.printf("tracking %s: %s in granules of %s; its maps take %s of memory%n", Field.text(volume, "device", ""), Sizes.text(size),
                Sizes.text(unit.bytes()), Sizes.text(Field.number(volume, "memoryBytes")));
        String id = Field.text(volume, "changeId", "");
        out.println(id.isEmpty() ? "no change id yet: writes from before may be under way; the first checkpoint gives one"
                : "change id of this start: " + id);
        if (!Persistence.isGiven(volume)) {
            out.printf("the record lasts until the next boot only: %s%n", Persistence.fault(volume));
        }
    }
}
