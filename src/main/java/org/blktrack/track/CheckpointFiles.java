package org.blktrack.track;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.blktrack.linux.Disk;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ChangeId;
import org.blktrack.model.EpochBits;
import org.blktrack.model.ExitStatus;
import org.blktrack.model.Reason;
import org.blktrack.model.VolumeId;
import org.blktrack.table.EpochFile;
import org.blktrack.table.EpochFileWriter;
import org.blktrack.table.EpochHeader;

/**
 * The closed epochs of every volume as files: {@code VOLUME/SINCE.epoch}, named by the change id that opened the epoch. The record says
 * which files count; a file that it does not name is left over from an interrupted step.
 */
final class CheckpointFiles {
    private static final String SUFFIX = ".epoch";

    private final Path folder;
    private final Disk disk;

    CheckpointFiles(Path folder, Disk disk) {
        this.folder = folder;
        this.disk = disk;
    }

    Path path(VolumeId volume, ChangeId since) {
        return folder.resolve(volume.fileName()).resolve(since.hex() + SUFFIX);
    }

    /** Stores the epoch that a record's live change id opened and another closed. Durable when it returns. */
    void store(VolumeRecord record, ChangeId since, ChangeId until, long closedMs, EpochBits bits) {
        disk.makeFolder(folder);
        disk.makeFolder(folder.resolve(record.id().fileName()));
        EpochHeader header = new EpochHeader(record.id(), record.series(), since, until, record.granularity(),
                record.sizeBytes(), closedMs);
        disk.write(path(record.id(), since), file -> EpochFileWriter.write(file, header, bits));
    }

    /** Whether a whole file holds exactly that epoch of the record's series. */
    boolean holds(VolumeRecord record, ChangeId since, ChangeId until) {
        try (EpochFile file = EpochFile.open(path(record.id(), since))) {
            return belongs(file.header(), record) && file.header().until().equals(until);
        } catch (BlktrackException unusable) {
            return false;
        }
    }

    /**
     * Every epoch from one checkpoint to another, each checked to its last byte. However long the chain, few files are open at once:
     * what there is more of is folded.
     *
     * @param from index among the record's checkpoints
     * @param to likewise; not before {@code from}
     * @throws BlktrackException {@code CHECKPOINT_CORRUPT}; another name where a file can't be read now, or folding failed
     */
    List<EpochBits> open(VolumeRecord record, int from, int to) {
        EpochFold epochs = new EpochFold(record, folder.resolve(record.id().fileName()), disk);
        try {
            for (int at = from; at < to; ) {
                Path path = path(record.id(), record.checkpoints().get(at).id());
                EpochFile file = EpochFile.open(path);
                epochs.add(file);
                int next = endOf(record, at, file.header(), path);
                if (next > to) {
                    throw foreign(path, "reaches beyond the checkpoint asked for");
                }
                at = next;
            }
            return epochs.all();
        } catch (RuntimeException e) {
            epochs.close();
            throw e;
        }
    }

    /**
     * Where a file's epoch ends. A merge that was interrupted left a file that already reaches over deleted
     * checkpoints, which the record still names.
     */
    private int endOf(VolumeRecord record, int at, EpochHeader header, Path path) {
        List<Checkpoint> chain = record.checkpoints();
        if (!belongs(header, record) || !header.since().equals(chain.get(at).id())) {
            throw foreign(path, "belongs to another volume, series or checkpoint");
        }
        for (int end = at + 1; end < chain.size(); end++) {
            if (chain.get(end).id().equals(header.until())) {
                return end;
            }
            if (!chain.get(end).deleted()) {
                break;
            }
        }
        throw foreign(path, "ends with change id " + header.until() + ", which is not the next one");
    }

    private static boolean belongs(EpochHeader header, VolumeRecord record) {
        return header.volume().equals(record.id()) && header.series().equals(record.series())
                && header.granularity().equals(record.granularity()) && header.sizeBytes() == record.sizeBytes();
    }

    private static BlktrackException foreign(Path path, String why) {
        return new BlktrackException(ExitStatus.UNTRUSTED, Reason.CHECKPOINT_CORRUPT.name(),
                "checkpoint file " + path + " " + why, "Make a full backup, or compare the whole volume with the last one.");
    }

    /**
     * Merges the two closed epochs around a deleted checkpoint into one file, in the first one's place.
     *
     * @param index of the deleted checkpoint: neither the first nor the last
     */
    void merge(VolumeRecord record, int index) {
        List<Checkpoint> chain = record.checkpoints();
        ChangeId before = chain.get(index - 1).id();
        ChangeId after = chain.get(index + 1).id();
        if (holds(record, before, after)) {
            return;
        }
        List<EpochBits> epochs = open(record, index - 1, index + 1);
        try (EpochUnion union = new EpochUnion(record.granularity().words(record.sizeBytes()), epochs)) {
            store(record, before, after, chain.get(index + 1).createdMs(), union);
        }
    }

    void delete(VolumeId volume, ChangeId since) {
        disk.delete(path(volume, since));
    }

    /** Removes what the record does not name. */
    void sweep(VolumeRecord record) {
        try {
            sweepNow(record);
        } catch (BlktrackException e) {
            // What is left over does no harm, and the next start sweeps again.
            System.err.println("blktrackd: what is left over of " + record.device() + " stays for now: " + e.getMessage());
        }
    }

    private void sweepNow(VolumeRecord record) {
        Set<String> named = new HashSet<>();
        record.checkpoints().forEach(checkpoint -> named.add(checkpoint.id().hex() + SUFFIX));
        Path files = folder.resolve(record.id().fileName());
        if (named.isEmpty()) {
            disk.deleteFolder(files);
            return;
        }
        if (!Files.isDirectory(files)) {
            return;
        }
        try (DirectoryStream<Path> found = Files.newDirectoryStream(files)) {
            for (Path file : found) {
                if (!named.contains(file.getFileName().toString())) {
                    disk.delete(file);
                }
            }
        } catch (IOException e) {
            System.err.println("blktrackd: cannot look through " + files + ": " + e.getMessage());
        }
    }
}
