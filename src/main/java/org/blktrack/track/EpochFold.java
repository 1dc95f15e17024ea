package org.blktrack.track;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.blktrack.linux.Disk;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.EpochBits;
import org.blktrack.model.ExitStatus;
import org.blktrack.model.IoCause;
import org.blktrack.table.EpochFile;
import org.blktrack.table.EpochFileWriter;
import org.blktrack.table.EpochHeader;

/**
 * Many epochs as few. Whenever {@link #MOST} have come together they are written as one into a file without a name, and so are as many of
 * those, level by level: a chain of any length takes few descriptors and little memory, and each bit is written once a level.
 */
final class EpochFold implements AutoCloseable {
    /** Open files a level. Chains that are no longer are not folded at all. */
    static final int MOST = 32;

    private final VolumeRecord record;
    private final Path folder;
    private final Disk disk;
    private final List<List<EpochBits>> levels = new ArrayList<>();

    /** @param folder for the files without a name @param disk it is on */
    EpochFold(VolumeRecord record, Path folder, Disk disk) {
        this.record = record;
        this.folder = folder;
        this.disk = disk;
    }

    /** @param epoch closed with the fold, also where this fails */
    void add(EpochBits epoch) {
        add(epoch, 0);
    }

    private void add(EpochBits epoch, int level) {
        if (levels.size() == level) {
            levels.add(new ArrayList<>());
        }
        List<EpochBits> same = levels.get(level);
        same.add(epoch);
        if (same.size() > MOST) {
            List<EpochBits> whole = List.copyOf(same.subList(0, MOST));
            EpochBits folded = folded(whole);
            whole.forEach(EpochBits::close);
            same.removeAll(whole);
            add(folded, level + 1);
        }
    }

    private EpochBits folded(List<EpochBits> epochs) {
        // Nobody ever finds it under this name; what a crash leaves of it is swept with the other files that no record names.
        Path path = folder.resolve("fold-" + UUID.randomUUID() + ".new");
        FileChannel file = null;
        disk.requireThawed();
        try {
            file = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE,
                    StandardOpenOption.DELETE_ON_CLOSE);
            EpochHeader header = new EpochHeader(record.id(), record.series(), record.live(), record.live(), record.granularity(),
                    record.sizeBytes(), 0);
            // Not closed: its epochs stay the fold's, whatever happens.
            @SuppressWarnings("resource")
            EpochUnion union = new EpochUnion(header.words(), epochs);
            EpochFileWriter.write(file, header, union);
        } catch (IOException e) {
            close(file);
            throw new BlktrackException(ExitStatus.FAILED, IoCause.isNoSpace(e) ? "DISK_FULL" : "STATE_NOT_WRITABLE",
                    "cannot put the epochs of " + record.device() + " together in " + folder + ": " + IoCause.of(e),
                    IoCause.remedy(e, folder) + " A range of fewer than " + MOST + " checkpoints needs no room.", e);
        } catch (RuntimeException e) {
            close(file);
            throw e;
        }
        return EpochFile.open(path, file);
    }

    private static void close(FileChannel file) {
        try {
            if (file != null) {
                file.close();
            }
        } catch (IOException e) {
            // It has no name, and is given up.
        }
    }

    /** All that was added; the caller closes it, and not the fold. */
    List<EpochBits> all() {
        return levels.stream().flatMap(List::stream).toList();
    }

    @Override
    public void close() {
        all().forEach(EpochBits::close);
    }
}
