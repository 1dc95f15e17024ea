package org.blktrack.track;

import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.blktrack.linux.Disk;
import org.blktrack.model.BlktrackException;
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
    private final Checkpoints checkpoints;
    private final Judge judge;
    private final Upkeep upkeep;
    private final Finder finder;
    private final Previews previews;
    private final Disk disk;
    private final LongSupplier clock;
    private final ReentrantLock lock = new ReentrantLock(true);

    public Tracker(Kernel kernel, DeviceNames names, Places places, Disk disk, long memoryBytes, LongSupplier clock) {
        this.kernel = kernel;
        this.clock = clock;
        this.disk = disk;
        store = new VolumeStore(places.volumes(), places.runDir().resolve("volumes"), disk);
        files = new CheckpointFiles(places.checkpoints(), disk);
        checkpoints = new Checkpoints(kernel, store, files, clock);
        judge = new Judge(kernel, store, files, checkpoints, new Latecomers(kernel, store, files, disk, clock), clock);
        upkeep = new Upkeep(kernel, store, files, checkpoints, judge, disk, clock);
        finder = new Finder(kernel, store, names);
        previews = new Previews(kernel, memoryBytes);
    }

    /** Brings records and kernel in line after a start, and takes up again what the boot did not. */
    public void start() {
        locked(() -> {
            upkeep.start();
            return null;
        });
    }

    /** What has to be done now and then. @return faults, for the log */
    public List<BlktrackException> tick() {
        return locked(upkeep::beat);
    }

    /** Before the daemon ends: what a frozen file system kept from being stored goes there now, if it is thawed. */
    public void bringHome() {
        locked(() -> {
            upkeep.end();
            return null;
        });
    }

    /**
     * Starts to track a device; where that fails, it is undone as far as it can be.
     *
     * @param device a path @throws BlktrackException {@code ALREADY_TRACKED}, the helper's refusal, or what keeps the record from being stored
     */
    public VolumeView enable(String device, int granuleBytes, boolean trustOffline, boolean requirePersistent) {
        return locked(() -> {
            disk.requireThawed();
            Verdict verdict = judge.judge();
            KernelVolume tracked = finder.inKernel(device, verdict.volumes());
            if (VolumeId.looksLike(device)) {
                throw new BlktrackException(ExitStatus.REFUSED, "NO_SUCH_DEVICE", device + " is the id of a volume and no device",
                        "Name the device that is to be tracked; 'lsblk -p' lists them.");
            }
            if (tracked != null) {
                throw new BlktrackException(ExitStatus.REFUSED, "ALREADY_TRACKED", device + " is tracked already, as " + tracked.device(),
                        "To change its settings, 'blktrack disable " + device + "' first; that gives its record up.");
            }
            VolumeView enabled = recorded(kernel.enable(device, granuleBytes, trustOffline, requirePersistent).slot());
            files.sweep(enabled.record());
            return enabled;
        });
    }

    /** What can't be recorded is not tracked either: else it would turn up later by itself, after its enabling was refused. */
    private VolumeView recorded(int slot) {
        try {
            // Beside the others, a volume may turn out to share its identity with one of them.
            KernelVolume volume = kernel.volumes().stream().filter(each -> each.slot() == slot).findFirst().orElseThrow();
            VolumeRecord past = store.find(volume.id());
            VolumeRecord record = store.save((past == null ? VolumeRecord.of(volume) : past)
                    .endedIfRunning(Reason.NOT_TRACKED_SINCE, "enabled anew", clock.getAsLong()).begun(volume, clock.getAsLong()));
            return new VolumeView(record, volume, null, null, -1, -1);
        } catch (BlktrackException e) {
            undoEnable(slot);
            throw e;
        }
    }

    /**
     * Where this fails, too, the next judgement meets the volume in the kernel and records it, as after a kill. And where the last step of storing failed,
     * behind the record itself, the next start finds a record without its series, and begins one.
     */
    private void undoEnable(int slot) {
        try {
            kernel.disable(slot);
        } catch (BlktrackException e) {
            System.err.println("blktrackd: slot " + slot + ", whose enabling failed, is not let go: " + e.getMessage());
        }
    }

    /** @return the record that was given up */
    public VolumeRecord disable(String device) {
        return locked(() -> {
            disk.requireThawed();
            VolumeRecord record = finder.tracked(device, judge.judge());
            KernelVolume volume = kernel.volumesById().get(record.id());
            store.save(record.endedIfRunning(Reason.NOT_TRACKED_SINCE, "disabled", clock.getAsLong()).withTracked(false));
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
            Verdict verdict = judge.judge();
            List<VolumeRecord> wanted = device == null ? store.all().stream().filter(VolumeRecord::tracked).toList()
                    : List.of(finder.tracked(device, verdict));
            return wanted.stream().map(record -> view(record, verdict)).toList();
        });
    }

    private VolumeView view(VolumeRecord record, Verdict verdict) {
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
            return checkpoints.create(record, kernel.volumesById().get(record.id()).slot());
        });
    }

    /** The checkpoints that can be asked for, oldest first. */
    public VolumeRecord checkpoints(String device) {
        return locked(() -> finder.tracked(device, judge.judge()));
    }

    public void deleteCheckpoint(String device, String changeId) {
        locked(() -> {
            checkpoints.delete(finder.tracked(device, judge.judge()), changeId);
            return null;
        });
    }

    /**
     * What changed between two checkpoints. The bits are taken before the record is judged, so that the judgement covers all of them.
     *
     * @param until null: up to now
     */
    public Answer changes(String device, String since, String until) {
        return locked(() -> {
            Map<VolumeId, KernelVolume> volumes = kernel.volumesById();
            KernelVolume before = finder.inKernel(device, volumes);
            EpochBits live = before == null || until != null ? null : previews.hold(before, volumes.values());
            try {
                Verdict verdict = judge.judge();
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
