package org.blktrack.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.concurrent.atomic.AtomicBoolean;
import org.blktrack.linux.Disk;
import org.blktrack.linux.WriteProbe;
import org.blktrack.model.BlktrackException;
import org.blktrack.track.Tracker;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A backup program freezes the file system that the daemon's records lie on, asks for a checkpoint, and thaws it when it has the answer. */
class FrozenRecordsTest {
    @TempDir
    Path folder;

    private final AtomicBoolean frozen = new AtomicBoolean();
    private Machine machine;
    private String first;

    /** Its attempts to write are held as long as it is frozen. */
    private Tracker daemon() {
        return machine.daemon(new Disk(new WriteProbe(() -> {
            while (frozen.get()) {
                try {
                    Thread.sleep(5);
                } catch (InterruptedException e) {
                    return;
                }
            }
        })));
    }

    @BeforeEach
    void trackedAndWritten() {
        machine = new Machine(folder);
        first = daemon().enable(Machine.A, 4096, false, false).record().live().hex();
        machine.kernel.volume(Machine.A).write(10, 20);
    }

    private void expect(Tracker tracker, String since, String until, int from, int to) {
        BitSet wanted = new BitSet();
        wanted.set(from, to);
        BitSet[] bits = Machine.bits(tracker.changes(Machine.A, since, until));
        bits[0].or(bits[1]);
        assertEquals(wanted, bits[0]);
    }

    @Test
    void theCheckpointIsAnsweredWhileItIsFrozenAndStoredWhenItIsThawed() {
        Tracker tracker = daemon();
        frozen.set(true);
        String second = tracker.createCheckpoint(Machine.A).id().hex();
        assertFalse(Files.exists(machine.places.checkpoints()), "nothing is written where it is frozen");
        assertEquals("STATE_FROZEN", assertThrows(BlktrackException.class, () -> tracker.createCheckpoint(Machine.A)).reason(), "one is what it can hold");
        frozen.set(false);
        machine.kernel.volume(Machine.A).write(40, 50);
        expect(tracker, first, second, 10, 20);
        expect(tracker, second, null, 40, 50);
        assertTrue(Files.exists(machine.checkpointFile(first)));
        assertNotEquals("none", tracker.checkpoints(Machine.A).checkpoints().get(1).rest(), "how it was taken is known");
        expect(daemon(), first, second, 10, 20);
    }

    @Test
    void aDaemonThatIsKilledMeanwhileLosesNothing() {
        frozen.set(false);
        Tracker killed = daemon();
        frozen.set(true);
        String second = killed.createCheckpoint(Machine.A).id().hex();
        Tracker next = daemon();
        assertEquals("CHECKPOINT_NOT_STORED", next.changes(Machine.A, first, second).trust().reason());
        frozen.set(false);
        machine.kernel.volume(Machine.A).write(40, 50);
        expect(next, first, second, 10, 20);
        expect(next, second, null, 40, 50);
        assertTrue(machine.places.runDir().resolve("volumes").toFile().list().length == 0, "nothing is left aside");
    }

    @Test
    void aDaemonThatEndsBringsItHome() throws IOException {
        Tracker tracker = daemon();
        frozen.set(true);
        String second = tracker.createCheckpoint(Machine.A).id().hex();
        Path aside = machine.places.runDir().resolve("volumes");
        Path kept = aside.toFile().listFiles()[0].toPath();
        frozen.set(false);
        tracker.bringHome();
        assertTrue(Files.exists(machine.checkpointFile(first)));
        assertFalse(Files.exists(kept));
        expect(daemon(), first, second, 10, 20);

        // One that was killed before it could remove what it had brought home: it goes before anything newer is stored.
        Files.write(kept, Files.readAllBytes(machine.places.volumes().resolve(kept.getFileName())));
        Tracker next = daemon();
        assertFalse(Files.exists(kept));
        String third = next.createCheckpoint(Machine.A).id().hex();
        expect(daemon(), first, third, 10, 20);
    }

    @Test
    void whatWouldWaitForTheThawIsRefused() {
        Tracker tracker = daemon();
        frozen.set(true);
        assertEquals("STATE_FROZEN", assertThrows(BlktrackException.class, () -> tracker.disable(Machine.A)).reason());
        assertEquals("STATE_FROZEN", assertThrows(BlktrackException.class, tracker::tick).reason());
        frozen.set(false);
        tracker.disable(Machine.A);
    }
}
