package org.blktrack.bootscript;

import java.nio.file.Path;
import org.blktrack.linux.ErrnoException;
import org.blktrack.linux.PosixFiles;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;

/**
 * Keeps a second blktrack from installing into the same tree or removing from it: what one takes back after a failure would be
 * what the other has just put in place. It is on the tree's top directory, so it leaves no file behind.
 */
public final class TreeLock implements AutoCloseable {
    private final PosixFiles.Lock lock;

    private TreeLock(PosixFiles.Lock lock) {
        this.lock = lock;
    }

    /**
     * @param root the tree's top, {@code /} for the running system
     * @throws BlktrackException BUSY where another process holds it
     */
    public static TreeLock take(Path root) {
        try {
            return new TreeLock(PosixFiles.lock(root));
        } catch (ErrnoException failure) {
            if (failure.errno().equals("EAGAIN")) {
                throw new BlktrackException(ExitStatus.BUSY, Reason.BUSY.name(),
                        "can't work on the boot hooks under " + root + ": another blktrack is changing them",
                        "Try again when it is done.");
            }
            // Some network file systems lock no directories: the work is no less right there, only not alone.
            return new TreeLock(null);
        }
    }

    @Override
    public void close() {
        if (lock != null) {
            lock.close();
        }
    }
}
