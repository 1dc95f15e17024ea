package org.blktrack.bootscript;

import java.io.IOException;
import org.blktrack.linux.ErrnoException;

/** Gives a failed system call its reason. */
final class Faults {
    private Faults() {}

    static ScriptFault of(String action, IOException e) {
        String errno = e instanceof ErrnoException call ? call.errno() : "";
        Reason reason = switch (errno) {
            case "ENOSPC", "EDQUOT" -> Reason.NO_SPACE;
            case "EROFS" -> Reason.READ_ONLY;
            case "EACCES" -> Reason.NOT_PERMITTED;
            case "EPERM" -> Reason.IMMUTABLE; // root is refused this way for files with the i or a flag
            case "EBUSY" -> Reason.MOUNT_POINT;
            default -> Reason.IO;
        };
        return new ScriptFault(reason, action + ": " + e.getMessage());
    }
}
