package org.blktrack.track;

import java.util.ArrayList;
import java.util.List;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ChangeId;
import org.blktrack.model.EpochBits;
import org.blktrack.model.ExitStatus;
import org.blktrack.model.Reason;
import org.blktrack.model.Trust;

/** What changed between two change ids of a volume: every epoch between them, or the reason why not. Never a part. */
final class Question {
    private final VolumeStore store;
    private final CheckpointFiles files;
    private final String since;
    private final String until;

    Question(VolumeStore store, CheckpointFiles files, String since, String until) {
        this.store = store;
        this.files = files;
        this.since = since;
        this.until = until;
    }

    /**
     * @param record null: not tracked
     * @param before the volume when the live bits were taken
     * @param live null unless the answer goes up to now; closed with the answer, and by the caller where the answer has no bits
     */
    Answer answer(VolumeRecord record, Verdict verdict, KernelVolume before, EpochBits live) {
        if (record == null) {
            return unknown(null, Trust.unknown(Reason.NOT_TRACKED_SINCE, "the volume is not tracked"));
        }
        Trust known = known(record, since);
        if (known.isComplete() && until != null) {
            known = known(record, until);
        }
        Trust doubt = verdict.doubt(record.id());
        if (known.isComplete() && doubt != null) {
            known = doubt;
        }
        if (!known.isComplete()) {
            return unknown(record, known);
        }
        int from = record.indexOf(new ChangeId(since));
        int to = until == null ? record.checkpoints().size() - 1 : record.indexOf(new ChangeId(until));
        if (from > to) {
            throw new BlktrackException(ExitStatus.USAGE, "UNTIL_BEFORE_SINCE",
                    "--until " + until + " is older than --since " + since, "Swap them.");
        }
        if (until == null && (live == null || !before.series().equals(record.series()) || !before.epoch().equals(record.live()))) {
            throw new BlktrackException(ExitStatus.BUSY, "EPOCH_CHANGED", record.device() + " changed its epoch while it was asked about", "Ask again.");
        }
        return read(record, from, to, live);
    }

    private Answer read(VolumeRecord record, int from, int to, EpochBits live) {
        List<EpochBits> epochs = new ArrayList<>();
        try {
            epochs.addAll(files.open(record, from, to));
        } catch (BlktrackException e) {
            if (!Reason.CHECKPOINT_CORRUPT.name().equals(e.reason())) {
                throw e;
            }
            return unknown(record, new Trust(e.reason(), e.getMessage()));
        }
        if (live != null) {
            epochs.add(live);
        }
        long words = record.granularity().words(record.sizeBytes());
        return new Answer(record, since, until, Trust.COMPLETE, new EpochUnion(words, epochs));
    }

    /** Complete where the id can be asked for. */
    private Trust known(VolumeRecord record, String text) {
        if (!ChangeId.isValid(text)) {
            return Trust.unknown(Reason.UNKNOWN_CHANGE_ID, "'" + text + "' is not a change id: 32 lower-case hex digits");
        }
        ChangeId id = new ChangeId(text);
        if (record.indexOf(id) >= 0) {
            return Trust.COMPLETE;
        }
        if (id.equals(record.pending())) {
            return Trust.unknown(Reason.CHECKPOINT_NOT_STORED, "checkpoint " + id + " of " + record.device() + " is not stored yet");
        }
        EndedSeries ended = record.endedWith(id);
        if (ended != null) {
            return ended.trust();
        }
        for (VolumeRecord other : store.all()) {
            if (!other.id().equals(record.id()) && (other.indexOf(id) >= 0 || other.endedWith(id) != null)) {
                return Trust.unknown(Reason.UNKNOWN_CHANGE_ID, "change id " + id + " is of another volume: "
                        + other.device() + ", known as " + other.id());
            }
        }
        EndedSeries last = record.lastEnded();
        if (last != null && last.ids().isEmpty() && Reason.TABLE_CORRUPT.name().equals(last.trust().reason())) {
            // The record that held the ids was damaged: this may have been one of them.
            return last.trust();
        }
        return Trust.unknown(Reason.UNKNOWN_CHANGE_ID, record.device() + " has no checkpoint " + id);
    }

    private Answer unknown(VolumeRecord record, Trust trust) {
        return new Answer(record, since, until, trust, null);
    }
}
