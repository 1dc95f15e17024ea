package org.blktrack.cli;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Holds writes against answers. A write that ended before a checkpoint was asked for must be in an epoch up to it; one that began after it was
 * answered, in an epoch behind it; one that overlaps it, in the new epoch at least, unless it ended within.
 *
 * <p>A granule counts as written once an epoch, in the one that reports it: a write that overlaps a checkpoint may be in either, and counted where it
 * began, beside another of the same granule that the same bit stands for, it would look like a write too many.
 */
final class SelftestTally {
    /** A write, in bytes, and nanoseconds at its begin and its end. */
    record Write(long offset, int length, long began, long ended) {}

    /** A checkpoint, and nanoseconds when it was asked for and answered. */
    record Mark(String id, long asked, long answered) {}

    private final List<Mark> marks;
    private final List<BitSet> answers;
    private final int granuleBytes;
    private final List<BitSet> written = new ArrayList<>();
    private long writes;
    private final List<BitSet> missed = new ArrayList<>();

    /** @param answers what was reported between each mark and the next */
    SelftestTally(List<Mark> marks, List<BitSet> answers, int granuleBytes) {
        this.marks = marks;
        this.answers = answers;
        this.granuleBytes = granuleBytes;
        answers.forEach(each -> {
            written.add(new BitSet());
            missed.add(new BitSet());
        });
    }

    /** The epochs that may hold it: from the last checkpoint answered before it began to the first asked for after it ended. */
    void add(Write write) {
        int first = 0;
        while (first + 1 < answers.size() && marks.get(first + 1).answered() <= write.began()) {
            first++;
        }
        int last = first;
        while (last + 1 < answers.size() && marks.get(last + 1).asked() < write.ended()) {
            last++;
        }
        // Still under way when the last of them was answered: then it must be in the new one.
        int from = marks.get(last).answered() < write.ended() ? last : first;
        writes++;
        for (long granule = write.offset() / granuleBytes; granule <= (write.offset() + write.length() - 1) / granuleBytes; granule++) {
            count((int) granule, from, last);
        }
    }

    private void count(int granule, int from, int last) {
        int epoch = from;
        while (epoch < last && !answers.get(epoch).get(granule)) {
            epoch++;
        }
        written.get(epoch).set(granule);
        if (!answers.get(epoch).get(granule)) {
            missed.get(epoch).set(granule);
        }
    }

    SelftestReport report() {
        return new SelftestReport(writes, marks.size(), sum(written), sum(answers), sum(missed));
    }

    private static long sum(List<BitSet> sets) {
        return sets.stream().mapToLong(BitSet::cardinality).sum();
    }
}
