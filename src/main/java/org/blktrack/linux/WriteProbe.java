package org.blktrack.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Whether a file system takes writes now. A frozen one holds whoever writes to it until it is thawed, and no call tells beforehand: so a thread
 * of its own tries, and is left behind. There is never more than one.
 */
public final class WriteProbe {
    /** A write that was held goes on so soon after the thaw. */
    private static final long SOON_MS = 50;

    private final Runnable attempt;
    private CompletableFuture<Void> running = CompletableFuture.completedFuture(null);
    private long begunNanos;

    /**
     * Tries by making a folder that is there: the kernel asks for leave to write before it looks, and then nothing is written.
     *
     * @param folder whose own file system is asked for
     */
    public WriteProbe(Path folder) {
        this(() -> {
            try {
                Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            } catch (IOException e) {
                // There already. Any other fault is told to whoever writes in earnest.
            }
        });
    }

    /** @param attempt ends when it has written, or can't */
    public WriteProbe(Runnable attempt) {
        this.attempt = attempt;
    }

    /** @return false: the attempt has not ended, this time after it began; who asks again while it is held waits just for a thaw */
    public synchronized boolean isWritable(long patienceMillis) {
        if (running.isDone()) {
            CompletableFuture<Void> begun = new CompletableFuture<>();
            Thread thread = new Thread(() -> {
                try {
                    attempt.run();
                } finally {
                    begun.complete(null);
                }
            }, "write probe");
            thread.setDaemon(true);
            thread.start();
            running = begun;
            begunNanos = System.nanoTime();
        }
        try {
            long left = patienceMillis - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begunNanos);
            running.get(Math.max(left, SOON_MS), TimeUnit.MILLISECONDS);
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
}
