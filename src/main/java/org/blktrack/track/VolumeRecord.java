package org.blktrack.track;

import java.util.ArrayList;
import java.util.List;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ChangeId;
import org.blktrack.model.ExitStatus;
import org.blktrack.model.Granularity;
import org.blktrack.model.Reason;
import org.blktrack.model.SeriesId;
import org.blktrack.model.Trust;
import org.blktrack.model.VolumeId;

/**
 * What the daemon knows of a volume, as it stands on disk. Values in, values out: a change makes a new record, which counts once it is
 * stored.
 *
 * @param tracked false once disabled: then the record only explains old ids
 * @param series null between the end of one and the start of the next
 * @param seriesStartedMs Unix time, stays when the first checkpoint is deleted; 0 where there is no series
 * @param checkpoints oldest first; the last one opened the live epoch; empty where there is no series
 * @param pending an id handed to the kernel whose effect is not recorded yet; null mostly
 * @param ended oldest first
 */
public record VolumeRecord(VolumeId id, String device, Granularity granularity, long sizeBytes, boolean tracked,
        boolean trustOffline, SeriesId series, long seriesStartedMs, List<Checkpoint> checkpoints, ChangeId pending, List<EndedSeries> ended) {
    /**
     * Twice a checkpoint the whole record becomes text: with so many 1.4 MiB, and a third of a second; at 200,000 the daemon's heap (192 MiB) is
     * too small. A backup an hour, of which nothing is ever deleted, comes here after a year.
     */
    private static final int MOST_CHECKPOINTS = 10_000;
    private static final int LARGEST_HISTORY = 32;

    public static VolumeRecord of(KernelVolume volume) {
        return new VolumeRecord(volume.id(), volume.device(), volume.granularity(), volume.sizeBytes(), true,
                volume.trustOffline(), null, 0, List.of(), null, List.of());
    }

    public ChangeId live() {
        return checkpoints.isEmpty() ? null : checkpoints.get(checkpoints.size() - 1).id();
    }

    public EndedSeries lastEnded() {
        return ended.isEmpty() ? null : ended.get(ended.size() - 1);
    }

    /** Where an id that may be asked for stands among the checkpoints; -1 where it does not. */
    public int indexOf(ChangeId wanted) {
        for (int i = 0; i < checkpoints.size(); i++) {
            if (checkpoints.get(i).id().equals(wanted) && !checkpoints.get(i).deleted()) {
                return i;
            }
        }
        return -1;
    }

    /** The ended series that an id belongs to, or null. */
    public EndedSeries endedWith(ChangeId wanted) {
        return ended.stream().filter(series -> series.ids().contains(wanted)).findFirst().orElse(null);
    }

    /** Whether a checkpoint of this volume, deleted or not, of this series or an ended one, ever had the id. */
    boolean hasUsed(ChangeId id) {
        return endedWith(id) != null || checkpoints.stream().anyMatch(checkpoint -> checkpoint.id().equals(id));
    }

    public boolean hasEnded(SeriesId wanted) {
        return ended.stream().anyMatch(past -> past.series().equals(wanted));
    }

    /** @throws BlktrackException {@code TOO_MANY_CHECKPOINTS} where no other can be made; deleted ones that are not merged yet count too */
    void requireRoomForCheckpoint() {
        if (checkpoints.size() >= MOST_CHECKPOINTS) {
            throw new BlktrackException(ExitStatus.REFUSED, "TOO_MANY_CHECKPOINTS",
                    "cannot make a checkpoint: " + device + " has " + checkpoints.size() + " of them, and no more than " + MOST_CHECKPOINTS + " are kept",
                    "Delete some that no backup needs, the oldest first: 'blktrack checkpoint delete " + device
                            + " CHANGE-ID'; 'blktrack checkpoint list " + device + "' shows them.");
        }
    }

    VolumeRecord withPending(ChangeId id) {
        return new VolumeRecord(this.id, device, granularity, sizeBytes, tracked, trustOffline, series, seriesStartedMs, checkpoints, id, ended);
    }

    /** What is pending stays so: the kernel's live epoch is known by nothing else. */
    VolumeRecord withCheckpoints(List<Checkpoint> chain) {
        return new VolumeRecord(id, device, granularity, sizeBytes, tracked, trustOffline, series, seriesStartedMs, List.copyOf(chain), pending, ended);
    }

    /** The pending rotation is recorded. */
    VolumeRecord withCheckpoint(Checkpoint next) {
        List<Checkpoint> chain = new ArrayList<>(checkpoints);
        chain.add(next);
        return withPending(null).withCheckpoints(chain);
    }

    /** The series is over, whether or not there was one: a series that only the kernel knew ends under the kernel's id. */
    VolumeRecord ended(SeriesId kernelSeries, Trust why, long nowMs) {
        SeriesId past = series != null ? series : kernelSeries;
        List<ChangeId> ids = new ArrayList<>();
        checkpoints.forEach(checkpoint -> ids.add(checkpoint.id()));
        List<EndedSeries> history = new ArrayList<>(ended);
        history.add(new EndedSeries(past, why, nowMs, ids));
        if (history.size() > LARGEST_HISTORY) {
            history.remove(0);
        }
        return new VolumeRecord(id, device, granularity, sizeBytes, tracked, trustOffline, null, 0, List.of(), null, List.copyOf(history));
    }

    /** Without a series, if it has one. */
    VolumeRecord endedIfRunning(Reason why, String evidence, long nowMs) {
        return series == null ? this : ended(null, Trust.unknown(why, evidence), nowMs);
    }

    /**
     * A series begins, as the kernel has it now. Where a write that marking began too late for may still land, nobody may ask what changed since
     * the start; the first checkpoint waits for its end.
     */
    VolumeRecord begun(KernelVolume volume, long nowMs) {
        Checkpoint start = new Checkpoint(volume.epoch(), nowMs, !volume.baseKnown(), "start");
        return new VolumeRecord(id, volume.device(), volume.granularity(), volume.sizeBytes(), true, volume.trustOffline(), volume.series(),
                nowMs, List.of(start), null, ended);
    }

    VolumeRecord withTracked(boolean now) {
        return new VolumeRecord(id, device, granularity, sizeBytes, now, trustOffline, series, seriesStartedMs, checkpoints, pending, ended);
    }

    VolumeRecord withDevice(String now) {
        return new VolumeRecord(id, now, granularity, sizeBytes, tracked, trustOffline, series, seriesStartedMs, checkpoints, pending, ended);
    }
}
