package org.blktrack.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.blktrack.model.BlktrackException;
import org.blktrack.table.TrackingTable.State;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Reads the tables that the helper's own code wrote (src/test/c/test_golden.c holds the files in step with it). */
class TableReaderTest {
    private static final Path GOLDEN = Path.of("src/test/resources/table");

    @TempDir
    private Path folder;

    @Test
    void aCleanTableIsReadWhole() {
        TrackingTable table = TableReader.read(GOLDEN.resolve("clean.table"));
        assertEquals(State.CLEAN, table.state());
        assertTrue(table.isSound());
        assertEquals("676f6c64656e2d757569642d30303031", table.uuid());
        assertEquals(4, table.sequence());
        assertEquals(1, table.starts());
        assertEquals(1795000000L, table.writtenAt());
        assertEquals(2, table.entries().size());

        TableEntry first = table.entries().get(0);
        assertEquals("partuuid:11112222333344445555666677778888", first.identity());
        assertEquals(100L << 20, first.sizeBytes());
        assertEquals(65536, first.granuleBytes());
        assertFalse(first.trustOffline());
        assertEquals("000102030405060708090a0b0c0d0e0f", first.series());
        assertEquals("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff", first.epoch());
        assertEquals("", first.reason());
        assertEquals(4, first.dataGranules());
        assertEquals(8, first.discardGranules());
        assertTrue(first.fingerprint().contains("ext4.mount_count=3"));

        TableEntry second = table.entries().get(1);
        assertTrue(second.trustOffline());
        assertEquals("AUDIT_MISMATCH", second.reason());
        assertEquals("8 sectors were never counted", second.evidence());
        assertEquals(0, second.discardGranules());
    }

    @Test
    @Timeout(10)
    void whatIsNoFileIsRefusedAndNotWaitedFor() throws Exception {
        Path pipe = folder.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        for (Path path : new Path[] {pipe, folder, folder.resolve("missing")}) {
            BlktrackException refusal = assertThrows(BlktrackException.class, () -> TableReader.read(path));
            assertEquals("TABLE_UNREADABLE", refusal.reason());
            assertTrue(refusal.getMessage().contains(path.toString()), refusal.getMessage());
        }
    }

    @Test
    void aDirtyTableStillListsItsVolumes() {
        TrackingTable table = TableReader.read(GOLDEN.resolve("dirty.table"));
        assertEquals(State.DIRTY, table.state());
        assertTrue(table.isSound());
        assertEquals(2, table.entries().size());
        assertEquals(-1, table.entries().get(0).dataGranules());
    }

    @Test
    void aDamagedPageIsNamedWithItsPlace() throws IOException {
        byte[] bytes = Files.readAllBytes(GOLDEN.resolve("clean.table"));
        int dataPage = (2 + 2 * 4 + 1) * 4096;      // headers, two entries, the first volume's sum page
        bytes[dataPage] ^= 1;
        TrackingTable table = TableReader.read(write(bytes));
        assertEquals(State.CORRUPT, table.state());
        assertEquals(dataPage, table.flaws().get(0).offsetBytes());
        assertTrue(table.flaws().get(0).what().contains("page 0 of the data bitmap of partuuid:"));
        assertEquals(2, table.entries().size());
    }

    /** What a multiple of the polynomial flips, no checksum shows: 33 bits, where none was set. */
    @Test
    void aPageWithItsChecksumButAnotherCountIsRefused() throws IOException {
        byte[] bytes = Files.readAllBytes(GOLDEN.resolve("clean.table"));
        int dataPage = (2 + 2 * 4 + 1) * 4096;
        long polynomial = 1 | 0x82f63b78L << 1;
        for (int at = 0; at < 5; at++) {
            bytes[dataPage + 100 + at] ^= (byte) (polynomial >> 8 * at);
        }
        TrackingTable table = TableReader.read(write(bytes));
        assertEquals(State.CORRUPT, table.state());
        assertTrue(table.flaws().get(0).what().contains("another number of set bits"), table.flaws().get(0).what());
    }

    @Test
    void aTornDirtyMarkIsADirtyTable() throws IOException {
        byte[] bytes = Files.readAllBytes(GOLDEN.resolve("clean.table"));
        byte[] dirty = Files.readAllBytes(GOLDEN.resolve("dirty.table"));
        int changed = 0;
        for (int slot = 0; slot < 2; slot++) {
            if (!java.util.Arrays.equals(bytes, slot * 4096, slot * 4096 + 512, dirty, slot * 4096, slot * 4096 + 512)) {
                java.util.Arrays.fill(bytes, slot * 4096, slot * 4096 + 512, (byte) 0xa5);
                changed++;
            }
        }
        assertEquals(1, changed, "the clean mark goes to one slot");
        TrackingTable table = TableReader.read(write(bytes));
        assertEquals(State.DIRTY, table.state());
        assertTrue(table.isSound());
        assertEquals(1, table.warnings().size());
    }

    @Test
    void whatIsDamagedInADirtyTableIsNotHidden() throws IOException {
        byte[] bytes = Files.readAllBytes(GOLDEN.resolve("dirty.table"));
        bytes[2 * 4096 + 130] ^= 1;     // the first entry's identity
        TrackingTable table = TableReader.read(write(bytes));
        assertEquals(State.DIRTY, table.state());
        assertTrue(table.isSound(), "nothing is asked of a dirty table");
        assertEquals(1, table.entries().size());
        assertEquals(2 * 4096, table.warnings().get(0).offsetBytes());
        assertTrue(table.warnings().get(0).what().contains("entry 0"), table.warnings().toString());
    }

    /** Whatever is damaged: no exception but a report, and a table that still counts as clean holds exactly the saved bits. */
    @Test
    void damageIsReportedOrHarmless() throws IOException {
        byte[] sound = Files.readAllBytes(GOLDEN.resolve("clean.table"));
        Random random = new Random(1);
        for (int turn = 0; turn < 3000; turn++) {
            byte[] bytes = turn % 20 == 0 ? java.util.Arrays.copyOf(sound, random.nextInt(sound.length)) : sound.clone();
            for (int change = random.nextInt(3); change >= 0 && bytes.length > 0; change--) {
                bytes[random.nextInt(random.nextBoolean() ? Math.min(bytes.length, 512) : bytes.length)] = (byte) random.nextInt();
            }
            TrackingTable table = TableReader.read(write(bytes));
            if (table.state() == State.CLEAN) {
                assertEquals(4, table.entries().get(0).dataGranules());
                assertEquals(8, table.entries().get(0).discardGranules());
                assertEquals(4, table.entries().get(1).dataGranules());
            } else if (table.state() == State.CORRUPT) {
                assertFalse(table.flaws().isEmpty());
            }
        }
    }

    private Path write(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("table"), bytes);
    }
}
