package org.blktrack.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;
import org.blktrack.model.IoCause;

/** The device number behind a path. */
public final class BlockDevice {
    private static final int FILE_TYPE = 0170000;
    private static final int BLOCK = 0060000;

    private BlockDevice() {}

    /** @return {@code MAJOR:MINOR} of the block device at a path, links followed */
    public static String number(String path) {
        try {
            Map<String, Object> facts = Files.readAttributes(Path.of(path), "unix:mode,rdev");
            if (((int) facts.get("mode") & FILE_TYPE) != BLOCK) {
                throw new BlktrackException(ExitStatus.REFUSED, "NOT_A_BLOCK_DEVICE", path + " is not a block device",
                        "Name a disk, partition, logical volume, md or LUKS device; 'lsblk -p' lists them.");
            }
            return format((long) facts.get("rdev"));
        } catch (NoSuchFileException e) {
            throw new BlktrackException(ExitStatus.REFUSED, "NO_SUCH_DEVICE", path + " does not exist",
                    "'lsblk -p' lists the block devices.", e);
        } catch (InvalidPathException e) {
            throw new BlktrackException(ExitStatus.REFUSED, "NO_SUCH_DEVICE", "'" + path + "' is no path: " + e.getReason(),
                    "'lsblk -p' lists the block devices.", e);
        } catch (IOException e) {
            throw new BlktrackException(ExitStatus.FAILED, "DEVICE_NOT_READABLE", "cannot look at " + path + ": " + IoCause.of(e),
                    null, e);
        }
    }

    /** @param number as stat(2) gives it: makedev(3) of glibc */
    static String format(long number) {
        long major = number >>> 8 & 0xfff | number >>> 32 & 0xfffff000L;
        long minor = number & 0xff | number >>> 12 & 0xffffff00L;
        return major + ":" + minor;
    }
}
