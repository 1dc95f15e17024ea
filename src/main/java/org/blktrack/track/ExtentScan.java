package org.blktrack.track;

import java.util.Arrays;
import org.blktrack.model.EpochBits;

/**
 * Turns bitmaps into runs of granules, in ascending order, data before discards. Nothing is allocated a run: a volume of 16 TiB with
 * one granule in a hundred changed has 2.7 million of them.
 */
public final class ExtentScan {
    private static final int RUNS_A_BATCH = 4096;
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
    private final long[] bounds = new long[2 * RUNS_A_BATCH];
    private final boolean[] discardedRuns = new boolean[RUNS_A_BATCH];
    private int runs;
    /** The run that reaches the end of the words seen so far. */
    private int open = NONE;
    private long openFirst;

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
            Arrays.fill(data, 0);
            Arrays.fill(discarded, 0);
            bits.orChunk(chunk, data, discarded);
            long firstGranule = chunk * EpochBits.CHUNK_WORDS * Long.SIZE;
            cutAt(granules - firstGranule, data, discarded);
            scanChunk(firstGranule, data, discarded);
        }
        closeOpen(granules);
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

    private void scanChunk(long firstGranule, long[] data, long[] discarded) {
        for (int i = 0; i < data.length; i++) {
            long written = data[i];
            long dropped = discarded[i] & ~written;
            long base = firstGranule + ((long) i << 6);
            if (dropped == 0) {
                scanOneKind(base, written, DATA);
            } else if (written == 0) {
                scanOneKind(base, dropped, DISCARDED);
            } else {
                scanBoth(base, written, dropped);
            }
        }
    }

    private void scanOneKind(long base, long word, int kind) {
        if (open != NONE) {
            if (open == kind && word == -1L) {
                return;
            }
            int goesOn = open == kind ? Long.numberOfTrailingZeros(~word) : 0;
            closeOpen(base + goesOn);
            word &= -1L << goesOn;
        }
        while (word != 0) {
            // Adding the lowest set bit clears its run and sets the bit behind it; 0 is left of a run up to bit 63.
            long behind = word + (word & -word);
            int first = Long.numberOfTrailingZeros(word);
            if (behind == 0) {
                open = kind;
                openFirst = base + first;
                return;
            }
            emit(base + first, base + Long.numberOfTrailingZeros(behind), kind == DISCARDED);
            word &= behind;
        }
    }

    private void scanBoth(long base, long written, long dropped) {
        int at = 0;
        while (at < Long.SIZE) {
            long bit = 1L << at;
            int kind = (written & bit) != 0 ? DATA : (dropped & bit) != 0 ? DISCARDED : NONE;
            long same = kind == DATA ? written : kind == DISCARDED ? dropped : ~(written | dropped);
            long others = ~same & -1L << at;
            if (kind != open) {
                closeOpen(base + at);
                open = kind;
                openFirst = base + at;
            }
            at = others == 0 ? Long.SIZE : Long.numberOfTrailingZeros(others);
        }
    }

    private void closeOpen(long end) {
        if (open != NONE) {
            emit(openFirst, end, open == DISCARDED);
            open = NONE;
        }
    }

    private void emit(long first, long end, boolean discarded) {
        if (runs == RUNS_A_BATCH) {
            flush();
        }
        bounds[2 * runs] = first;
        bounds[2 * runs + 1] = end;
        discardedRuns[runs++] = discarded;
    }

    private void flush() {
        if (runs > 0) {
            sink.accept(bounds, discardedRuns, runs);
            runs = 0;
        }
    }
}
