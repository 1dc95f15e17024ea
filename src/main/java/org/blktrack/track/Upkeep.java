package org.blktrack.track;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.blktrack.linux.Disk;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.Reason;

/** What has to be done when nobody asks: at the daemon's start, at every heartbeat, and at its end. */
final class Upkeep {
    private final Kernel kernel;
    private final VolumeStore store;
    private final CheckpointFiles files;
    private final Checkpoints checkpoints;
    private final Judge judge;
    private final Disk disk;
    private final LongSupplier clock;
    /** What each slot's volume had counted when the table was last refreshed. */
    private final Map<Integer, List<Long>> lastCounted = new HashMap<>();

    Upkeep(Kernel kernel, VolumeStore store, CheckpointFiles files, Checkpoints checkpoints, Judge judge, Disk disk, LongSupplier clock) {
        this.kernel = kernel;
        this.store = store;
        this.files = files;
        this.checkpoints = checkpoints;
        this.judge = judge;
        this.disk = disk;
        this.clock = clock;
    }

    /**
     * Brings records and kernel in line after a start, and takes up again what the boot did not. Then the table is refreshed: that finds out
     * whether the boot started from an old copy of it, and says so, once, of volumes that nothing else is said of.
     */
    void start() {
        List<AuditFigures> audit = kernel.audit();
        judge.judge(audit);
        try {
            kernel.refreshTable();
        } catch (BlktrackException e) {
            // Tried again at every beat; what is tracked can be judged without it.
            System.err.println("blktrackd: the tracking table is not refreshed: " + e.getMessage());
        }
        Verdict verdict = judge.judgeAgain(audit);
        checkpoints.releaseLeftovers();
        store.all().forEach(record -> {
            if (record.tracked() && !verdict.volumes().containsKey(record.id())) {
                takeUpAgain(record);
            }
            checkpoints.compact(record.id());
        });
        store.all().forEach(files::sweep);
        forgetNameless();
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
            if (kernel.probe(record.device()).id().equals(record.id()) && !kernel.volumesById().containsKey(record.id())) {
                VolumeRecord past = store.save(record.endedIfRunning(Reason.NOT_TRACKED_SINCE, "the kernel did not track it when blktrackd started",
                        clock.getAsLong()));
                KernelVolume now = kernel.enable(record.device(), record.granularity().bytes(), record.trustOffline(), false);
                store.save(past.begun(now, clock.getAsLong()));
            }
        } catch (BlktrackException e) {
            System.err.println("blktrackd: " + record.device() + " is not tracked: " + e.getMessage());
        }
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

    /** @return faults, for the log */
    List<BlktrackException> beat() {
        disk.requireThawed(); // the helper, too, writes there
        List<BlktrackException> faults = new ArrayList<>();
        List<AuditFigures> audit = kernel.audit();
        Verdict verdict = judge.judge(audit);
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
        checkpoints.releaseLeftovers();
        faults.addAll(verdict.faults());
        return faults;
    }

    /** What a frozen file system kept from being stored goes there now, if it is thawed. */
    void end() {
        if (store.hasAside()) {
            judge.judge();
        }
    }
}
