package org.blktrack.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;
import org.junit.jupiter.api.Test;

class DeviceParameterTest {
    @Test
    void whatIsNoPathIsAMistakeAndNoDefect() {
        BlktrackException refusal = assertThrows(BlktrackException.class, () -> DeviceParameter.absolute("/dev/\0"));
        assertEquals(ExitStatus.USAGE, refusal.status());
        assertEquals("/dev/sda", DeviceParameter.absolute("/dev/./disk/../sda"));
    }
}
