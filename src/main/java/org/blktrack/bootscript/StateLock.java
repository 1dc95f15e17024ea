package org.blktrack.bootscript;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Keeps a second blktrack from changing the same scripts; the kernel lets go of it when the process dies. */
final class StateLock implements AutoCloseable {
    private final FileChannel channel;

    private StateLock(FileChannel channel) {
        this.channel = channel;
    }

    /** @throws ScriptFault BUSY where another process holds it */
    static StateLock take(StateDirectory state) throws ScriptFault {
        Path path = state.path().resolve("lock");
        try {
            if (Files.exists(path, LinkOption.NOFOLLOW_LINKS) && !Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
                throw new ScriptFault(Reason.NOT_A_FILE, "lock " + path + ": it is no regular file, so not blktrack's");
            }
            FileChannel channel =
                    FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
            if (tryLock(channel) == null) {
                channel.close();
                throw new ScriptFault(Reason.BUSY, "another blktrack is changing the boot scripts");
            }
            return new StateLock(channel);
        } catch (IOException e) {
            throw Faults.of("lock " + path, e);
        }
    }

    private static FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null; // held by another thread of this process
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // Nothing was written to it.
        }
    }
}
