package org.blktrack.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.blktrack.model.BlktrackException;
import org.blktrack.track.Tracker;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Behind work that hangs, whoever asks how things are is told that it does. */
class TrackerWaitTest {
    @TempDir
    Path folder;

    @Test
    void theStatusIsNotWaitedForWithoutEnd() throws InterruptedException {
        Machine machine = new Machine(folder);
        Tracker tracker = machine.daemon();
        CountDownLatch atWork = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        machine.kernel.listener = step -> {
            atWork.countDown();
            try {
                end.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        };
        Thread hanging = new Thread(() -> tracker.enable(Machine.A, 65536, false, false));
        hanging.start();
        atWork.await();
        BlktrackException told = assertTimeoutPreemptively(Duration.ofSeconds(10), () -> assertThrows(BlktrackException.class, () -> tracker.status(null)));
        assertEquals("BUSY", told.reason());
        end.countDown();
        hanging.join();
        assertEquals(1, tracker.status(null).size());
    }
}
