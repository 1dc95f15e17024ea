package org.blktrack.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

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
}
