package org.blktrack.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.blktrack.linux.Disk;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;
import org.blktrack.track.Tracker;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever was told that a volume is not tracked does not meet it later as tracked. */
class FailedEnableTest {
    @TempDir
    Path folder;

    private Machine machine;
    private Tracker tracker;
    private boolean full;

    @BeforeEach
    void start() {
        machine = new Machine(folder);
        tracker = machine.daemon(new Disk(step -> {
            if (full && step.startsWith("create ")) {
                throw new BlktrackException(ExitStatus.FAILED, "DISK_FULL", "No space left on device", null);
            }
        }));
    }

    private String refusal() {
        return assertThrows(BlktrackException.class, () -> tracker.enable(Machine.A, 4096, false, false)).reason();
    }

    @Test
    void whatCannotBeRecordedIsNotTracked() {
        full = true;
        assertEquals("DISK_FULL", refusal());
        assertTrue(machine.kernel.volumes.isEmpty());
        full = false;
        assertEquals(List.of(), tracker.tick());
        assertEquals(List.of(), tracker.status(null));
        assertEquals("DISK_FULL", fullAgain());
        assertEquals(1, machineAfterRoom().status(null).size());
    }

    private String fullAgain() {
        full = true;
        return refusal();
    }

    private Tracker machineAfterRoom() {
        full = false;
        tracker.enable(Machine.A, 4096, false, false);
        return machine.daemon();
    }

    /** Then the next judgement finds it in the kernel, as after a kill. */
    @Test
    void anUndoThatFailsHidesNothing() {
        full = true;
        machine.kernel.listener = step -> {
            if (step.equals("before disable")) {
                throw new BlktrackException(ExitStatus.FAILED, "AGENT_GONE", "gone", null);
            }
        };
        assertEquals("DISK_FULL", refusal());
        machine.kernel.listener = step -> {};
        full = false;
        assertEquals(1, tracker.status(null).size());
    }
}
