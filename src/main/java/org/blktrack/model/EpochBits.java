package org.blktrack.model;

import java.util.Arrays;

/**
 * The two bitmaps of an epoch, or of several united: bit <i>g</i> of word <i>g</i>/64 stands for granule <i>g</i>. Read in chunks, in
 * ascending order, so that no source ever has to stand in memory whole.
 */
public interface EpochBits extends AutoCloseable {
    /** Words of one chunk: 65,536 granules. */
    int CHUNK_WORDS = 1024;

    /** Words of one bitmap. */
    long words();

    /**
     * ORs one chunk into the arrays. Chunks are asked for in ascending order.
     *
     * @param chunk from 0; words from {@code chunk * CHUNK_WORDS}
     * @param data {@link #CHUNK_WORDS} words
     * @param discarded likewise
     */
    void orChunk(long chunk, long[] data, long[] discarded);

    /** As {@link #orChunk}, but what the arrays held is gone: for the first of several sources, or the only one. */
    default void readChunk(long chunk, long[] data, long[] discarded) {
        Arrays.fill(data, 0);
        Arrays.fill(discarded, 0);
        orChunk(chunk, data, discarded);
    }

    @Override
    void close();

    default long chunks() {
        return (words() + CHUNK_WORDS - 1) / CHUNK_WORDS;
    }
}
