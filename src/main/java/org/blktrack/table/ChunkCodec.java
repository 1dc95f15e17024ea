package org.blktrack.table;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.blktrack.model.EpochBits;

/**
 * One chunk of one bitmap, 65,536 granules, in whichever of four forms is smallest. It is the container idea of Roaring bitmaps, made to be
 * read straight into words; docs/decisions says why.
 *
 * <pre>
 * FULL    nothing
 * ARRAY   count set granules, 16 bits each, ascending
 * RUNS    count pairs of 16 bits: first granule, length less one
 * WORDS   1,024 words
 * </pre>
 */
final class ChunkCodec {
    static final int FULL = 1;
    static final int ARRAY = 2;
    static final int RUNS = 3;
    static final int WORDS = 4;
    static final int LARGEST_BODY = EpochBits.CHUNK_WORDS * Long.BYTES;
    private static final int GRANULES = EpochBits.CHUNK_WORDS * Long.SIZE;

    private ChunkCodec() {}

    /** The chosen form of a chunk and its body's size. */
    record Form(int code, int count) {
        int bodyBytes() {
            return switch (code) {
                case FULL -> 0;
                case ARRAY -> count * Short.BYTES;
                case RUNS -> count * 2 * Short.BYTES;
                case WORDS -> LARGEST_BODY;
                default -> throw new IllegalArgumentException("chunk form " + code);
            };
        }

        boolean isValid() {
            return switch (code) {
                case FULL, WORDS -> count == 0;
                case ARRAY -> count >= 1 && count <= LARGEST_BODY / Short.BYTES;
                case RUNS -> count >= 1 && count <= LARGEST_BODY / (2 * Short.BYTES);
                default -> false;
            };
        }
    }

    static long cardinality(long[] words) {
        long count = 0;
        for (long word : words) {
            count += Long.bitCount(word);
        }
        return count;
    }

    /** @param cardinality of the words, more than 0 */
    static Form smallest(long[] words, long cardinality) {
        if (cardinality == GRANULES) {
            return new Form(FULL, 0);
        }
        int runs = runs(words);
        if (runs * 4L < Math.min(cardinality * 2, LARGEST_BODY)) {
            return new Form(RUNS, runs);
        }
        return cardinality * 2 < LARGEST_BODY ? new Form(ARRAY, (int) cardinality) : new Form(WORDS, 0);
    }

    private static int runs(long[] words) {
        int runs = 0;
        long carry = 0;
        for (long word : words) {
            runs += Long.bitCount(word & ~(word << 1 | carry));
            carry = word >>> 63;
        }
        return runs;
    }

    static void encode(long[] words, Form form, ByteBuffer into) {
        switch (form.code()) {
            case ARRAY -> {
                for (int granule = next(words, 0, true); granule < GRANULES; granule = next(words, granule + 1, true)) {
                    into.putShort((short) granule);
                }
            }
            case RUNS -> {
                int end;
                for (int first = next(words, 0, true); first < GRANULES; first = next(words, end, true)) {
                    end = next(words, first, false);
                    into.putShort((short) first).putShort((short) (end - first - 1));
                }
            }
            case WORDS -> {
                for (long word : words) {
                    into.putLong(word);
                }
            }
            default -> { }
        }
    }

    /** The first granule from there on that is set, or is not; {@link #GRANULES} where there is none. */
    private static int next(long[] words, int from, boolean set) {
        for (int index = from >> 6; index < words.length; index++) {
            long word = set ? words[index] : ~words[index];
            if (index == from >> 6) {
                word &= -1L << from;
            }
            if (word != 0) {
                return (index << 6) + Long.numberOfTrailingZeros(word);
            }
        }
        return GRANULES;
    }

    /** ORs a chunk's body into words. */
    static void orInto(Form form, ByteBuffer body, long[] words) {
        switch (form.code()) {
            case FULL -> Arrays.fill(words, -1L);
            case ARRAY -> {
                for (int i = 0; i < form.count(); i++) {
                    int granule = body.getShort() & 0xffff;
                    words[granule >> 6] |= 1L << granule;
                }
            }
            case RUNS -> {
                for (int i = 0; i < form.count(); i++) {
                    int first = body.getShort() & 0xffff;
                    orRun(words, first, first + (body.getShort() & 0xffff) + 1);
                }
            }
            default -> {
                for (int i = 0; i < words.length; i++) {
                    words[i] |= body.getLong();
                }
            }
        }
    }

    private static void orRun(long[] words, int first, int end) {
        int firstWord = first >> 6;
        int lastWord = end - 1 >> 6;
        long head = -1L << first;
        long tail = -1L >>> -end;
        if (firstWord == lastWord) {
            words[firstWord] |= head & tail;
            return;
        }
        words[firstWord] |= head;
        Arrays.fill(words, firstWord + 1, lastWord, -1L);
        words[lastWord] |= tail;
    }
}
