package org.blktrack.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;
import org.junit.jupiter.api.Test;

class DeviceParameterTest {
    @Test
    void whatIsNoPathIsAMistakeAndNoDefect() {
        for (String noPath : List.of("", "/dev/\0")) {
            BlktrackException refusal = assertThrows(BlktrackException.class, () -> DeviceParameter.absolute(noPath));
            assertEquals(ExitStatus.USAGE, refusal.status());
        }
        assertEquals("/dev/sda", DeviceParameter.absolute("/dev/./disk/../sda"));
    }

    /** A name below /dev/disk, given from there, is none. */
    @Test
    void aVolumeIdIsNoPath() {
        for (String id : List.of("fsuuid:558229ab", "partuuid:1-02", "boot:x:8:1:3:0", "loop:12:/srv/a b")) {
            assertEquals(id, DeviceParameter.volume(id));
        }
        for (String path : List.of("/dev/x:y", "pci-0000:00:1f.2-ata-1", "usb-Stick-0:0", "sda", "./fsuuid:1", "wwn:", ":x", "0x50:1")) {
            assertTrue(DeviceParameter.volume(path).startsWith("/"), path);
        }
    }
}
