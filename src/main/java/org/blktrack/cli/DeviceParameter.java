package org.blktrack.cli;

import com.google.gson.JsonObject;
import java.nio.file.Path;
import picocli.CommandLine.Parameters;

/** The device that most commands are about. */
final class DeviceParameter {
    @Parameters(index = "0", paramLabel = "DEVICE", description = "A block device: /dev/sda2, /dev/vg/lv, /dev/disk/by-id/…")
    private String device;

    /** As the daemon understands it: absolute, since it has another working folder. */
    String path() {
        return Path.of(device).toAbsolutePath().normalize().toString();
    }

    JsonObject asParameters() {
        JsonObject parameters = new JsonObject();
        parameters.addProperty("device", path());
        return parameters;
    }
}
