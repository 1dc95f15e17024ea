package org.blktrack.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.blktrack.model.BlktrackException;
import org.blktrack.track.Tracker;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Behind work that hangs, whoever asks for anything is told that it does: what hangs may be waiting for him to thaw something. */
class TrackerWaitTest {
    @TempDir
    Path folder;

    @Test
    void nobodyWaitsWithoutEnd() throws InterruptedException {
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
        List<Executable> calls = List.of(() -> tracker.status(null), () -> tracker.createCheckpoint(Machine.A), () -> tracker.changes(Machine.A, "", null),
                () -> tracker.checkpoints(Machine.A), () -> tracker.deleteCheckpoint(Machine.A, ""), () -> tracker.enable(Machine.B, 65536, false, false),
                () -> tracker.disable(Machine.A), tracker::tick);
        List<CompletableFuture<String>> told = calls.stream()
                .map(call -> CompletableFuture.supplyAsync(() -> assertThrows(BlktrackException.class, call).reason(), each -> new Thread(each).start())).toList();
        assertTimeoutPreemptively(Duration.ofSeconds(12), () -> told.forEach(each -> assertEquals("BUSY", each.join())));
        end.countDown();
        hanging.join();
        assertEquals(1, tracker.status(null).size());
    }
}
