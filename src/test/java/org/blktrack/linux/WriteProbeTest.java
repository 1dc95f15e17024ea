package org.blktrack.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WriteProbeTest {
    @TempDir
    Path folder;

    @Test
    void aFolderThatTakesWritesOrRefusesThemIsNotFrozen() throws Exception {
        Object before = Files.getLastModifiedTime(folder.getParent());
        assertTrue(new WriteProbe(folder).isWritable(5000));
        assertTrue(new WriteProbe(folder.resolve("missing/folder")).isWritable(5000));
        assertEquals(before, Files.getLastModifiedTime(folder.getParent()), "nothing is written");
    }

    @Test
    void aWriteThatIsHeldIsFrozenUntilItIsLetGo() {
        CountDownLatch thaw = new CountDownLatch(1);
        AtomicInteger attempts = new AtomicInteger();
        WriteProbe probe = new WriteProbe(() -> {
            attempts.incrementAndGet();
            try {
                thaw.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        assertFalse(probe.isWritable(100));
        assertFalse(probe.isWritable(100));
        assertEquals(1, attempts.get(), "the one attempt is waited for");
        thaw.countDown();
        assertTrue(probe.isWritable(5000));
        assertTrue(probe.isWritable(5000));
        assertTrue(attempts.get() > 1, "and then it tries anew");
    }
}
