package org.blktrack.track;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ChangeId;
import org.blktrack.model.ExitStatus;
import org.blktrack.model.Reason;
import org.blktrack.model.Trust;

/**
 * Holds the records against the kernel, at every question and at every heartbeat (twice a minute). What does not agree ends a series: first in the
 * kernel, then on disk, and only then is anybody told. What was left half done by a daemon that was killed is finished here, too, so that a
 * start is nothing but the first judgement.
 */
final class Judge {
    private final Kernel kernel;
    private final VolumeStore store;
    private final CheckpointFiles files;
    private final Checkpoints checkpoints;
    private final Latecomers latecomers;
    private final LongSupplier clock;

    Judge(Kernel kernel, VolumeStore store, CheckpointFiles files, Checkpoints checkpoints, Latecomers latecomers, LongSupplier clock) {
        this.kernel = kernel;
        this.store = store;
        this.files = files;
        this.checkpoints = checkpoints;
        this.latecomers = latecomers;
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
        Verdict verdict = new Verdict();
        List<KernelVolume> volumes = latecomers.takenOver(kernel.volumes());
        verdict.obstacles().putAll(latecomers.judgeAbsent(volumes));
        Map<Integer, AuditFigures> figures = bySlot(audit);
        if (volumes.stream().anyMatch(each -> !figures.containsKey(each.slot()))) {
            figures.putAll(bySlot(kernel.audit())); // one came since
        }
        for (KernelVolume volume : volumes) {
            AuditFigures row = figures.get(volume.slot());
            try {
                KernelVolume now = judge(volume, row);
                if (now != null) {
                    verdict.volumes().put(volume.id(), now);
                }
            } catch (BlktrackException e) {
                Kernel.passOnIfGone(e);
                verdict.volumes().put(volume.id(), volume);
                Trust doubt = doubt(volume, row, e);
                verdict.obstacles().put(volume.id(), new Verdict.Obstacle(isAnothers(e) ? gone(volume, e, doubt) : e, doubt));
            }
            if (row != null) {
                verdict.audit().put(volume.id(), row);
            }
        }
        return verdict;
    }

    private static Map<Integer, AuditFigures> bySlot(List<AuditFigures> audit) {
        return new HashMap<>(audit.stream().collect(Collectors.toMap(AuditFigures::slot, Function.identity())));
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
            checkpoints.finish(known, volume);
        } else if (!volume.device().equals(known.device())) {
            store.save(known.withDevice(volume.device()));
        }
        return volume;
    }

    /** The helper can begin no series on a device that is gone, or that another volume has. */
    private static boolean isAnothers(BlktrackException fault) {
        return "NO_DEVICE".equals(fault.reason()) || Reason.DEVICE_REPLACED.name().equals(fault.reason());
    }

    /** Named by what the helper met; the record's own reason may be an older one. */
    private static BlktrackException gone(KernelVolume volume, BlktrackException fault, Trust why) {
        String name = Reason.DEVICE_REPLACED.name().equals(fault.reason()) ? fault.reason() : Reason.VOLUME_MISSING.name();
        return new BlktrackException(ExitStatus.UNTRUSTED, name, "no series can begin on " + volume.device() + " (" + volume.id() + "): "
                + fault.getMessage() + "; its record: " + why.reason() + " (" + why.evidence() + ")", "'blktrack disable " + volume.id()
                + "' gives its record up. 'blktrack enable " + volume.device() + "' then tracks what has its place, or it, when it is back.");
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
}
