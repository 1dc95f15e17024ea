package org.blktrack.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class SelftestTallyTest {
    private static final int GRANULE = 65536;
    private static final List<SelftestTally.Mark> MARKS = List.of(new SelftestTally.Mark("a", 0, 10), new SelftestTally.Mark("b", 100, 110),
            new SelftestTally.Mark("c", 200, 210));

    private static BitSet granules(int... which) {
        BitSet bits = new BitSet();
        for (int each : which) {
            bits.set(each);
        }
        return bits;
    }

    private static SelftestTally.Write write(int granule, long began, long ended) {
        return new SelftestTally.Write((long) granule * GRANULE, 4096, began, ended);
    }

    private static SelftestReport report(List<BitSet> answers, SelftestTally.Write... writes) {
        SelftestTally tally = new SelftestTally(MARKS, answers, GRANULE);
        List.of(writes).forEach(tally::add);
        return tally.report();
    }

    @Test
    void aMissedWriteIsFound() {
        List<BitSet> none = List.of(granules(), granules());
        assertEquals(new SelftestReport(1, 3, 1, 0, 1), report(none, write(7, 20, 30)));
        assertEquals(1, report(none, write(7, 99, 101)).missed());
        assertEquals(1, report(List.of(granules(), granules(7)), write(7, 20, 30)).missed(), "it ended before the checkpoint");
        assertEquals(1, report(List.of(granules(7), granules()), write(7, 120, 130)).missed(), "it began after the checkpoint");
        assertEquals(1, report(List.of(granules(7), granules()), write(7, 90, 120)).missed(), "it was under way all through the checkpoint");
        assertEquals(0, report(List.of(granules(7), granules()), write(7, 90, 105)).missed());
        assertEquals(0, report(List.of(granules(), granules(7)), write(7, 90, 105)).missed());
    }

    /** Two writes of a granule, one of them across the checkpoint, and one bit that stands for both. */
    @Test
    void noMoreIsWrittenThanReported() {
        assertEquals(new SelftestReport(2, 3, 1, 1, 0), report(List.of(granules(), granules(7)), write(7, 90, 105), write(7, 120, 130)));
        assertEquals(new SelftestReport(2, 3, 2, 3, 0), report(List.of(granules(7), granules(7, 8)), write(7, 20, 30), write(7, 120, 130)));
    }

    @Test
    void aShortTestIsNotOfNoMinutes() {
        assertEquals("1.2 seconds", SelftestCommand.duration(0.02));
        assertEquals("1 minute", SelftestCommand.duration(1));
        assertEquals("2.5 minutes", SelftestCommand.duration(2.5));
    }
}
