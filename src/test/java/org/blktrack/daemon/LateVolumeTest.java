package org.blktrack.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.blktrack.linux.Disk;
import org.blktrack.linux.WriteProbe;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ChangeId;
import org.blktrack.model.ExitStatus;
import org.blktrack.model.SeriesId;
import org.blktrack.track.Answer;
import org.blktrack.track.Tracker;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that appears after the daemon's start: the helper takes its record over from the table when it comes, or says why not. */
class LateVolumeTest {
    @TempDir
    Path folder;

    private Machine machine;
    private Tracker tracker;
    private FakeKernel.Volume volume;
    private String first;
    private String second;

    /** Written in two epochs, then gone with the last boot. */
    @BeforeEach
    void trackedAndGone() {
        machine = new Machine(folder);
        trackedAndGone(machine);
    }

    private void trackedAndGone(Machine machine) {
        Tracker before = machine.daemon();
        first = before.enable(Machine.A, 4096, false, false).record().live().hex();
        machine.kernel.volume(Machine.A).write(10, 20);
        second = before.createCheckpoint(Machine.A).id().hex();
        machine.kernel.volume(Machine.A).write(30, 40);
        volume = machine.kernel.takeAway(Machine.A);
        tracker = machine.daemon();
    }

    private String reason(String since, String until) {
        try (Answer answer = tracker.changes(Machine.A, since, until)) {
            assertEquals(answer.trust().isComplete(), answer.bits() != null);
            return answer.trust().reason();
        }
    }

    private void expect(String since, String until, int... bounds) {
        BitSet wanted = new BitSet();
        for (int i = 0; i < bounds.length; i += 2) {
            wanted.set(bounds[i], bounds[i + 1]);
        }
        assertEquals(wanted, Machine.bits(tracker.changes(Machine.A, since, until))[0]);
    }

    @Test
    void itsRecordWaitsForIt() {
        for (int starts = 0; starts < 3; starts++) {
            assertEquals("NOT_TRACKED_SINCE", reason(first, null));
            assertEquals("NOT_TRACKED_SINCE", reason(first, second));
            assertEquals("UNKNOWN_CHANGE_ID", reason(ChangeId.random().hex(), null));
            BlktrackException refused = assertThrows(BlktrackException.class, () -> tracker.createCheckpoint(Machine.A));
            assertEquals("NOT_TRACKED_SINCE", refused.reason());
            assertEquals(ExitStatus.UNTRUSTED, refused.status());
            assertEquals("NOT_TRACKED_SINCE", tracker.status(null).get(0).trust().reason());
            assertEquals(2, tracker.checkpoints(Machine.A).checkpoints().size());
            assertEquals(List.of(), tracker.tick(), "a disk that is not there is no fault");
            tracker = machine.daemon();
        }
        machine.kernel.putBack(volume);
        expect(first, null, 10, 20, 30, 40);
        expect(first, second, 10, 20);
        expect(second, null, 30, 40);
        assertTrue(tracker.status(null).get(0).trust().isComplete());
        assertEquals(2, tracker.createCheckpoint(Machine.A).record().checkpoints().size());
    }

    /** The kernel is asked for its figures and for its volumes one after the other. */
    @Test
    void itComesWhileTheRecordsAreJudged() {
        for (Runnable call : List.<Runnable>of(() -> tracker.status(null), () -> tracker.tick())) {
            tracker = machine.daemon();
            machine.kernel.listener = step -> {
                if (step.equals("after audit")) {
                    machine.kernel.listener = other -> {};
                    machine.kernel.putBack(volume);
                }
            };
            call.run();
            expect(first, null, 10, 20, 30, 40);
            machine.kernel.takeAway(Machine.A);
        }
    }

    @Test
    void whatTheHelperDoesNotCallTheSameEndsIt() {
        List<Consumer<FakeKernel.Volume>> changes = List.of(
                each -> each.reason = "FOREIGN_WRITE",
                each -> each.verdict = "AUDIT_MISMATCH",
                each -> each.series = SeriesId.random().hex(),
                each -> each.epoch = ChangeId.random().hex(),
                each -> each.epoch = first,
                each -> each.sectors += 8);
        for (Consumer<FakeKernel.Volume> change : changes) {
            change.accept(volume);
            machine.kernel.putBack(volume);
            for (int starts = 0; starts < 2; starts++) {
                assertFalse(reason(first, null) == null || reason(second, null) == null || reason(first, second) == null);
                tracker = machine.daemon();
            }
            first = tracker.createCheckpoint(Machine.A).id().hex();
            second = tracker.createCheckpoint(Machine.A).id().hex();
            assertNull(reason(first, null), "a series of its own began");
            machine.kernel.takeAway(Machine.A);
            tracker = machine.daemon();
        }
    }

    /** The rotation was in the kernel and in the table, and the closed epoch went with the boot. */
    @Test
    void aCheckpointThatWasHalfMade() {
        machine.kernel.putBack(volume);
        Tracker onFullDisk = machine.daemon(new Disk(step -> {
            if (step.startsWith("create ") && step.endsWith(".epoch")) {
                throw new BlktrackException(ExitStatus.FAILED, "DISK_FULL", "No space left on device", null);
            }
        }));
        assertThrows(BlktrackException.class, () -> onFullDisk.createCheckpoint(Machine.A));
        String third = volume.epoch;
        volume.write(50, 60);
        machine.kernel.takeAway(Machine.A);
        machine.kernel.dropClosed();
        tracker = machine.daemon();
        assertEquals("NOT_TRACKED_SINCE", reason(first, null));
        machine.kernel.putBack(volume);
        assertEquals("CHECKPOINT_CORRUPT", reason(first, null));
        assertEquals("CHECKPOINT_CORRUPT", reason(second, third));
        expect(first, second, 10, 20);
        expect(third, null, 50, 60);
    }

    @Test
    void itIsDisabledWhileItIsNotThere() {
        tracker.disable(Machine.A);
        assertEquals(List.of(volume.identity), machine.kernel.withdrawn, "it would keep its place in the table for good");
        machine.kernel.putBack(volume);
        assertEquals("NOT_TRACKED_SINCE", reason(first, null));
        assertTrue(machine.kernel.volumes.isEmpty(), "what the helper took over was let go");
        String anew = tracker.enable(Machine.A, 4096, false, false).record().live().hex();
        assertNull(reason(anew, null));
        assertEquals("NOT_TRACKED_SINCE", reason(second, null));
    }

    @Test
    void aCheckpointIsDeletedWhileItIsNotThere() {
        machine.kernel.putBack(volume);
        String third = tracker.createCheckpoint(Machine.A).id().hex();
        volume.write(50, 60);
        machine.kernel.takeAway(Machine.A);
        tracker = machine.daemon();
        tracker.deleteCheckpoint(Machine.A, second);
        machine.kernel.putBack(volume);
        expect(first, third, 10, 20, 30, 40);
        expect(first, null, 10, 20, 30, 40, 50, 60);
        assertEquals("UNKNOWN_CHANGE_ID", reason(second, null));
    }

    /** The device is there and the kernel tracks it not: its writes are marked nowhere, and its record ends with the next start. */
    @Test
    void itIsThereAndNobodyTookItOver() {
        machine.kernel.device(Machine.A, "8:1", "partuuid:a");
        tracker = machine.daemon();
        assertEquals("NOT_TRACKED_SINCE", reason(first, null));
        assertEquals("NOT_TRACKED_SINCE", reason(first, second));
        assertEquals(1, machine.kernel.volumes.size());
        assertEquals("NOT_TRACKED_SINCE", tracker.status(null).get(0).record().lastEnded().trust().reason());
        assertNull(reason(tracker.checkpoints(Machine.A).live().hex(), null));
    }

    @Test
    void theDaemonIsKilledWhileItBeginsAnew() {
        for (String where : List.of("before enable", "after enable")) {
            machine = new Machine(folder.resolve(where));
            trackedAndGone(machine);
            machine.kernel.device(Machine.A, "8:1", "partuuid:a");
            machine.kernel.listener = step -> {
                if (step.equals(where)) {
                    throw new AssertionError("killed");
                }
            };
            assertThrows(AssertionError.class, machine::daemon);
            machine.kernel.listener = step -> {};
            tracker = machine.daemon();
            assertFalse(reason(first, null) == null || reason(first, second) == null, where);
            assertNull(reason(tracker.createCheckpoint(Machine.A).id().hex(), null), where);
        }
    }

    @Test
    void enabledByHandItStartsAnew() {
        machine.kernel.device(Machine.A, "8:1", "partuuid:a");
        String anew = tracker.enable(Machine.A, 4096, false, false).record().live().hex();
        assertNull(reason(anew, null));
        assertEquals("NOT_TRACKED_SINCE", reason(second, null));
    }

    /** udev calls the helper while the daemon starts: what that took over is not enabled over it. */
    @Test
    void theHelperIsFasterThanTheDaemonsStart() {
        machine.kernel.device(Machine.A, "8:1", "partuuid:a");
        machine.kernel.listener = step -> {
            if (step.equals("after probe")) {
                machine.kernel.putBack(volume);
            }
        };
        tracker = machine.daemon();
        machine.kernel.listener = step -> {};
        expect(first, null, 10, 20, 30, 40);
        assertEquals(1, machine.kernel.volumes.size());
    }

    /** The daemon saw it there with its writes marked nowhere: what a later event takes over is not whole, also where the daemon could not begin anew. */
    @Test
    void itWasThereAndCouldNotBeEnabled() {
        for (String fault : List.of("BUSY", "TOO_MUCH_MEMORY", "AGENT_GONE", "ALREADY_TRACKED")) {
            machine = new Machine(folder.resolve(fault));
            trackedAndGone(machine);
            machine.kernel.device(Machine.A, "8:1", "partuuid:a");
            machine.kernel.listener = step -> {
                if (step.equals("before enable")) {
                    throw new BlktrackException(ExitStatus.FAILED, fault, "not now", null);
                }
            };
            tracker = machine.daemon();
            machine.kernel.listener = step -> {};
            machine.kernel.putBack(volume);
            assertEquals("NOT_TRACKED_SINCE", reason(first, null), fault);
            assertEquals("NOT_TRACKED_SINCE", reason(first, second), fault);
            assertNull(reason(tracker.createCheckpoint(Machine.A).id().hex(), null), fault);
        }
    }

    /** Once: then it is noted as seen. Of what is unknown already nothing more is said. */
    private FakeKernel.Listener findsAnOldCopy() {
        return step -> {
            if (step.equals("after table_refresh") && !machine.kernel.volumes.isEmpty()) {
                machine.kernel.volumes.values().stream().filter(each -> each.reason.isEmpty()).forEach(each -> each.reason = "TABLE_REPLACED");
                machine.kernel.listener = other -> {};
            }
        };
    }

    /** The boot has long begun: that it began with an old copy of the table is found out before anybody is answered from it. */
    @Test
    void anOldCopyOfTheTableIsFoundOutWhenItComes() {
        machine.kernel.putBack(volume);
        machine.kernel.listener = findsAnOldCopy();
        assertEquals("TABLE_REPLACED", reason(first, null));
    }

    @Test
    void anOldCopyThatWasFoundOutBeforeItComes() {
        for (String unknown : List.of("", "FOREIGN_WRITE")) {
            for (boolean beat : new boolean[] {false, true}) {
                machine = new Machine(folder.resolve(unknown + beat));
                trackedAndGone(machine);
                tracker.enable(Machine.B, 4096, false, false);
                machine.kernel.volume(Machine.B).reason = unknown;
                machine.kernel.listener = findsAnOldCopy();
                if (beat) {
                    tracker.tick();
                } else {
                    tracker = machine.daemon();
                }
                machine.kernel.putBack(volume);
                assertEquals("NOT_TRACKED_SINCE", reason(first, null), unknown + beat);
            }
        }
    }

    /** Two come one after the other, and the refresh for the first finds it out. */
    @Test
    void anOldCopyThatTheFirstOfTwoShows() {
        machine.kernel.device("/dev/c", "8:3", "partuuid:c");
        machine.kernel.putBack(volume);
        String other = tracker.enable("/dev/c", 4096, false, false).record().live().hex();
        FakeKernel.Volume late = machine.kernel.takeAway("/dev/c");
        machine.kernel.takeAway(Machine.A);
        tracker = machine.daemon();
        machine.kernel.putBack(volume);
        machine.kernel.listener = findsAnOldCopy();
        assertEquals("TABLE_REPLACED", reason(first, null));
        machine.kernel.putBack(late);
        assertEquals("NOT_TRACKED_SINCE", tracker.changes("/dev/c", other, null).trust().reason());
    }

    /** The refresh that finds it out came a moment before the volume, and says nothing of it; the next one says nothing more. */
    @Test
    void anOldCopyThatIsFoundOutRightBeforeItComes() {
        for (String during : List.of("tick", "start", "arrival of another")) {
            machine = new Machine(folder.resolve(during));
            machine.kernel.device("/dev/c", "8:3", "partuuid:c");
            trackedAndGone(machine);
            tracker.enable("/dev/c", 4096, false, false);
            if (during.equals("arrival of another")) {
                FakeKernel.Volume other = machine.kernel.takeAway("/dev/c");
                tracker = machine.daemon();
                machine.kernel.putBack(other);
            }
            FakeKernel.Listener finds = findsAnOldCopy();
            machine.kernel.listener = step -> {
                finds.at(step);
                if (step.equals("after table_refresh")) {
                    machine.kernel.putBack(volume);
                }
            };
            if (during.equals("start")) {
                tracker = machine.daemon();
            } else {
                tracker.tick();
            }
            assertEquals("NOT_TRACKED_SINCE", reason(first, null), during);
            assertEquals("NOT_TRACKED_SINCE", reason(first, second), during);
            assertNull(reason(tracker.createCheckpoint(Machine.A).id().hex(), null), during);
        }
    }

    /** The helper, too, writes where it is frozen. */
    @Test
    void whileTheTableCannotBeRefreshedItWaits() {
        AtomicBoolean frozen = new AtomicBoolean();
        tracker = machine.daemon(new Disk(new WriteProbe(() -> {
            while (frozen.get()) {
                Thread.onSpinWait();
            }
        })));
        frozen.set(true);
        machine.kernel.putBack(volume);
        int refreshes = machine.kernel.refreshes;
        assertEquals("NOT_TRACKED_SINCE", reason(first, null));
        assertEquals(refreshes, machine.kernel.refreshes);
        frozen.set(false);
        expect(first, null, 10, 20, 30, 40);
    }

    /** Its place in this boot is all that names it: the device that comes back may be another. */
    @Test
    void aVolumeWithoutAnIdentityDoesNotComeBack() {
        String start = tracker.enable(Machine.B, 4096, false, false).record().live().hex();
        FakeKernel.Volume nameless = machine.kernel.takeAway(Machine.B);
        assertEquals("NOT_TRACKED_SINCE", tracker.changes(Machine.B, start, null).trust().reason());
        machine.kernel.putBack(nameless);
        assertEquals("NOT_TRACKED_SINCE", tracker.changes(Machine.B, start, null).trust().reason());
    }

    /** What the twin wrote, if it is another path to the same disk, nobody saw. */
    @Test
    void aTwinEndsIt() {
        machine.kernel.putBack(volume);
        expect(first, null, 10, 20, 30, 40);
        machine.kernel.device("/dev/c", "8:3", "partuuid:a");
        tracker.enable("/dev/c", 4096, false, false);
        tracker.tick();
        machine.kernel.takeAway("/dev/c");
        assertEquals("NOT_TRACKED_SINCE", reason(first, null));
    }
}
