package org.blktrack.daemon;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.function.Consumer;
import org.blktrack.linux.Disk;
import org.blktrack.track.Answer;
import org.blktrack.track.Checkpoint;
import org.blktrack.track.Tracker;
import org.blktrack.track.VolumeRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills the daemon before every single step on disk and at both sides of every request to the helper; the next one must go on as if nothing was. */
class TrackerCrashTest {
    @TempDir
    Path folder;

    /** Stops the world: no code of the daemon may catch it. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1;
    }

    private static final class Countdown implements Disk.StepListener, FakeKernel.Listener {
        private int left;
        private String last = "";

        Countdown(int left) {
            this.left = left;
        }

        @Override
        public void before(String step) {
            at(step);
        }

        @Override
        public void at(String step) {
            if (left-- == 0) {
                last = step;
                throw new Killed();
            }
        }
    }

    /** One history, killed at its n-th step for every n, then looked at by a new daemon. */
    private void killEverywhere(Consumer<Tracker> before, Consumer<Tracker> killed, Check check) {
        for (int step = 0; ; step++) {
            Machine machine = new Machine(folder.resolve(killed.hashCode() + "-" + step));
            Tracker first = machine.daemon();
            String start = first.enable(Machine.A, 4096, false, false).record().live().hex();
            machine.kernel.volume(Machine.A).write(10, 20);
            before.accept(first);
            Countdown countdown = new Countdown(step);
            boolean done = false;
            try {
                Tracker second = machine.daemon(new Disk(countdown));
                machine.kernel.listener = countdown;
                killed.accept(second);
                done = countdown.left >= 0;
            } catch (Killed expected) {
                done = false;
            }
            machine.kernel.listener = at -> {};
            Tracker third = machine.daemon();
            check.look(machine, third, start, "killed at step " + step + ", " + countdown.last);
            assertEquals(0, machine.kernel.heldPins(), "every pin is released, killed at " + countdown.last);
            if (done) {
                assertTrue(step > 5, "the history has steps");
                return;
            }
        }
    }

    private interface Check {
        void look(Machine machine, Tracker tracker, String start, String where);
    }

    private static BitSet range(int first, int end) {
        BitSet bits = new BitSet();
        bits.set(first, end);
        return bits;
    }

    private static List<String> ids(Tracker tracker) {
        VolumeRecord record = tracker.checkpoints(Machine.A);
        return record.checkpoints().stream().filter(each -> !each.deleted()).map(Checkpoint::id).map(Object::toString).toList();
    }

    @Test
    void aCheckpoint() {
        killEverywhere(tracker -> {}, tracker -> tracker.createCheckpoint(Machine.A), (machine, tracker, start, where) -> {
            machine.kernel.volume(Machine.A).write(30, 40);
            BitSet both = range(10, 20);
            both.set(30, 40);
            assertArrayEquals(new BitSet[] {both, new BitSet()}, Machine.bits(tracker.changes(Machine.A, start, null)), where);
            List<String> ids = ids(tracker);
            if (ids.size() == 2) {
                assertEquals(range(10, 20), Machine.bits(tracker.changes(Machine.A, start, ids.get(1)))[0], where);
                assertEquals(range(30, 40), Machine.bits(tracker.changes(Machine.A, ids.get(1), null))[0], where);
            }
        });
    }

    @Test
    void aDeletedCheckpointInTheMiddle() {
        String[] middle = new String[1];
        killEverywhere(tracker -> {
            middle[0] = tracker.createCheckpoint(Machine.A).id().hex();
            tracker.createCheckpoint(Machine.A);
        }, tracker -> tracker.deleteCheckpoint(Machine.A, middle[0]), (machine, tracker, start, where) -> {
            assertEquals(range(10, 20), Machine.bits(tracker.changes(Machine.A, start, null))[0], where);
            List<String> ids = ids(tracker);
            assertEquals(range(10, 20), Machine.bits(tracker.changes(Machine.A, start, ids.get(ids.size() - 1)))[0], where);
            BitSet[] since = Machine.bits(tracker.changes(Machine.A, middle[0], null));
            assertEquals(ids.contains(middle[0]), since != null, where);
        });
    }

    @Test
    void aDeletedLastCheckpointThenAnother() {
        String[] last = new String[1];
        killEverywhere(tracker -> {
            last[0] = tracker.createCheckpoint(Machine.A).id().hex();
            tracker.deleteCheckpoint(Machine.A, last[0]);
        }, tracker -> tracker.createCheckpoint(Machine.A), (machine, tracker, start, where) -> {
            assertNull(Machine.bits(tracker.changes(Machine.A, last[0], null)), where);
            assertEquals(range(10, 20), Machine.bits(tracker.changes(Machine.A, start, null))[0], where);
            assertEquals(start, ids(tracker).get(0), where);
        });
    }

    @Test
    void theEndOfASeries() {
        for (String reason : List.of("AUDIT_MISMATCH", "MAPPING_CHANGED")) {
            killEverywhere(tracker -> {}, tracker -> {
                distrust(reason);
                tracker.checkpoints(Machine.A);
            }, (machine, tracker, start, where) -> {
                try (Answer answer = tracker.changes(Machine.A, start, null)) {
                    if (answer.bits() == null) {
                        assertEquals(reason, answer.trust().reason(), where);
                    }
                }
                String next = tracker.createCheckpoint(Machine.A).id().hex();
                machine.kernel.volume(Machine.A).write(50, 60);
                BitSet[] since = Machine.bits(tracker.changes(Machine.A, next, null));
                assertNotNull(since, where);
                assertEquals(range(50, 60), since[0], where);
            });
        }
    }

    /** The kernel finds something out while the daemon runs. */
    private static void distrust(String reason) {
        Machine.current.kernel.volume(Machine.A).verdict = reason;
    }

    @Test
    void anEnable() {
        killEverywhere(tracker -> {}, tracker -> tracker.enable(Machine.B, 4096, false, false), (machine, tracker, start, where) -> {
            assertEquals(range(10, 20), Machine.bits(tracker.changes(Machine.A, start, null))[0], where);
            long inKernel = machine.kernel.volumes.values().stream().filter(each -> each.device.equals(Machine.B)).count();
            assertEquals(inKernel, tracker.status(null).size() - 1, where);
        });
    }

    @Test
    void aDisable() {
        killEverywhere(tracker -> tracker.createCheckpoint(Machine.A), tracker -> tracker.disable(Machine.A), (machine, tracker, start, where) -> {
            BitSet[] since = Machine.bits(tracker.changes(Machine.A, start, null));
            boolean tracked = !tracker.status(null).isEmpty();
            assertEquals(tracked, since != null, where);
            assertEquals(tracked, !machine.kernel.volumes.isEmpty(), where);
        });
    }
}
