package org.blktrack.track;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.blktrack.linux.Disk;
import org.blktrack.linux.WriteProbe;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ChangeId;
import org.blktrack.model.EpochBits;
import org.blktrack.model.Granularity;
import org.blktrack.model.SeriesId;
import org.blktrack.model.VolumeId;
import org.blktrack.table.EpochFileWriter;
import org.blktrack.table.EpochHeader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A chain may have thousands of epochs, and the daemon 192 MiB of heap and a limit of open files. */
class LongChainTest {
    private static final Granularity GRANULE = new Granularity(4096);
    private static final int GRANULES = 200_000;

    @TempDir
    Path folder;

    /** Epoch <i>n</i> writes granule 7 <i>n</i> and discards its two neighbours. */
    private VolumeRecord chain(CheckpointFiles files, int epochs) throws IOException {
        List<Checkpoint> chain = new ArrayList<>();
        for (int i = 0; i <= epochs; i++) {
            chain.add(new Checkpoint(ChangeId.random(), i, false, "none"));
        }
        VolumeRecord record = new VolumeRecord(new VolumeId("partuuid:long"), "/dev/long", GRANULE, (long) GRANULES * GRANULE.bytes(), true, false,
                SeriesId.random(), 0, chain, null, List.of());
        Files.createDirectories(files.path(record.id(), record.live()).getParent());
        for (int i = 0; i < epochs; i++) {
            write(files, record, i);
        }
        return record;
    }

    private static void write(CheckpointFiles files, VolumeRecord record, int index) throws IOException {
        ChangeId since = record.checkpoints().get(index).id();
        EpochHeader header = new EpochHeader(record.id(), record.series(), since, record.checkpoints().get(index + 1).id(), GRANULE,
                record.sizeBytes(), 0);
        BitSet data = new BitSet();
        data.set(7 * index % GRANULES);
        BitSet discarded = new BitSet();
        discarded.set(7 * index % GRANULES, Math.min(GRANULES, 7 * index % GRANULES + 3));
        try (FileChannel file = FileChannel.open(files.path(record.id(), since), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            EpochFileWriter.write(file, header, new HeapEpoch(header.words(), data, discarded));
        }
    }

    private static int openFiles() {
        return new File("/proc/self/fd").list().length;
    }

    @Test
    void tenThousandEpochsTakeFewFiles() throws IOException {
        CheckpointFiles files = new CheckpointFiles(folder, new Disk());
        int epochs = 10_000;
        VolumeRecord record = chain(files, epochs);
        int before = openFiles();
        try (EpochUnion union = new EpochUnion(GRANULE.words(record.sizeBytes()), files.open(record, 0, epochs))) {
            assertTrue(openFiles() - before <= 4 * EpochFold.MOST, openFiles() - before + " files are open");
            BitSet[] read = HeapEpoch.read(union);
            for (int i = 0; i < epochs; i++) {
                assertTrue(read[0].get(7 * i) && !read[0].get(7 * i + 1) && read[1].get(7 * i + 1) && read[1].get(7 * i + 2) && !read[1].get(7 * i + 3),
                        "epoch " + i);
            }
            assertEquals(epochs, read[0].cardinality());
        }
        assertEquals(before, openFiles());
        assertEquals(epochs, fileCount());
    }

    private long fileCount() throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).count();
        }
    }

    /** Whoever froze the file system may be waiting for us. */
    @Test
    void nothingIsFoldedWhereItIsFrozen() throws Exception {
        CountDownLatch thawed = new CountDownLatch(1);
        VolumeRecord record = chain(new CheckpointFiles(folder, new Disk()), EpochFold.MOST + 1);
        CheckpointFiles frozen = new CheckpointFiles(folder, new Disk(new WriteProbe(() -> {
            try {
                thawed.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        })));
        int before = openFiles();
        assertEquals("STATE_FROZEN", assertThrows(BlktrackException.class, () -> frozen.open(record, 0, EpochFold.MOST + 1)).reason());
        assertEquals(before, openFiles());
        frozen.open(record, 0, EpochFold.MOST).forEach(EpochBits::close);
        thawed.countDown();
        frozen.open(record, 0, EpochFold.MOST + 1).forEach(EpochBits::close);
    }

    @Test
    void oneDamagedFileOfManySpoilsTheAnswerAndLeavesNothingOpen() throws IOException {
        CheckpointFiles files = new CheckpointFiles(folder, new Disk());
        VolumeRecord record = chain(files, 200);
        int before = openFiles();
        for (int damaged : new int[] {0, 100, 199}) {
            Path path = files.path(record.id(), record.checkpoints().get(damaged).id());
            byte[] good = Files.readAllBytes(path);
            byte[] bad = good.clone();
            bad[bad.length / 2] ^= 1;
            Files.write(path, bad);
            assertEquals("CHECKPOINT_CORRUPT", assertThrows(BlktrackException.class, () -> files.open(record, 0, 200)).reason());
            Files.write(path, good);
        }
        assertEquals(before, openFiles());
        List<EpochBits> sound = files.open(record, 0, 200);
        assertFalse(sound.isEmpty());
        sound.forEach(EpochBits::close);
    }
}
