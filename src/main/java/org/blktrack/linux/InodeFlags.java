package org.blktrack.linux;

import com.sun.jna.LastErrorException;
import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import com.sun.jna.ptr.IntByReference;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;

/**
 * The flags that chattr(1) sets on a file (ioctl_iflags(2)), by way of JNA. Those that only tell how a file is laid out are left out, since a
 * copy may be laid out otherwise; and immutable and append-only: nothing can be renamed over a file that has them.
 */
public final class InodeFlags {
    /** FS_*_FL of linux/fs.h: s u c S, d A, m j t, C x. */
    private static final int SET_BY_PEOPLE = 0x1 | 0x2 | 0x4 | 0x8 | 0x40 | 0x80 | 0x400 | 0x4000 | 0x8000 | 0x800000 | 0x2000000;
    /** _IOR('f', 1, long) and _IOW('f', 2, long), though what is passed is an int. */
    private static final NativeLong GET = new NativeLong(2L << 30 | (long) NativeLong.SIZE << 16 | 'f' << 8 | 1);
    private static final NativeLong SET = new NativeLong(1L << 30 | (long) NativeLong.SIZE << 16 | 'f' << 8 | 2);
    /** EINVAL, ENOTTY, ENOSYS and EOPNOTSUPP: the file system has no such flags. */
    private static final Set<Integer> NONE = Set.of(22, 25, 38, 95);

    private interface C extends Library {
        int open(String path, int flags) throws LastErrorException;

        int ioctl(int descriptor, NativeLong request, IntByReference flags) throws LastErrorException;

        int close(int descriptor) throws LastErrorException;
    }

    private static final C LIBC = Native.load("c", C.class);

    private InodeFlags() {}

    /** @return 0 where the file system knows no flags */
    public static int read(Path path) throws IOException {
        try {
            return all(path) & SET_BY_PEOPLE;
        } catch (LastErrorException e) {
            if (NONE.contains(e.getErrorCode())) {
                return 0;
            }
            throw new IOException("read the inode flags of " + path + ": " + e.getMessage(), e);
        }
    }

    /** @param flags as {@link #read} gives them; the file keeps its others */
    public static void write(Path path, int flags) throws IOException {
        if (read(path) == flags) {
            return;
        }
        try {
            call(path, SET, all(path) & ~SET_BY_PEOPLE | flags);
        } catch (LastErrorException e) {
            throw new IOException("set the inode flags of " + path + ": " + e.getMessage(), e);
        }
    }

    private static int all(Path path) {
        return call(path, GET, 0);
    }

    private static int call(Path path, NativeLong request, int flags) {
        int descriptor = LIBC.open(path.toString(), 0);
        try {
            IntByReference value = new IntByReference(flags);
            LIBC.ioctl(descriptor, request, value);
            return value.getValue();
        } finally {
            LIBC.close(descriptor);
        }
    }
}
