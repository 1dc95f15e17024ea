package org.blktrack.track;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.blktrack.linux.Disk;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ChangeId;
import org.blktrack.model.EpochBits;
import org.blktrack.model.ExitStatus;
import org.blktrack.model.Reason;
import org.blktrack.model.SeriesId;
import org.blktrack.model.Trust;
import org.blktrack.model.VolumeId;

/**
 * Holds the records against the kernel, at every question and at every heartbeat (twice a minute). What does not agree ends a series: first in the
 * kernel, then on disk, and only then is anybody told. What was left half done by a daemon that was killed is finished here, too, so that a
 * start is nothing but the first judgement.
 */
final class Judge {
    private final Kernel kernel;
    private final VolumeStore store;
    private final CheckpointFiles files;
    private final Disk disk;
    private final LongSupplier clock;
    /** Series that wait for their volume, which the kernel does not track. */
    private final Set<SeriesId> waiting = new HashSet<>();
    /** At what rest epochs were opened whose checkpoint could not be stored at once. */
    private final Map<ChangeId, String> unstored = new HashMap<>();

    /**
     * Why a volume could not be brought into line, or what its record waits for.
     *
     * @param fault what would change it fails with that
     * @param doubt why its record can't be answered from
     */
    record Obstacle(BlktrackException fault, Trust doubt) {}

    /** What the kernel said, after everything was brought into line. */
    record Verdict(Map<VolumeId, KernelVolume> volumes, Map<VolumeId, AuditFigures> audit, Map<VolumeId, Obstacle> obstacles) {
        /** @return null where the record can be answered from */
        Trust doubt(VolumeId id) {
            return obstacles.containsKey(id) ? obstacles.get(id).doubt() : null;
        }

        /** Of what the kernel tracks: a volume that is not there is no fault. */
        List<BlktrackException> faults() {
            return volumes.keySet().stream().filter(obstacles::containsKey).map(id -> obstacles.get(id).fault()).toList();
        }
    }

    Judge(Kernel kernel, VolumeStore store, CheckpointFiles files, Disk disk, LongSupplier clock) {
        this.kernel = kernel;
        this.store = store;
        this.files = files;
        this.disk = disk;
        this.clock = clock;
    }

    Verdict judge() {
        return judge(kernel.audit());
    }

    /** With an audit of a judgement before: a row that found something is of a series that ended with that, and is asked for anew. */
    Verdict judgeAgain(List<AuditFigures> audit) {
        return judge(audit.stream().filter(row -> row.verdict().isEmpty()).toList());
    }

    Verdict judge(List<AuditFigures> audit) {
        store.settle();
        Verdict verdict = new Verdict(new HashMap<>(), new HashMap<>(), new HashMap<>());
        List<KernelVolume> volumes = takenOver(kernel.volumes());
        judgeAbsent(volumes, verdict.obstacles);
        Map<Integer, AuditFigures> figures = bySlot(audit);
        if (volumes.stream().anyMatch(each -> !figures.containsKey(each.slot()))) {
            figures.putAll(bySlot(kernel.audit())); // one came since
        }
        for (KernelVolume volume : volumes) {
            AuditFigures row = figures.get(volume.slot());
            try {
                KernelVolume now = judge(volume, row);
                if (now != null) {
                    verdict.volumes.put(volume.id(), now);
                }
            } catch (BlktrackException e) {
                passOnIfGone(e);
                verdict.volumes.put(volume.id(), volume);
                verdict.obstacles.put(volume.id(), new Obstacle(e, doubt(volume, row, e)));
            }
            if (row != null) {
                verdict.audit.put(volume.id(), row);
            }
        }
        return verdict;
    }

    private static Map<Integer, AuditFigures> bySlot(List<AuditFigures> audit) {
        return new HashMap<>(audit.stream().collect(Collectors.toMap(AuditFigures::slot, Function.identity())));
    }

    /**
     * A volume that comes late is taken over from a table that nobody has held against what was seen of it since: the boot may have begun with an
     * old copy, and only a refresh finds that out. Until there was one, the volume counts as absent.
     * One that comes between a refresh that found it out and the look at the volumes is not contradicted itself: it, too, counts as absent, so that
     * its record ends with those of all that wait.
     */
    private List<KernelVolume> takenOver(List<KernelVolume> volumes) {
        if (volumes.stream().noneMatch(each -> waiting.contains(each.series()))) {
            return volumes;
        }
        try {
            disk.requireThawed(); // the helper, too, writes there
            kernel.refreshTable();
        } catch (BlktrackException e) {
            passOnIfGone(e);
            System.err.println("blktrackd: the tracking table is not refreshed, so what came late waits: " + e.getMessage());
            return volumes.stream().filter(each -> !waiting.contains(each.series())).toList();
        }
        List<KernelVolume> now = kernel.volumes();
        if (fromAnOldTable(now)) {
            return now.stream().filter(each -> !each.trust().isComplete() || !waiting.contains(each.series())).toList();
        }
        volumes.forEach(each -> waiting.remove(each.series()));
        return takenOver(now);
    }

    private static boolean fromAnOldTable(List<KernelVolume> volumes) {
        return volumes.stream().anyMatch(each -> Reason.TABLE_REPLACED.name().equals(each.trust().reason()));
    }

    private static void passOnIfGone(BlktrackException fault) {
        if ("AGENT_GONE".equals(fault.reason())) {
            throw fault;
        }
    }

    /** @return the volume as it is now; null for one whose disabling was finished */
    private KernelVolume judge(KernelVolume volume, AuditFigures row) {
        VolumeRecord record = store.find(volume.id());
        if (record != null && !record.tracked()) {
            kernel.disable(volume.slot());
            return null;
        }
        Trust trust = volume.trust();
        if (trust.isComplete()) {
            trust = disagreement(volume, row, record);
            if (!trust.isComplete()) {
                kernel.distrust(volume.slot(), trust);
            }
        }
        VolumeRecord known = record == null ? VolumeRecord.of(volume) : record;
        if (!trust.isComplete()) {
            return renew(endOnce(known, volume, trust), volume);
        }
        if (!volume.series().equals(known.series())) {
            return begin(known, volume);
        }
        if (!volume.epoch().equals(known.live())) {
            finish(known, volume);
        } else if (!volume.device().equals(known.device())) {
            store.save(known.withDevice(volume.device()));
        }
        return volume;
    }

    /** What was found and could not be written down; else the rotation, of which the same is true. */
    private Trust doubt(KernelVolume volume, AuditFigures row, BlktrackException fault) {
        Trust found = volume.trust().isComplete() ? disagreement(volume, row, store.find(volume.id())) : volume.trust();
        return found.isComplete() ? Trust.unknown(Reason.CHECKPOINT_NOT_STORED, fault.getMessage()) : found;
    }

    /** The first thing that speaks against a record which the kernel calls complete. */
    private Trust disagreement(KernelVolume volume, AuditFigures row, VolumeRecord record) {
        if (row == null) {
            return Trust.unknown(Reason.AUDIT_MISMATCH, "the helper's audit left the volume out");
        }
        if (!row.verdict().isEmpty()) {
            return new Trust(row.verdict(), row.evidence());
        }
        if (record == null) {
            return store.isDamaged(volume.id())
                    ? Trust.unknown(Reason.TABLE_CORRUPT, "the daemon's record of the volume was damaged") : Trust.COMPLETE;
        }
        if (record.hasEnded(volume.series())) {
            return record.lastEnded().trust();
        }
        if (!volume.series().equals(record.series())) {
            // Whoever asks by an id means the series that had it first, and this one began later.
            return record.hasUsed(volume.epoch()) ? Trust.unknown(Reason.TABLE_REPLACED, "the kernel's series " + volume.series()
                    + " has the change id " + volume.epoch() + " of an earlier one") : Trust.COMPLETE;
        }
        if (record.sizeBytes() != volume.sizeBytes() || !record.granularity().equals(volume.granularity())) {
            return Trust.unknown(Reason.VOLUME_RESIZED, "recorded with " + record.sizeBytes() + " bytes in granules of "
                    + record.granularity().bytes() + ", now " + volume.sizeBytes() + " in granules of " + volume.granularity().bytes());
        }
        if (!volume.epoch().equals(record.live()) && !volume.epoch().equals(record.pending())) {
            return Trust.unknown(Reason.TABLE_REPLACED, "the kernel's epoch is " + volume.epoch()
                    + ", the daemon's record ends with " + record.live());
        }
        return Trust.COMPLETE;
    }

    /** Ends the record's series, unless the very same end is already written down. */
    private VolumeRecord endOnce(VolumeRecord record, KernelVolume volume, Trust why) {
        return record.series() == null && record.hasEnded(volume.series()) ? record
                : record.ended(volume.series(), why, clock.getAsLong());
    }

    private KernelVolume renew(VolumeRecord ended, KernelVolume volume) {
        ChangeId opening = ChangeId.random();
        VolumeRecord waiting = store.save(ended.withPending(opening));
        KernelVolume now = kernel.newSeries(volume.slot(), opening);
        if (!now.trust().isComplete() || !now.epoch().equals(opening) || waiting.hasEnded(now.series())) {
            throw new BlktrackException(ExitStatus.FAILED, "NO_NEW_SERIES",
                    "the helper started no new series on " + volume.device() + ": the kernel has " + now,
                    "Disable and enable the volume.");
        }
        files.sweep(store.save(waiting.begun(now, clock.getAsLong())));
        return now;
    }

    /** A complete series that the record does not know: begun by the helper, at a start or by an enable that was cut short. */
    private KernelVolume begin(VolumeRecord record, KernelVolume volume) {
        VolumeRecord past = record;
        if (record.series() != null) {
            Trust why = Trust.unknown(Reason.TABLE_REPLACED, "the kernel's series is " + volume.series()
                    + ", the daemon's record is of series " + record.series());
            past = record.ended(null, why, clock.getAsLong());
        }
        files.sweep(store.save(past.begun(volume, clock.getAsLong())));
        return volume;
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

    VolumeRecord finish(VolumeRecord record, ChangeId opened, ClosedEpoch closed, String rest) {
        long now = clock.getAsLong();
        try (EpochBits bits = kernel.open(closed)) {
            files.store(record, record.live(), opened, now, bits);
        }
        VolumeRecord stored = store.save(record.withCheckpoint(new Checkpoint(opened, now, false, rest)));
        kernel.releaseIfPossible(closed);
        return stored;
    }

    /** The next judgement stores it, if it can. */
    void finishLater(ChangeId opened, String rest) {
        unstored.put(opened, rest);
    }

    /**
     * Records whose volume the kernel does not track. The disk may come late in the boot, or in the next one, and then the helper takes its record
     * over from the table, or says why not: until then it waits. It ends where nothing could tell whether the record is whole: a name that does not
     * outlive the boot, a series that is tracked under another name because of a twin, and a table that was found to be an old copy, which is
     * found out once.
     */
    private void judgeAbsent(List<KernelVolume> volumes, Map<VolumeId, Obstacle> obstacles) {
        Set<VolumeId> tracked = volumes.stream().map(KernelVolume::id).collect(Collectors.toSet());
        Set<SeriesId> elsewhere = volumes.stream().map(KernelVolume::series).collect(Collectors.toSet());
        boolean oldTable = fromAnOldTable(volumes);
        for (VolumeRecord record : store.all()) {
            if (!record.tracked() || record.series() == null || tracked.contains(record.id())) {
                continue;
            }
            Trust why = Trust.unknown(Reason.NOT_TRACKED_SINCE, "the kernel holds no record of " + record.device() + ", tracked until then as " + record.id());
            if (record.id().endsWithTheBoot() || elsewhere.contains(record.series()) || oldTable) {
                files.sweep(store.save(record.ended(null, why, clock.getAsLong())));
                waiting.remove(record.series());
            } else {
                waiting.add(record.series());
                Trust doubt = Trust.unknown(Reason.NOT_TRACKED_SINCE, why.evidence() + "; its record waits for it");
                obstacles.put(record.id(), new Obstacle(absent(record, doubt), doubt));
            }
        }
    }

    private static BlktrackException absent(VolumeRecord record, Trust why) {
        return new BlktrackException(ExitStatus.UNTRUSTED, why.reason(), record.device() + " is not tracked by the kernel now: " + why.evidence(),
                "Attach it, and the start hook takes its record over. If it is there, 'blktrack enable " + record.device() + "' starts anew.");
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
