package org.blktrack.track;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.blktrack.linux.Disk;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;
import org.blktrack.model.Reason;
import org.blktrack.model.SeriesId;
import org.blktrack.model.Trust;
import org.blktrack.model.VolumeId;

/** Records whose volume the kernel does not track: which of them wait for it, and what has to be known before one that comes late is believed. */
final class Latecomers {
    private final Kernel kernel;
    private final VolumeStore store;
    private final CheckpointFiles files;
    private final Disk disk;
    private final LongSupplier clock;
    /** Series that wait for their volume. */
    private final Set<SeriesId> waiting = new HashSet<>();

    Latecomers(Kernel kernel, VolumeStore store, CheckpointFiles files, Disk disk, LongSupplier clock) {
        this.kernel = kernel;
        this.store = store;
        this.files = files;
        this.disk = disk;
        this.clock = clock;
    }

    /**
     * A volume that comes late is taken over from a table that nobody has held against what was seen of it since: the boot may have begun with an
     * old copy, and only a refresh finds that out. Until there was one, the volume counts as absent.
     * One that comes between a refresh that found it out and the look at the volumes is not contradicted itself: it, too, counts as absent, so that
     * its record ends with those of all that wait.
     *
     * @return the kernel's volumes without those that count as absent
     */
    List<KernelVolume> takenOver(List<KernelVolume> volumes) {
        if (volumes.stream().noneMatch(each -> waiting.contains(each.series()))) {
            return volumes;
        }
        try {
            disk.requireThawed(); // the helper, too, writes there
            kernel.refreshTable();
        } catch (BlktrackException e) {
            Kernel.passOnIfGone(e);
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

    /**
     * The disk may come late in the boot, or in the next one, and then the helper takes its record over from the table, or says why not: until
     * then it waits. It ends where nothing could tell whether the record is whole: a name that does not outlive the boot, a series that is tracked
     * under another name because of a twin, and a table that was found to be an old copy, which is found out once.
     *
     * @param volumes that count as present
     * @return what the records wait for
     */
    Map<VolumeId, Verdict.Obstacle> judgeAbsent(List<KernelVolume> volumes) {
        Set<VolumeId> tracked = volumes.stream().map(KernelVolume::id).collect(Collectors.toSet());
        Set<SeriesId> elsewhere = volumes.stream().map(KernelVolume::series).collect(Collectors.toSet());
        boolean oldTable = fromAnOldTable(volumes);
        Map<VolumeId, Verdict.Obstacle> obstacles = new HashMap<>();
        for (VolumeRecord record : store.all()) {
            if (!record.tracked() || record.series() == null || tracked.contains(record.id())) {
                continue;
            }
            String evidence = "the kernel holds no record of " + record.device() + ", tracked until then as " + record.id();
            if (record.id().endsWithTheBoot() || elsewhere.contains(record.series()) || oldTable) {
                files.sweep(store.save(record.ended(null, Trust.unknown(Reason.NOT_TRACKED_SINCE, evidence), clock.getAsLong())));
                waiting.remove(record.series());
            } else {
                waiting.add(record.series());
                Trust doubt = Trust.unknown(Reason.NOT_TRACKED_SINCE, evidence + "; its record waits for it");
                obstacles.put(record.id(), new Verdict.Obstacle(absent(record, doubt), doubt));
            }
        }
        return obstacles;
    }

    private static boolean fromAnOldTable(List<KernelVolume> volumes) {
        return volumes.stream().anyMatch(each -> Reason.TABLE_REPLACED.name().equals(each.trust().reason()));
    }

    private static BlktrackException absent(VolumeRecord record, Trust why) {
        return new BlktrackException(ExitStatus.UNTRUSTED, why.reason(), record.device() + " is not tracked by the kernel now: " + why.evidence(),
                "Attach it, and the start hook takes its record over. If it is there, 'blktrack enable " + record.device()
                        + "' starts anew; if it never comes back, 'blktrack disable " + record.id() + "' gives its record up.");
    }
}
