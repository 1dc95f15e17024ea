package org.blktrack.track;

import java.util.Arrays;
import java.util.Random;
import org.blktrack.model.EpochBits;

/** From map to extents for 16 TiB at 64 KiB, one granule in a hundred changed at random, beside one plain read of the memory. */
public final class ExtentBenchmark {
    private static final long GRANULES = (16L << 40) / (64 << 10);
    private static final int ROUNDS = 40;
    private static long sink;

    private ExtentBenchmark() {}

    public static void main(String[] args) {
        java.nio.LongBuffer map = java.nio.ByteBuffer.allocateDirect((int) (GRANULES / 8 * 2)).order(java.nio.ByteOrder.LITTLE_ENDIAN).asLongBuffer();
        Random random = new Random(1);
        for (long i = 0; i < GRANULES / 100; i++) {
            long granule = (long) (random.nextDouble() * GRANULES);
            int word = (int) (granule >> 6);
            map.put(word, map.get(word) | 1L << granule);
        }
        java.lang.management.ThreadMXBean threads = java.lang.management.ManagementFactory.getThreadMXBean();
        double[] scan = new double[ROUNDS];
        double[] processor = new double[ROUNDS];
        double[] read = new double[ROUNDS];
        long[] runs = new long[1];
        for (int round = 0; round < ROUNDS; round++) {
            long before = threads.getCurrentThreadCpuTime();
            long start = System.nanoTime();
            runs[0] = 0;
            ExtentScan.scan(new MappedEpoch(map), GRANULES, (bounds, discarded, count) -> {
                runs[0] += count;
                sink += bounds[0];
            });
            long middle = System.nanoTime();
            processor[round] = (threads.getCurrentThreadCpuTime() - before) / 1e6;
            long[] buffer = new long[EpochBits.CHUNK_WORDS];
            for (int at = 0; at < map.capacity(); at += buffer.length) {
                map.get(at, buffer);
                for (long word : buffer) {
                    sink += word;
                }
            }
            scan[round] = (middle - start) / 1e6;
            read[round] = (System.nanoTime() - middle) / 1e6;
        }
        Arrays.sort(scan);
        Arrays.sort(read);
        Arrays.sort(processor);
        System.out.printf("extents of 16 TiB, 1 %% random: %,d extents, median %.1f ms (best %.1f, worst %.1f; processor time %.1f); plain read %.1f ms; ratio %.2f [%d]%n",
                runs[0], scan[ROUNDS / 2], scan[0], scan[ROUNDS - 1], processor[ROUNDS / 2], read[ROUNDS / 2], scan[ROUNDS / 2] / read[ROUNDS / 2], sink & 1);
    }

    /** As a pinned map is read, without a kernel. */
    private static final class MappedEpoch implements EpochBits {
        private final java.nio.LongBuffer map;
        private final long[] scratch = new long[CHUNK_WORDS];

        MappedEpoch(java.nio.LongBuffer map) {
            this.map = map;
        }

        @Override
        public long words() {
            return map.capacity() / 2;
        }

        @Override
        public void orChunk(long chunk, long[] data, long[] discarded) {
            or((int) chunk * CHUNK_WORDS, data);
            or((int) (words() + chunk * CHUNK_WORDS), discarded);
        }

        @Override
        public void readChunk(long chunk, long[] data, long[] discarded) {
            map.get((int) chunk * CHUNK_WORDS, data, 0, CHUNK_WORDS);
            map.get((int) (words() + chunk * CHUNK_WORDS), discarded, 0, CHUNK_WORDS);
        }

        private void or(int first, long[] into) {
            map.get(first, scratch, 0, CHUNK_WORDS);
            for (int i = 0; i < CHUNK_WORDS; i++) {
                into[i] |= scratch[i];
            }
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }
}
