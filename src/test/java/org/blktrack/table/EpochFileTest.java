package org.blktrack.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.BitSet;
import java.util.Random;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ChangeId;
import org.blktrack.model.ExitStatus;
import org.blktrack.model.Granularity;
import org.blktrack.model.SeriesId;
import org.blktrack.model.VolumeId;
import org.blktrack.track.HeapEpoch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class EpochFileTest {
    private static final Granularity GRANULE = new Granularity(4096);

    @TempDir
    Path folder;

    private static EpochHeader header(long sizeBytes) {
        return new EpochHeader(new VolumeId("partuuid:c0ffee-ä"), SeriesId.random(), ChangeId.random(), ChangeId.random(), GRANULE, sizeBytes, 1234567890123L);
    }

    private Path write(EpochHeader header, BitSet data, BitSet discarded) throws IOException {
        Path path = folder.resolve("x.epoch");
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            EpochFileWriter.write(file, header, new HeapEpoch(header.words(), data, discarded));
        }
        return path;
    }

    /** Chunks of every shape: empty, full, sparse, in runs, random. */
    private static BitSet shaped(Random random, int granules) {
        BitSet bits = new BitSet();
        for (int first = 0; first < granules; first += 65536) {
            int end = Math.min(granules, first + 65536);
            switch (random.nextInt(5)) {
                case 0 -> { }
                case 1 -> bits.set(first, end);
                case 2 -> random.ints(random.nextInt(300), first, end).forEach(bits::set);
                case 3 -> {
                    for (int at = first; at < end; at += 1 + random.nextInt(2000)) {
                        bits.set(at, Math.min(end, at + 1 + random.nextInt(500)));
                    }
                }
                default -> random.ints(20000 + random.nextInt(40000), first, end).forEach(bits::set);
            }
        }
        return bits;
    }

    @Test
    void readsBackWhatWasWritten() throws IOException {
        for (int seed = 0; seed < 40; seed++) {
            Random random = new Random(seed);
            int granules = 1 + random.nextInt(400_000);
            EpochHeader header = header((long) granules * GRANULE.bytes() - random.nextInt(4096));
            BitSet data = shaped(random, granules);
            BitSet discarded = shaped(random, granules);
            try (EpochFile file = EpochFile.open(write(header, data, discarded))) {
                assertEquals(header, file.header());
                BitSet[] read = HeapEpoch.read(file);
                discarded.andNot(data);
                assertEquals(data, read[0], "seed " + seed);
                assertEquals(discarded, read[1], "seed " + seed);
                assertEquals(data.cardinality(), file.dataGranules());
                assertEquals(discarded.cardinality(), file.discardedGranules());
            }
        }
    }

    @Test
    void anyFlippedByteIsFound() throws IOException {
        BitSet data = new BitSet();
        data.set(3);
        data.set(70000, 70400);
        data.set(65536 * 2, 65536 * 3);
        BitSet discarded = new BitSet();
        discarded.set(100, 200);
        Path path = write(header(300_000L * 4096), data, discarded);
        byte[] good = Files.readAllBytes(path);
        for (int at = 0; at < good.length; at++) {
            for (int flip : new int[] {1, 0x80, 0xff}) {
                byte[] bad = good.clone();
                bad[at] ^= (byte) flip;
                assertCorrupt(path, bad, "byte " + at + " flipped");
            }
        }
    }

    @Test
    void anyTruncationAndAnyAdditionIsFound() throws IOException {
        BitSet data = new BitSet();
        data.set(5, 9);
        Path path = write(header(1000L * 4096), data, new BitSet());
        byte[] good = Files.readAllBytes(path);
        for (int length = 0; length < good.length; length++) {
            assertCorrupt(path, java.util.Arrays.copyOf(good, length), "cut to " + length);
        }
        assertCorrupt(path, java.util.Arrays.copyOf(good, good.length + 1), "a byte too long");
        Files.delete(path);
        assertEquals("CHECKPOINT_CORRUPT", assertThrows(BlktrackException.class, () -> EpochFile.open(path)).reason());
    }

    private static void assertCorrupt(Path path, byte[] content, String what) throws IOException {
        Files.write(path, content);
        assertEquals("CHECKPOINT_CORRUPT", assertThrows(BlktrackException.class, () -> EpochFile.open(path).close(), what).reason());
    }

    private static void assertNotReadable(Executable reading) {
        BlktrackException failure = assertThrows(BlktrackException.class, reading);
        assertEquals("STATE_NOT_READABLE", failure.reason(), failure.getMessage());
        assertEquals(ExitStatus.FAILED, failure.status());
    }

    /** Whoever is told of damage deletes checkpoints; a limit of open files or a disk that hangs for once is none. */
    @Test
    void whatCanNotBeReadNowIsNotCalledDamaged() throws IOException {
        Path loop = Files.createSymbolicLink(folder.resolve("loop.epoch"), Path.of("loop.epoch"));
        assertNotReadable(() -> EpochFile.open(loop));
        // Can be opened, and not be read.
        Path unreadable = Files.createDirectory(folder.resolve("folder.epoch"));
        assertNotReadable(() -> EpochFile.open(unreadable));
        BitSet data = new BitSet();
        new Random(1).ints(200_000, 0, 1_000_000).forEach(data::set);
        FileChannel channel = FileChannel.open(write(header(1_000_000L * 4096), data, new BitSet()));
        try (EpochFile file = EpochFile.open(folder.resolve("x.epoch"), channel)) {
            channel.close();
            assertNotReadable(() -> HeapEpoch.read(file));
        }
    }

    /** The choice of a format of its own is argued with its size, too. */
    @Test
    void isNoLargerThanRoaring() throws IOException {
        Random random = new Random(7);
        int granules = 1 << 22;
        BitSet data = new BitSet();
        random.ints(granules / 100, 0, granules).forEach(data::set);
        data.set(1 << 20, 1 << 21);
        org.roaringbitmap.RoaringBitmap roaring = org.roaringbitmap.RoaringBitmap.bitmapOf(data.stream().toArray());
        roaring.runOptimize();
        long own = Files.size(write(header((long) granules * 4096), data, new BitSet()));
        System.out.println("own format " + own + " bytes, Roaring " + roaring.serializedSizeInBytes());
        assertEquals(true, own <= roaring.serializedSizeInBytes() * 1.05 + 200);
    }
}
