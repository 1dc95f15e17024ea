package org.blktrack.model;

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

    @Override
    void close();

    default long chunks() {
        return (words() + CHUNK_WORDS - 1) / CHUNK_WORDS;
    }
}
