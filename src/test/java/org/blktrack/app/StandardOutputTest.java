package org.blktrack.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** As the print streams above it use it: they go on writing after a failure. */
class StandardOutputTest {
    private static final int BUFFER = 16;
    private static final String ANSWER = "{\"extents\": [\n" + "    {\"offsetBytes\": 0, \"lengthBytes\": 65536},\n".repeat(8) + "]}";

    /** A disk on which there is room, then none for a write, of which a part goes through, then room again. */
    private static final class FullForAWhile extends OutputStream {
        private final ByteArrayOutputStream disk = new ByteArrayOutputStream();
        private final int fullAt;
        private int writes;

        FullForAWhile(int fullAt) {
            this.fullAt = fullAt;
        }

        @Override
        public void write(int oneByte) {
            throw new AssertionError("written byte by byte");
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            boolean full = writes++ == fullAt;
            disk.write(bytes, offset, full ? length / 2 : length);
            if (full) {
                throw new IOException("No space left on device");
            }
        }
    }

    private static StandardOutput print(FullForAWhile disk) {
        StandardOutput out = new StandardOutput(disk);
        PrintStream printed = new PrintStream(new BufferedOutputStream(out, BUFFER), false, StandardCharsets.UTF_8);
        for (char each : ANSWER.toCharArray()) {
            printed.print(each);
        }
        printed.flush();
        return out;
    }

    @Test
    void nothingFollowsAFailedWrite() {
        for (int fullAt = 0; fullAt < ANSWER.length() / BUFFER; fullAt++) {
            FullForAWhile disk = new FullForAWhile(fullAt);
            assertNotNull(print(disk).failure());
            assertEquals(ANSWER.substring(0, fullAt * BUFFER + BUFFER / 2), disk.disk.toString(StandardCharsets.UTF_8));
        }
    }

    @Test
    void aWholeAnswer() {
        FullForAWhile disk = new FullForAWhile(-1);
        assertNull(print(disk).failure());
        assertEquals(ANSWER, disk.disk.toString(StandardCharsets.UTF_8));
    }
}
