package org.blktrack.linux;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Whether a file system takes writes now. A frozen one holds whoever writes to it until it is thawed, and no call tells beforehand: so a thread
 * of its own tries, and is left behind. There is never more than one.
 */
public final class WriteProbe {
    private final Path file;
    private CompletableFuture<Void> attempt = CompletableFuture.completedFuture(null);

    /** @param file is made and removed again, in a folder that need not be there yet */
    public WriteProbe(Path file) {
        this.file = file;
    }

    /** @return false: nothing was written within this time. A write that fails is done, too: whoever writes in earnest is told why. */
    public synchronized boolean isWritable(long patienceMillis) {
        if (attempt.isDone()) {
            CompletableFuture<Void> begun = new CompletableFuture<>();
            Thread thread = new Thread(() -> write(begun), "write probe");
            thread.setDaemon(true);
            thread.start();
            attempt = begun;
        }
        try {
            attempt.get(patienceMillis, TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private void write(CompletableFuture<Void> done) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // Not for this one to judge.
        } finally {
            done.complete(null);
        }
    }
}
