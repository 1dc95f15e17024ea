package org.blktrack.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;
import org.blktrack.track.Answer;
import org.blktrack.track.Tracker;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A preview holds a copy of the live epoch until its answer is taken: all of them share what the maps leave of 5 % of memory. */
class PreviewsTest {
    /** Of 65,536 granules: two bits each, and a byte for 4,096; in whole pages, and one for the map's head. */
    private static final long MAP_BYTES = 4096 + 16384 + 4096;
    private static final long COPY_BYTES = 16384;

    @TempDir
    Path folder;

    /** @return how many may be held at once */
    private int held(Machine machine) {
        Tracker tracker = machine.daemon();
        String start = tracker.enable(Machine.A, 4096, false, false).record().live().hex();
        String next = tracker.createCheckpoint(Machine.A).id().hex();
        List<Answer> answers = new ArrayList<>();
        while (answers.size() < 20) {
            try {
                answers.add(tracker.changes(Machine.A, start, null));
            } catch (BlktrackException e) {
                assertEquals("BUSY", e.reason());
                assertEquals(ExitStatus.BUSY, e.status());
                break;
            }
        }
        int most = answers.size();
        assertNotNull(Machine.bits(tracker.changes(Machine.A, start, next)), "a range that ends with a checkpoint holds no copy");
        assertEquals(0, machine.kernel.heldPins());
        if (most < 20) {
            answers.remove(0).close();
            answers.add(tracker.changes(Machine.A, start, null));
            assertThrows(BlktrackException.class, () -> tracker.changes(Machine.A, start, null));
        }
        answers.forEach(Answer::close);
        assertNotNull(Machine.bits(tracker.changes(Machine.A, start, null)));
        return most;
    }

    @Test
    void theirMemoryIsBounded() {
        Machine machine = new Machine(folder.resolve("bits"));
        machine.memoryBytes = 20 * (2 * MAP_BYTES + COPY_BYTES + 3 * COPY_BYTES);
        assertEquals(3, held(machine));
    }

    /** Of the older kernels, a byte stands for a granule in the maps, and a bit in a copy. */
    @Test
    void mapsOfBytesLeaveLess() {
        Machine machine = new Machine(folder.resolve("bytes"));
        machine.kernel.layout = "bytes";
        machine.memoryBytes = 20 * (2 * (4096 + 8 * 16384 + 4096) + COPY_BYTES + 2 * COPY_BYTES);
        assertEquals(2, held(machine));
    }

    /** What was copied is there; the pin is replaced by the next copy of the slot. */
    @Test
    void aCopyWhosePinIsNotReleasedIsReadAndClosed() {
        Machine machine = new Machine(folder.resolve("unreleased"));
        machine.memoryBytes = 0;
        Tracker tracker = machine.daemon();
        String start = tracker.enable(Machine.A, 4096, false, false).record().live().hex();
        machine.kernel.listener = step -> {
            if (step.equals("before release")) {
                throw new BlktrackException(ExitStatus.BUSY, "BUSY", "not now", null);
            }
        };
        for (int asked = 0; asked < 2; asked++) {
            assertNotNull(Machine.bits(tracker.changes(Machine.A, start, null)));
            assertEquals(0, tracker.status(Machine.A).get(0).dataGranules());
        }
    }

    @Test
    void oneIsAlwaysPossible() {
        Machine machine = new Machine(folder.resolve("none"));
        machine.memoryBytes = 0;
        assertEquals(1, held(machine));
    }
}
