package org.blktrack.cli;

import com.google.gson.JsonObject;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;
import picocli.CommandLine.Parameters;

/** The device that most commands are about. */
final class DeviceParameter {
    @Parameters(index = "0", paramLabel = "DEVICE", description = "A block device: /dev/sda2, /dev/vg/lv, /dev/disk/by-id/…")
    private String device;

    /** As the daemon understands it: absolute, since it has another working folder. */
    String path() {
        return absolute(device);
    }

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
        parameters.addProperty("device", path());
        return parameters;
    }
}
