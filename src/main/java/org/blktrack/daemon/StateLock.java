package org.blktrack.daemon;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;
import org.blktrack.model.IoCause;

/** One daemon a state folder. The kernel lets go of the lock when the process ends, however it ends. */
final class StateLock implements AutoCloseable {
    private final FileChannel file;

    private StateLock(FileChannel file) {
        this.file = file;
    }

    /** @throws BlktrackException {@code BUSY} */
    static StateLock take(Path stateDir) {
        Path path = stateDir.resolve("daemon.lock");
        FileChannel file = null;
        try {
            Files.createDirectories(stateDir);
            file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            FileLock lock = tryLock(file);
            if (lock == null) {
                String holder = Files.readString(path).trim();
                file.close();
                throw new BlktrackException(ExitStatus.BUSY, "BUSY",
                        "another blktrackd" + (holder.isEmpty() ? "" : " (process " + holder + ")") + " works on " + stateDir,
                        "Stop it first, or give this one its own --state-dir and --socket.");
            }
            file.truncate(0);
            file.write(ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII)));
            return new StateLock(file);
        } catch (IOException e) {
            throw new BlktrackException(ExitStatus.FAILED, "STATE_NOT_WRITABLE", "cannot lock " + path + ": " + IoCause.of(e),
                    IoCause.remedy(e, path), e);
        }
    }

    private static FileLock tryLock(FileChannel file) throws IOException {
        try {
            return file.tryLock();
        } catch (OverlappingFileLockException heldHere) {
            return null;
        }
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            // The process's end lets go of it.
        }
    }
}
