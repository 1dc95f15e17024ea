package org.blktrack.cli;

import com.google.gson.JsonObject;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;
import org.blktrack.model.VolumeId;
import picocli.CommandLine.Parameters;

/** The volume that most commands are about, by its device or by its id. */
final class DeviceParameter {
    @Parameters(index = "0", paramLabel = "DEVICE",
            description = "A block device: /dev/sda2, /dev/vg/lv, /dev/disk/by-id/… Or a volume id, as 'blktrack status' shows it.")
    private String device;

    /** As the daemon understands it. */
    String name() {
        return volume(device);
    }

    /** @return a volume id as it is, else an absolute path */
    static String volume(String named) {
        return VolumeId.looksLike(named) ? named : absolute(named);
    }

    /** The daemon has another working folder. */
    static String absolute(String device) {
        if (device.isEmpty()) {
            throw new BlktrackException(ExitStatus.USAGE, "BAD_PATH", "the device's name is empty", "'lsblk -p' lists the block devices.");
        }
        try {
            return Path.of(device).toAbsolutePath().normalize().toString();
        } catch (InvalidPathException e) {
            throw new BlktrackException(ExitStatus.USAGE, "BAD_PATH", "'" + device + "' is no path here: " + e.getReason(),
                    "A name with letters beyond ASCII needs a locale that has them, such as LC_ALL=C.UTF-8.", e);
        }
    }

    JsonObject asParameters() {
        JsonObject parameters = new JsonObject();
        parameters.addProperty("device", name());
        return parameters;
    }
}
