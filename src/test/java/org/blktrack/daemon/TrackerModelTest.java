package org.blktrack.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.blktrack.track.Answer;
import org.blktrack.track.Tracker;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Seeded random operations, restarts among them, against a model that only keeps a list of what happened. */
class TrackerModelTest {
    private static final int GRANULES = 65536;

    @TempDir
    Path folder;

    /** What happened in one epoch. */
    private static final class Epoch {
        final BitSet data = new BitSet();
        final BitSet discarded = new BitSet();
    }

    /** One volume's truth: ids in order, the epoch each of them opened, and why ids of before are gone. */
    private static final class Truth {
        final List<String> ids = new ArrayList<>();
        final List<Epoch> epochs = new ArrayList<>();
        final Map<String, String> gone = new HashMap<>();

        void opened(String id) {
            ids.add(id);
            epochs.add(new Epoch());
        }

        Epoch live() {
            return epochs.get(epochs.size() - 1);
        }

        void ended(String reason, String next) {
            ids.forEach(id -> gone.put(id, reason));
            ids.clear();
            epochs.clear();
            opened(next);
        }

        BitSet[] between(int from, int to) {
            BitSet[] union = {new BitSet(), new BitSet()};
            for (Epoch epoch : epochs.subList(from, to)) {
                union[0].or(epoch.data);
                union[1].or(epoch.discarded);
            }
            union[1].andNot(union[0]);
            return union;
        }
    }

    @Test
    void everyAnswerIsExactlyWhatHappened() {
        for (int seed = 0; seed < 25; seed++) {
            run(seed);
        }
    }

    private void run(int seed) {
        Random random = new Random(seed);
        Machine machine = new Machine(folder.resolve("s" + seed));
        Tracker tracker = machine.daemon();
        Map<String, Truth> truths = new HashMap<>();
        for (String device : List.of(Machine.A, Machine.B)) {
            truths.put(device, new Truth());
            truths.get(device).opened(tracker.enable(device, 4096, false, false).record().live().hex());
        }
        for (int step = 0; step < 120; step++) {
            String device = random.nextInt(3) == 0 ? Machine.B : Machine.A;
            Truth truth = truths.get(device);
            FakeKernel.Volume volume = machine.kernel.volume(device);
            String where = "seed " + seed + " step " + step;
            switch (random.nextInt(12)) {
                case 0, 1, 2, 3 -> write(random, volume, truth);
                case 4 -> discard(random, volume, truth);
                case 5, 6 -> truth.opened(tracker.createCheckpoint(device).id().hex());
                case 7 -> delete(random, tracker, device, truth);
                case 8 -> {
                    if (random.nextInt(4) == 0) {
                        tracker = machine.daemon();
                    }
                }
                case 9 -> {
                    if (random.nextInt(4) == 0) {
                        volume.verdict = "PROGRAM_SKIPPED";
                        truth.ended("PROGRAM_SKIPPED", tracker.checkpoints(device).live().hex());
                    }
                }
                default -> ask(random, tracker, device, truth, where);
            }
        }
        assertEquals(0, machine.kernel.heldPins(), "seed " + seed + ": every pin is released");
    }

    private static void write(Random random, FakeKernel.Volume volume, Truth truth) {
        int first = random.nextInt(GRANULES);
        int end = Math.min(GRANULES, first + 1 + random.nextInt(random.nextInt(2000) + 1));
        volume.write(first, end);
        truth.live().data.set(first, end);
    }

    private static void discard(Random random, FakeKernel.Volume volume, Truth truth) {
        int first = random.nextInt(GRANULES);
        int end = Math.min(GRANULES, first + 1 + random.nextInt(20_000));
        volume.discarded.set(first, end);
        truth.live().discarded.set(first, end);
    }

    /** The model merges at once: an id goes, and the epoch before it grows. */
    private static void delete(Random random, Tracker tracker, String device, Truth truth) {
        if (truth.ids.size() < 2) {
            return;
        }
        int index = random.nextInt(truth.ids.size() - 1) + (random.nextBoolean() ? 1 : 0);
        tracker.deleteCheckpoint(device, truth.ids.get(index));
        if (index == 0) {
            truth.epochs.remove(0);
        } else {
            truth.epochs.get(index - 1).data.or(truth.epochs.get(index).data);
            truth.epochs.get(index - 1).discarded.or(truth.epochs.get(index).discarded);
            truth.epochs.remove(index);
        }
        truth.gone.put(truth.ids.remove(index), "UNKNOWN_CHANGE_ID");
    }

    private static void ask(Random random, Tracker tracker, String device, Truth truth, String where) {
        if (!truth.gone.isEmpty() && random.nextInt(4) == 0) {
            String gone = new ArrayList<>(truth.gone.keySet()).get(random.nextInt(truth.gone.size()));
            try (Answer answer = tracker.changes(device, gone, null)) {
                // A deleted id of a series that ended afterwards may be told either way; it is never answered.
                assertNull(answer.bits(), where);
            }
            return;
        }
        int from = random.nextInt(truth.ids.size());
        int to = from + random.nextInt(truth.ids.size() - from + 1);
        boolean now = to == truth.ids.size();
        BitSet[] expected = truth.between(from, to);
        BitSet[] told = Machine.bits(tracker.changes(device, truth.ids.get(from), now ? null : truth.ids.get(to)));
        assertEquals(expected[0], told[0], where);
        assertEquals(expected[1], told[1], where);
    }
}
