package org.blktrack.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class MeminfoTest {
    @Test
    void theTotal() {
        assertEquals(8_123_456L << 10, Meminfo.totalBytes(List.of("MemTotal:        8123456 kB", "MemFree:          123456 kB")));
        assertEquals(0, Meminfo.totalBytes(List.of("MemFree:          123456 kB")));
        assertTrue(Meminfo.totalBytes() > 16 << 20);
    }
}
