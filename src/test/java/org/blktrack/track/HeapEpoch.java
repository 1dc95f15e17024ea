package org.blktrack.track;

import java.util.BitSet;
import org.blktrack.model.EpochBits;

/** An epoch in memory, bit by bit: what the fast ones are held against. */
public final class HeapEpoch implements EpochBits {
    private final long words;
    private final long[] data;
    private final long[] discarded;

    public HeapEpoch(long words, BitSet data, BitSet discarded) {
        this.words = words;
        this.data = java.util.Arrays.copyOf(data.toLongArray(), (int) words);
        this.discarded = java.util.Arrays.copyOf(discarded.toLongArray(), (int) words);
    }

    @Override
    public long words() {
        return words;
    }

    @Override
    public void orChunk(long chunk, long[] dataInto, long[] discardedInto) {
        int first = (int) chunk * CHUNK_WORDS;
        for (int i = 0; i < CHUNK_WORDS && first + i < words; i++) {
            dataInto[i] |= data[first + i];
            discardedInto[i] |= discarded[first + i];
        }
    }

    @Override
    public void close() {
        // Nothing is held.
    }

    /** Reads any epoch bit by bit. @return data, discarded and not data */
    public static BitSet[] read(EpochBits bits) {
        BitSet[] read = {new BitSet(), new BitSet()};
        for (long chunk = 0; chunk < bits.chunks(); chunk++) {
            long[] data = new long[CHUNK_WORDS];
            long[] discarded = new long[CHUNK_WORDS];
            bits.orChunk(chunk, data, discarded);
            int base = (int) chunk * CHUNK_WORDS * 64;
            BitSet.valueOf(data).stream().forEach(bit -> read[0].set(base + bit));
            BitSet.valueOf(discarded).stream().forEach(bit -> read[1].set(base + bit));
        }
        read[1].andNot(read[0]);
        return read;
    }
}
