package org.blktrack.linux;

import java.nio.file.Path;
import java.util.Arrays;
import jnr.constants.platform.Errno;
import jnr.constants.platform.OpenFlags;
import jnr.posix.FileStat;
import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;
import jnr.posix.util.DefaultPOSIXHandler;

/** File calls by way of jnr-posix, where Java's own hide the errno, the owner or the link count. */
public final class PosixFiles {
    private static final POSIX POSIX = POSIXFactory.getPOSIX(new Silent(), true);
    private static final int CHUNK_BYTES = 1 << 16;
    /** LOCK_EX and LOCK_NB of flock(2). */
    private static final int LOCK_EXCLUSIVE = 2;
    private static final int LOCK_AT_ONCE = 4;

    /** Some calls (mkdir) throw a bare RuntimeException by default; here every one is judged by its result. */
    private static final class Silent extends DefaultPOSIXHandler {
        @Override
        public void error(Errno error, String extraData) {}

        @Override
        public void error(Errno error, String methodName, String extraData) {}
    }

    private PosixFiles() {}

    /** lstat(2): a link is not followed. */
    public static FileStatus status(Path path) throws ErrnoException {
        FileStat stat = POSIX.allocateStat();
        if (POSIX.lstat(path.toString(), stat) != 0) {
            throw failure("stat", path);
        }
        return new FileStatus(
                stat.dev(), stat.ino(), stat.mode() & 07777, stat.uid(), stat.gid(), stat.nlink(), stat.isFile());
    }

    /**
     * Creates a file that must not exist, with mode 0600, writes it and leaves it to the caller to sync.
     *
     * @throws ErrnoException EEXIST where a file or a link has that name
     */
    public static void create(Path path, byte[] content) throws ErrnoException {
        int flags = OpenFlags.O_WRONLY.intValue() | OpenFlags.O_CREAT.intValue() | OpenFlags.O_EXCL.intValue();
        int descriptor = check(POSIX.open(path.toString(), flags, 0600), "create", path);
        try {
            for (int at = 0; at < content.length; ) {
                byte[] chunk = Arrays.copyOfRange(content, at, Math.min(content.length, at + CHUNK_BYTES));
                at += (int) check(POSIX.write(descriptor, chunk, chunk.length), "write", path);
            }
        } finally {
            POSIX.close(descriptor);
        }
    }

    /** fsync(2) on a file or a directory. */
    public static void sync(Path path) throws ErrnoException {
        int descriptor = check(POSIX.open(path.toString(), OpenFlags.O_RDONLY.intValue(), 0), "open", path);
        try {
            check(POSIX.fsync(descriptor), "fsync", path);
        } finally {
            POSIX.close(descriptor);
        }
    }

    /** A lock of flock(2). The kernel lets go of it when the process ends, however it ends. */
    public static final class Lock implements AutoCloseable {
        private final int descriptor;

        private Lock(int descriptor) {
            this.descriptor = descriptor;
        }

        @Override
        public void close() {
            POSIX.close(descriptor);
        }
    }

    /**
     * flock(2), exclusive, without waiting. It works on a directory too, so nothing has to be made to be locked.
     *
     * @throws ErrnoException EAGAIN where another process holds it
     */
    public static Lock lock(Path path) throws ErrnoException {
        int descriptor = check(POSIX.open(path.toString(), OpenFlags.O_RDONLY.intValue(), 0), "open", path);
        if (POSIX.flock(descriptor, LOCK_EXCLUSIVE | LOCK_AT_ONCE) == 0) {
            return new Lock(descriptor);
        }
        ErrnoException held = failure("lock", path);
        POSIX.close(descriptor);
        throw held;
    }

    public static void makeDirectory(Path path, int mode) throws ErrnoException {
        check(POSIX.mkdir(path.toString(), mode), "make the directory", path);
    }

    public static void owner(Path path, int owner, int group) throws ErrnoException {
        check(POSIX.lchown(path.toString(), owner, group), "chown", path);
    }

    public static void mode(Path path, int mode) throws ErrnoException {
        check(POSIX.chmod(path.toString(), mode), "chmod", path);
    }

    /** rename(2): replaces {@code to} in one step. */
    public static void rename(Path from, Path to) throws ErrnoException {
        check(POSIX.rename(from.toString(), to.toString()), "rename to", to);
    }

    private static int check(int result, String call, Path path) throws ErrnoException {
        if (result < 0) {
            throw failure(call, path);
        }
        return result;
    }

    private static long check(long result, String call, Path path) throws ErrnoException {
        if (result < 0) {
            throw failure(call, path);
        }
        return result;
    }

    private static ErrnoException failure(String call, Path path) {
        Errno errno = Errno.valueOf(POSIX.errno());
        return new ErrnoException(call, path.toString(), errno.name(), errno.description());
    }
}
