package org.blktrack.track;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongSupplier;
import org.blktrack.linux.Disk;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ChangeId;
import org.blktrack.model.EpochBits;
import org.blktrack.model.ExitStatus;
import org.blktrack.model.Reason;
import org.blktrack.model.VolumeId;

/** Makes, finishes, deletes and merges checkpoints. Each step stands on disk before the next begins, so that a daemon that was killed goes on where it was. */
final class Checkpoints {
    private final Kernel kernel;
    private final VolumeStore store;
    private final CheckpointFiles files;
    private final LongSupplier clock;
    /** At what rest epochs were opened whose checkpoint could not be stored at once. */
    private final Map<ChangeId, String> unstored = new HashMap<>();

    Checkpoints(Kernel kernel, VolumeStore store, CheckpointFiles files, LongSupplier clock) {
        this.kernel = kernel;
        this.store = store;
        this.files = files;
        this.clock = clock;
    }

    /** Closes the volume's live epoch. @throws BlktrackException {@code TOO_MANY_CHECKPOINTS}, or what kept it from being stored */
    Created create(VolumeRecord record, int slot) {
        record.requireRoomForCheckpoint();
        ChangeId opened = ChangeId.random();
        VolumeRecord waiting = store.save(record.withPending(opened));
        Rotation rotation = kernel.checkpoint(slot, opened);
        long createdMs = clock.getAsLong();
        try {
            VolumeRecord stored = finish(waiting, opened, rotation.closed(), rotation.rest());
            createdMs = stored.checkpoints().get(stored.checkpoints().size() - 1).createdMs();
            compact(record.id());
        } catch (BlktrackException e) {
            // A backup program froze it, and waits for the id. The kernel holds the epoch until the next judgement.
            if (!e.reason().equals(Disk.FROZEN)) {
                throw e;
            }
            unstored.put(opened, rotation.rest());
        }
        return new Created(record, opened, record.live(), createdMs, rotation);
    }

    /** The kernel has rotated, and the record does not say so yet: store the closed epoch, then the record, then let go. */
    void finish(VolumeRecord record, KernelVolume volume) {
        ClosedEpoch closed = kernel.closed().stream()
                .filter(each -> each.slot() == volume.slot() && Objects.equals(each.epoch(), record.live()))
                .findFirst().orElse(null);
        if (closed == null) {
            // Stored and released by a daemon that died before it could say so; or lost, and then the missing file
            // speaks for itself whenever a range needs it.
            store.save(record.withCheckpoint(new Checkpoint(volume.epoch(), clock.getAsLong(), false, "none")));
            return;
        }
        finish(record, volume.epoch(), closed, unstored.getOrDefault(volume.epoch(), "none"));
        unstored.remove(volume.epoch());
    }

    private VolumeRecord finish(VolumeRecord record, ChangeId opened, ClosedEpoch closed, String rest) {
        long now = clock.getAsLong();
        try (EpochBits bits = kernel.open(closed)) {
            files.store(record, record.live(), opened, now, bits);
        }
        VolumeRecord stored = store.save(record.withCheckpoint(new Checkpoint(opened, now, false, rest)));
        kernel.releaseIfPossible(closed);
        return stored;
    }

    /** @throws BlktrackException {@code UNKNOWN_CHANGE_ID} */
    void delete(VolumeRecord record, String changeId) {
        int index = ChangeId.isValid(changeId) ? record.indexOf(new ChangeId(changeId)) : -1;
        if (index < 0) {
            throw new BlktrackException(ExitStatus.REFUSED, Reason.UNKNOWN_CHANGE_ID.name(),
                    "cannot delete checkpoint " + changeId + ": " + record.device() + " has none of that id",
                    "'blktrack checkpoint list " + record.device() + "' shows them.");
        }
        List<Checkpoint> chain = new ArrayList<>(record.checkpoints());
        chain.set(index, chain.get(index).asDeleted());
        store.save(record.withCheckpoints(chain));
        compact(record.id());
    }

    /**
     * Merges epochs around deleted checkpoints. The record already says that nobody may ask for them, so this may be cut
     * short anywhere, and done again.
     */
    void compact(VolumeId id) {
        try {
            compactNow(id);
        } catch (BlktrackException e) {
            // A full disk. What was asked for is done; the next checkpoint tries again.
            System.err.println("blktrackd: deleted checkpoints of " + store.find(id).device() + " are not merged: " + e.getMessage());
        }
    }

    private void compactNow(VolumeId id) {
        for (int index = 0; index < store.find(id).checkpoints().size() - 1; ) {
            VolumeRecord record = store.find(id);
            Checkpoint checkpoint = record.checkpoints().get(index);
            if (!checkpoint.deleted() || !merged(record, index)) {
                index++;
                continue;
            }
            List<Checkpoint> chain = new ArrayList<>(record.checkpoints());
            chain.remove(index);
            store.save(record.withCheckpoints(chain));
            files.delete(id, checkpoint.id());
        }
    }

    private boolean merged(VolumeRecord record, int index) {
        try {
            if (index > 0) {
                files.merge(record, index);
            }
            return true;
        } catch (BlktrackException e) {
            // A damaged file: whoever asks across it is told; the others are not concerned.
            System.err.println("blktrackd: " + e.getMessage());
            return false;
        }
    }

    /**
     * Lets go of closed epochs that no record waits for: of a series that ended, or stored already. Whoever rotates writes the pending id down
     * before, and takes it away when the epoch is stored: so what is yet to be stored is waited for at any moment.
     */
    void releaseLeftovers() {
        Set<ChangeId> waiting = new HashSet<>();
        for (VolumeRecord record : store.all()) {
            if (record.pending() != null && record.live() != null) {
                waiting.add(record.live());
            }
        }
        List<ClosedEpoch> closed = kernel.closed();
        closed.stream().filter(epoch -> !waiting.contains(epoch.epoch())).forEach(kernel::release);
    }
}
