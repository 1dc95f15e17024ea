package org.blktrack.track;

import java.util.Arrays;
import org.blktrack.model.EpochBits;

/**
 * Turns bitmaps into runs of granules, in ascending order. Nothing is allocated a run: a volume of 16 TiB with one granule in a hundred changed
 * at random has 2.6 million of them.
 *
 * <p>A run's two bounds are where a bit differs from the one before it: {@code w ^ (w << 1 | carry)} has a bit for each. So bounds are taken
 * from a word in order, start and end by turns, and mostly without a branch that could be mispredicted: four are stored a word,
 * wanted or not, and the counter goes on by as many as there were. Whether the batch is full is asked once a chunk.
 */
public final class ExtentScan {
    /** A batch is full from here on. */
    private static final int BOUNDS = 8192;
    /** A chunk has a bound a granule at the most, and four a word are stored unasked. */
    private static final int SLACK = EpochBits.CHUNK_WORDS * Long.SIZE + 4;
    private static final int NONE = 0;
    private static final int DATA = 1;
    private static final int DISCARDED = 2;

    /** Takes runs in batches; the arrays are used again for the next batch. */
    public interface RunSink {
        /**
         * @param bounds pairs: first granule, granule behind the last
         * @param discarded whether a run is a discard, one a pair
         */
        void accept(long[] bounds, boolean[] discarded, int runs);
    }

    private final RunSink sink;
    private final long[] bounds = new long[BOUNDS + SLACK];
    private final boolean[] discardedRuns = new boolean[(BOUNDS + SLACK) / 2];
    /** Odd while a run is open: its start is stored, its end is not known yet. */
    private int count;
    private int open = NONE;

    private ExtentScan(RunSink sink) {
        this.sink = sink;
    }

    /** @param granules bits behind the last granule are ignored */
    public static void scan(EpochBits bits, long granules, RunSink sink) {
        new ExtentScan(sink).scan(bits, granules);
    }

    private void scan(EpochBits bits, long granules) {
        long[] data = new long[EpochBits.CHUNK_WORDS];
        long[] discarded = new long[EpochBits.CHUNK_WORDS];
        for (long chunk = 0; chunk < bits.chunks(); chunk++) {
            bits.readChunk(chunk, data, discarded);
            long first = chunk * EpochBits.CHUNK_WORDS * Long.SIZE;
            cutAt(granules - first, data, discarded);
            if (isEmpty(discarded)) {
                switchTo(open == DISCARDED ? NONE : open, first);
                scanData(first, data);
            } else {
                scanBoth(first, data, discarded);
            }
        }
        switchTo(NONE, granules);
        flush();
    }

    /** A bitmap's last word may be filled up by a discard of the whole chunk. */
    private static void cutAt(long granules, long[] data, long[] discarded) {
        if (granules >= (long) EpochBits.CHUNK_WORDS * Long.SIZE) {
            return;
        }
        int whole = (int) (granules >> 6);
        long rest = (granules & 63) == 0 ? 0 : -1L >>> -granules;
        for (int i = whole; i < data.length; i++) {
            data[i] &= i == whole ? rest : 0;
            discarded[i] &= i == whole ? rest : 0;
        }
    }

    private static boolean isEmpty(long[] words) {
        long any = 0;
        for (long word : words) {
            any |= word;
        }
        return any == 0;
    }

    private void scanData(long first, long[] data) {
        long carry = open == DATA ? 1 : 0;
        long[] out = bounds;
        int n = count;
        long base = first;
        for (long word : data) {
            long turns = word ^ (word << 1 | carry);
            carry = word >>> 63;
            long second = turns & turns - 1;
            long third = second & second - 1;
            long fourth = third & third - 1;
            out[n] = base + Long.numberOfTrailingZeros(turns);
            out[n + 1] = base + Long.numberOfTrailingZeros(second);
            out[n + 2] = base + Long.numberOfTrailingZeros(third);
            out[n + 3] = base + Long.numberOfTrailingZeros(fourth);
            int at = n + 4;
            for (long rest = fourth & fourth - 1; rest != 0; rest &= rest - 1) {
                out[at++] = base + Long.numberOfTrailingZeros(rest);
            }
            n += Long.bitCount(turns);
            base += Long.SIZE;
        }
        count = n;
        open = carry != 0 ? DATA : NONE;
        if (n >= BOUNDS) {
            flush();
        }
    }

    private void scanBoth(long first, long[] data, long[] discarded) {
        for (int i = 0; i < data.length; i++) {
            scanWord(first + ((long) i << 6), data[i], discarded[i] & ~data[i]);
        }
    }

    private void scanWord(long base, long written, long dropped) {
        int at = 0;
        while (at < Long.SIZE) {
            long bit = 1L << at;
            int kind = (written & bit) != 0 ? DATA : (dropped & bit) != 0 ? DISCARDED : NONE;
            long same = kind == DATA ? written : kind == DISCARDED ? dropped : ~(written | dropped);
            long others = ~same & -1L << at;
            switchTo(kind, base + at);
            at = others == 0 ? Long.SIZE : Long.numberOfTrailingZeros(others);
        }
    }

    /** From here on granules are of that kind. */
    private void switchTo(int kind, long granule) {
        if (kind == open) {
            return;
        }
        if (open != NONE) {
            bounds[count++] = granule;
        }
        if (count >= BOUNDS) {
            flush();
        }
        if (kind != NONE) {
            discardedRuns[count / 2] = kind == DISCARDED;
            bounds[count++] = granule;
        }
        open = kind;
    }

    /** Hands over the runs that are closed; an open one stays as the first of the next batch. */
    private void flush() {
        int runs = count / 2;
        if (runs > 0) {
            sink.accept(bounds, discardedRuns, runs);
        }
        boolean openDiscarded = (count & 1) == 1 && discardedRuns[runs];
        Arrays.fill(discardedRuns, 0, Math.min(runs + 1, discardedRuns.length), false);
        discardedRuns[0] = openDiscarded;
        if ((count & 1) == 1) {
            bounds[0] = bounds[count - 1];
        }
        count &= 1;
    }
}
