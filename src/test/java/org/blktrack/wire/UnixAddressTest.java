package org.blktrack.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;
import org.junit.jupiter.api.Test;

class UnixAddressTest {
    private static void assertFits(Path path) {
        assertEquals(path, UnixAddress.of(path).getPath());
    }

    private static void assertTooLong(Path path) {
        BlktrackException refusal = assertThrows(BlktrackException.class, () -> UnixAddress.of(path));
        assertEquals("SOCKET_PATH_TOO_LONG", refusal.reason());
        assertEquals(ExitStatus.USAGE, refusal.status());
    }

    @Test
    void aHundredBytesFit() {
        assertFits(Path.of("/run/" + "s".repeat(95)));
        assertTooLong(Path.of("/run/" + "s".repeat(96)));
    }

    /** The kernel counts bytes, and its own refusal would look like a daemon that does not answer. */
    @Test
    void aLetterMayTakeSeveral() {
        assumeTrue("UTF-8".equals(System.getProperty("sun.jnu.encoding")), "SKIPPED: the locale is not of UTF-8");
        assertFits(Path.of("/run/s" + "ä".repeat(47)));
        assertTooLong(Path.of("/run/" + "ä".repeat(48)));
    }
}
