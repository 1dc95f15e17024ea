package org.blktrack.track;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ExtentScanTest {
    private static List<String> fast(long words, BitSet data, BitSet discarded, int granules) {
        List<String> runs = new ArrayList<>();
        ExtentScan.scan(new HeapEpoch(words, data, discarded), granules, (bounds, dropped, count) -> {
            for (int i = 0; i < count; i++) {
                runs.add(bounds[2 * i] + "-" + bounds[2 * i + 1] + (dropped[i] ? "d" : ""));
            }
        });
        return runs;
    }

    private static List<String> naive(BitSet data, BitSet discarded, int granules) {
        List<String> runs = new ArrayList<>();
        for (int at = 0; at < granules; ) {
            int kind = kind(data, discarded, at);
            int end = at;
            while (end < granules && kind(data, discarded, end) == kind) {
                end++;
            }
            if (kind != 0) {
                runs.add(at + "-" + end + (kind == 2 ? "d" : ""));
            }
            at = end;
        }
        return runs;
    }

    private static int kind(BitSet data, BitSet discarded, int at) {
        return data.get(at) ? 1 : discarded.get(at) ? 2 : 0;
    }

    @Test
    void agreesWithCountingBits() {
        for (int seed = 0; seed < 400; seed++) {
            Random random = new Random(seed);
            int granules = 1 + random.nextInt(random.nextBoolean() ? 300 : 200_000);
            long words = (granules + 63) / 64;
            BitSet data = runs(random, granules);
            BitSet discarded = random.nextBoolean() ? new BitSet() : runs(random, granules);
            assertEquals(naive(data, discarded, granules), fast(words, data, discarded, granules), "seed " + seed);
        }
    }

    private static BitSet runs(Random random, int granules) {
        BitSet bits = new BitSet();
        int longest = 1 + random.nextInt(200);
        for (int at = random.nextInt(longest); at < granules; at += 1 + random.nextInt(longest)) {
            int end = Math.min((granules + 63) / 64 * 64, at + 1 + random.nextInt(longest));
            bits.set(at, end);
            at = end;
        }
        return bits;
    }
}
