package org.blktrack.track;

import org.blktrack.model.EpochBits;

/** Counts what an epoch has marked. */
public final class Marked {
    private Marked() {}

    /** @return granules written, granules discarded and not written */
    public static long[] count(EpochBits bits) {
        long[] data = new long[EpochBits.CHUNK_WORDS];
        long[] discarded = new long[EpochBits.CHUNK_WORDS];
        long[] marked = new long[2];
        for (long chunk = 0; chunk < bits.chunks(); chunk++) {
            bits.readChunk(chunk, data, discarded);
            for (int i = 0; i < data.length; i++) {
                marked[0] += Long.bitCount(data[i]);
                marked[1] += Long.bitCount(discarded[i] & ~data[i]);
            }
        }
        return marked;
    }
}
