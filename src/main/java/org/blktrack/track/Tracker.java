package org.blktrack.track;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.blktrack.linux.Disk;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ChangeId;
import org.blktrack.model.EpochBits;
import org.blktrack.model.ExitStatus;
import org.blktrack.model.Places;
import org.blktrack.model.Reason;
import org.blktrack.model.Trust;
import org.blktrack.model.VolumeId;

/**
 * Volumes, their series and their checkpoints: everything a person or a program can ask for. One question at a time, and one that is not
 * begun soon is {@code BUSY}; each judges the record first.
 */
public final class Tracker {
    private static final long LOCK_WAIT_S = 8;

    private final Kernel kernel;
    private final VolumeStore store;
    private final CheckpointFiles files;
    private final Judge judge;
    private final Finder finder;
    private final Previews previews;
    private final Disk disk;
    private final LongSupplier clock;
    private final ReentrantLock lock = new ReentrantLock(true);
    /** What each slot's volume had counted when the table was last refreshed. */
    private final Map<Integer, List<Long>> lastCounted = new HashMap<>();

    public Tracker(Kernel kernel, DeviceNames names, Places places, Disk disk, long memoryBytes, LongSupplier clock) {
        this.kernel = kernel;
        this.clock = clock;
        this.disk = disk;
        store = new VolumeStore(places.volumes(), places.runDir().resolve("volumes"), disk);
        files = new CheckpointFiles(places.checkpoints(), disk);
        judge = new Judge(kernel, store, files, disk, clock);
        finder = new Finder(kernel, store, names);
        previews = new Previews(kernel, memoryBytes);
    }

    /** A checkpoint that was made. @param record before it @param rotation what it did in the kernel */
    public record Created(VolumeRecord record, ChangeId id, ChangeId previous, long createdMs, Rotation rotation) {}

    /**
     * Brings records and kernel in line after a start, and takes up again what the boot did not. Then the table is refreshed: that finds out
     * whether the boot started from an old copy of it, and says so, once, of volumes that nothing else is said of.
     */
    public void start() {
        locked(() -> {
            List<AuditFigures> audit = kernel.audit();
            judge.judge(audit);
            try {
                kernel.refreshTable();
            } catch (BlktrackException e) {
                // Tried again at every beat; what is tracked can be judged without it.
                System.err.println("blktrackd: the tracking table is not refreshed: " + e.getMessage());
            }
            Judge.Verdict verdict = judge.judgeAgain(audit);
            judge.releaseLeftovers();
            store.all().forEach(record -> {
                if (record.tracked() && !verdict.volumes().containsKey(record.id())) {
                    takeUpAgain(record);
                }
                compact(record.id());
            });
            store.all().forEach(files::sweep);
            forgetNameless();
            return null;
        });
    }

    /** What nothing names in another boot comes back as another volume: of each device the last one is kept, to explain its ids. */
    private void forgetNameless() {
        Set<String> kept = new HashSet<>();
        store.all().stream().filter(record -> record.id().endsWithTheBoot() && !record.tracked())
                .sorted(Comparator.comparingLong((VolumeRecord record) -> record.lastEnded() == null ? 0 : record.lastEnded().endedMs()).reversed())
                .filter(record -> !kept.add(record.device()))
                .forEach(record -> {
                    try {
                        store.forget(record.id());
                    } catch (BlktrackException e) {
                        System.err.println("blktrackd: " + e.getMessage()); // the next start tries again
                    }
                });
    }

    /** Before the daemon ends: what a frozen file system kept from being stored goes there now, if it is thawed. */
    public void bringHome() {
        locked(() -> {
            if (store.hasAside()) {
                judge.judge();
            }
            return null;
        });
    }

    /**
     * Of a volume that the kernel does not track: where it is there, its writes were marked nowhere, and its record begins anew. It ends before
     * that is tried: otherwise it would wait on where it fails, and go on with what a start hook takes over later.
     */
    private void takeUpAgain(VolumeRecord record) {
        if (record.id().endsWithTheBoot()) {
            store.save(record.withTracked(false));
            return;
        }
        try {
            // The second look: a start hook may have taken it over since the judgement, and then its record is whole.
            if (kernel.probe(record.device()).id().equals(record.id()) && find(record.id()) == null) {
                VolumeRecord past = store.save(past(record, "the kernel did not track it when blktrackd started"));
                KernelVolume now = kernel.enable(record.device(), record.granularity().bytes(), record.trustOffline(), false);
                store.save(past.begun(now, clock.getAsLong()));
            }
        } catch (BlktrackException e) {
            System.err.println("blktrackd: " + record.device() + " is not tracked: " + e.getMessage());
        }
    }

    /** The record without a series. */
    private VolumeRecord past(VolumeRecord record, String evidence) {
        return record.series() == null ? record : record.ended(null, Trust.unknown(Reason.NOT_TRACKED_SINCE, evidence), clock.getAsLong());
    }

    /** What has to be done now and then. @return faults, for the log */
    public List<BlktrackException> tick() {
        return locked(() -> {
            disk.requireThawed(); // the helper, too, writes there
            List<BlktrackException> faults = new ArrayList<>();
            List<AuditFigures> audit = kernel.audit();
            Judge.Verdict verdict = judge.judge(audit);
            Map<Integer, List<Long>> counted = new HashMap<>();
            audit.forEach(row -> counted.put(row.slot(), List.of(row.countedWritten(), row.countedDiscarded())));
            if (!counted.equals(lastCounted)) {
                try {
                    kernel.refreshTable();
                    lastCounted.clear();
                    lastCounted.putAll(counted);
                    verdict = judge.judgeAgain(audit); // it may have found that a record is not to be trusted
                } catch (BlktrackException e) {
                    faults.add(e);
                }
            }
            judge.releaseLeftovers();
            faults.addAll(verdict.faults());
            return faults;
        });
    }

    public VolumeView enable(String device, int granuleBytes, boolean trustOffline, boolean requirePersistent) {
        return locked(() -> {
            disk.requireThawed();
            Judge.Verdict verdict = judge.judge();
            KernelVolume tracked = finder.inKernel(device, verdict.volumes());
            if (tracked != null) {
                throw new BlktrackException(ExitStatus.REFUSED, "ALREADY_TRACKED", device + " is tracked already, as " + tracked.device(),
                        "To change its settings, 'blktrack disable " + device + "' first; that gives its record up.");
            }
            int slot = kernel.enable(device, granuleBytes, trustOffline, requirePersistent).slot();
            // Beside the others, a volume may turn out to share its identity with one of them.
            KernelVolume volume = kernel.volumes().stream().filter(each -> each.slot() == slot).findFirst().orElseThrow();
            VolumeRecord past = store.find(volume.id());
            VolumeRecord record = store.save(past(past == null ? VolumeRecord.of(volume) : past, "enabled anew").begun(volume, clock.getAsLong()));
            files.sweep(record);
            return new VolumeView(record, volume, null, null, -1, -1);
        });
    }

    /** @return the record that was given up */
    public VolumeRecord disable(String device) {
        return locked(() -> {
            disk.requireThawed();
            VolumeRecord record = finder.tracked(device, judge.judge());
            KernelVolume volume = find(record.id());
            store.save(past(record, "disabled").withTracked(false));
            if (volume != null) {
                kernel.disable(volume.slot());
            } else if (!record.id().endsWithTheBoot()) {
                kernel.withdraw(record.id());
            }
            files.sweep(store.find(record.id()));
            return record;
        });
    }

    /** @param device null: all */
    public List<VolumeView> status(String device) {
        return locked(() -> {
            Judge.Verdict verdict = judge.judge();
            List<VolumeRecord> wanted = device == null ? store.all().stream().filter(VolumeRecord::tracked).toList()
                    : List.of(finder.tracked(device, verdict));
            return wanted.stream().map(record -> view(record, verdict)).toList();
        });
    }

    private VolumeView view(VolumeRecord record, Judge.Verdict verdict) {
        KernelVolume volume = verdict.volumes().get(record.id());
        Trust doubt = verdict.doubt(record.id());
        long[] marked = {-1, -1};
        // While a rotation is not recorded, the kernel's live epoch is not that of the record's live change id.
        if (volume != null && volume.epoch().equals(record.live())) {
            try (EpochBits bits = previews.copy(volume)) {
                marked = Marked.count(bits);
            } catch (BlktrackException e) {
                doubt = doubt == null ? Trust.unknown(Reason.EPOCH_UNREADABLE, e.getMessage()) : doubt;
            }
        }
        return new VolumeView(record, volume, verdict.audit().get(record.id()), doubt, marked[0], marked[1]);
    }

    public Created createCheckpoint(String device) {
        return locked(() -> {
            VolumeRecord record = finder.answerable(device, judge.judge());
            record.requireRoomForCheckpoint();
            KernelVolume volume = find(record.id());
            ChangeId previous = record.live();
            ChangeId opened = ChangeId.random();
            VolumeRecord waiting = store.save(record.withPending(opened));
            Rotation rotation = kernel.checkpoint(volume.slot(), opened);
            long createdMs = clock.getAsLong();
            try {
                VolumeRecord stored = judge.finish(waiting, opened, rotation.closed(), rotation.rest());
                createdMs = stored.checkpoints().get(stored.checkpoints().size() - 1).createdMs();
                compact(record.id());
            } catch (BlktrackException e) {
                // A backup program froze it, and waits for the id. The kernel holds the epoch until the next judgement.
                if (!e.reason().equals(Disk.FROZEN)) {
                    throw e;
                }
                judge.finishLater(opened, rotation.rest());
            }
            return new Created(record, opened, previous, createdMs, rotation);
        });
    }

    /** The checkpoints that can be asked for, oldest first. */
    public VolumeRecord checkpoints(String device) {
        return locked(() -> finder.tracked(device, judge.judge()));
    }

    public void deleteCheckpoint(String device, String changeId) {
        locked(() -> {
            VolumeRecord record = finder.tracked(device, judge.judge());
            int index = ChangeId.isValid(changeId) ? record.indexOf(new ChangeId(changeId)) : -1;
            if (index < 0) {
                throw new BlktrackException(ExitStatus.REFUSED, Reason.UNKNOWN_CHANGE_ID.name(),
                        "cannot delete checkpoint " + changeId + ": " + record.device() + " has none of that id",
                        "'blktrack checkpoint list " + device + "' shows them.");
            }
            List<Checkpoint> chain = new ArrayList<>(record.checkpoints());
            chain.set(index, chain.get(index).asDeleted());
            store.save(record.withCheckpoints(chain));
            compact(record.id());
            return null;
        });
    }

    /**
     * Merges epochs around deleted checkpoints. The record already says that nobody may ask for them, so this may be cut
     * short anywhere, and done again.
     */
    private void compact(VolumeId id) {
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
     * What changed between two checkpoints. The bits are taken before the record is judged, so that the judgement covers all of them.
     *
     * @param until null: up to now
     */
    public Answer changes(String device, String since, String until) {
        return locked(() -> {
            Map<VolumeId, KernelVolume> volumes = byId(kernel.volumes());
            KernelVolume before = finder.inKernel(device, volumes);
            EpochBits live = before == null || until != null ? null : previews.hold(before, volumes.values());
            try {
                Judge.Verdict verdict = judge.judge();
                Answer answer = new Question(store, files, since, until)
                        .answer(finder.orNull(device, verdict), verdict, before, live);
                if (answer.bits() == null && live != null) {
                    live.close();
                }
                return answer;
            } catch (RuntimeException e) {
                if (live != null) {
                    live.close();
                }
                throw e;
            }
        });
    }

    private KernelVolume find(VolumeId id) {
        return byId(kernel.volumes()).get(id);
    }

    private static Map<VolumeId, KernelVolume> byId(List<KernelVolume> volumes) {
        Map<VolumeId, KernelVolume> byId = new HashMap<>();
        volumes.forEach(volume -> byId.put(volume.id(), volume));
        return byId;
    }

    /**
     * Nobody waits for others without end: they may hang on a disk, or on a file system that the one who waits would thaw next.
     *
     * @throws BlktrackException {@code BUSY}
     */
    private <T> T locked(Supplier<T> work) {
        try {
            if (!lock.tryLock(LOCK_WAIT_S, TimeUnit.SECONDS)) {
                throw new BlktrackException(ExitStatus.BUSY, "BUSY", "blktrackd has been at work for others for " + LOCK_WAIT_S + " s",
                        "Thaw what you have frozen, and ask again. If that does not help, a disk may hang; the kernel's log would tell.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BlktrackException(ExitStatus.INTERRUPTED, "INTERRUPTED", "blktrackd is being stopped", null, e);
        }
        try {
            return work.get();
        } finally {
            lock.unlock();
        }
    }
}
