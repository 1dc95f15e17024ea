package org.blktrack.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ChangeId;
import org.blktrack.model.ExitStatus;
import org.blktrack.track.Answer;
import org.blktrack.track.Tracker;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever {@code status} lists can be named: by its device, or by the volume id that stands beside it. */
class VolumeNameTest {
    private static final String OLD = "partuuid:a";
    private static final String NEW = "fsuuid:b";

    @TempDir
    Path folder;

    private Machine machine;
    private Tracker tracker;
    private String oldStart;
    private String newStart;

    /** A volume that was given a new identity while it was tracked: its record waits, beside that of the one that has its device now. */
    @BeforeEach
    void reformatted() {
        machine = new Machine(folder);
        oldStart = machine.daemon().enable(Machine.A, 4096, false, false).record().live().hex();
        machine.kernel.takeAway(Machine.A);
        machine.kernel.device(Machine.A, "8:1", NEW);
        tracker = machine.daemon();
        newStart = tracker.enable(Machine.A, 4096, false, false).record().live().hex();
        assertEquals(2, tracker.status(null).size());
    }

    private String disabled(String device) {
        return tracker.disable(device).id().text();
    }

    private String reason(String device, String since) {
        try (Answer answer = tracker.changes(device, since, null)) {
            return answer.trust().reason();
        }
    }

    private BlktrackException refusal(String device) {
        return assertThrows(BlktrackException.class, () -> tracker.disable(device));
    }

    @Test
    void theOneThatIsThereGoesFirstThenTheOneThatIsAway() {
        assertEquals(NEW, tracker.status(Machine.A).get(0).record().id().text());
        assertEquals(NEW, disabled(Machine.A));
        assertEquals(OLD, tracker.status(Machine.A).get(0).record().id().text());
        assertEquals(OLD, disabled(Machine.A));
        assertEquals(List.of(OLD), machine.kernel.withdrawn);
        assertEquals(List.of(), tracker.status(null));
        assertEquals("NOT_TRACKED", refusal(Machine.A).reason());
    }

    @Test
    void theIdNamesExactlyOne() {
        assertEquals("NOT_TRACKED_SINCE", tracker.status(OLD).get(0).trust().reason());
        assertTrue(tracker.status(NEW).get(0).trust().isComplete());
        assertEquals(oldStart, tracker.checkpoints(OLD).live().hex());
        String next = tracker.createCheckpoint(NEW).id().hex();
        assertEquals("NOT_TRACKED_SINCE", assertThrows(BlktrackException.class, () -> tracker.createCheckpoint(OLD)).reason());
        assertNull(reason(NEW, newStart), "up to now");
        assertEquals("NOT_TRACKED_SINCE", reason(OLD, oldStart));
        tracker.deleteCheckpoint(NEW, next);
        assertEquals(OLD, disabled(OLD));
        assertEquals("NOT_TRACKED_SINCE", reason(OLD, oldStart), "a record that was given up still explains");
        assertEquals("NOT_TRACKED", refusal(OLD).reason());
        assertEquals(NEW, disabled(NEW));
        assertTrue(machine.kernel.volumes.isEmpty());
    }

    @Test
    void anIdThatNobodyKnows() {
        assertEquals("NO_SUCH_DEVICE", refusal("fsuuid:0").reason());
        assertEquals("NO_SUCH_DEVICE", assertThrows(BlktrackException.class, () -> reason("fsuuid:0", ChangeId.random().hex())).reason());
        assertEquals("NO_SUCH_DEVICE", assertThrows(BlktrackException.class, () -> tracker.enable(NEW, 4096, false, false)).reason(),
                "only what is there can be enabled");
    }

    @Test
    void ofSeveralThatAreAwayTheIdTells() {
        machine.kernel.takeAway(Machine.A);
        tracker = machine.daemon();
        BlktrackException refusal = refusal(Machine.A);
        assertEquals("AMBIGUOUS_DEVICE", refusal.reason());
        assertEquals(ExitStatus.REFUSED, refusal.status());
        assertTrue(refusal.getMessage().contains(OLD) && refusal.getMessage().contains(NEW), refusal.getMessage());
        assertTrue(refusal.remedy().contains("id"), refusal.remedy());
        assertEquals(OLD, disabled(OLD));
        assertEquals(NEW, disabled(Machine.A));
    }
}
