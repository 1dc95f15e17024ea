package org.blktrack.boot;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.Map;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;

/** A step failed that should not have; what was changed before it has been put back. */
final class BootFailure extends BlktrackException {
    private static final long serialVersionUID = 1L;

    /** What the kernel says where the file system does not allow a change, and the names such refusals have everywhere. */
    private static final Map<String, String> NOT_ALLOWED = Map.of(
            "No space left on device", "NO_SPACE",
            "Disk quota exceeded", "NO_SPACE",
            "Read-only file system", "READ_ONLY",
            "Operation not permitted", "IMMUTABLE");

    BootFailure(String reason, String message) {
        this(reason, message, "Nothing is left changed; 'blktrack boot verify' tells how the hooks stand.");
    }

    private BootFailure(String reason, String message, String remedy) {
        super(ExitStatus.FAILED, reason, message, remedy);
    }

    /** One that leaves something changed; the remedy says what to do about that. */
    BootFailure(String reason, String message, String remedy, Throwable cause) {
        super(ExitStatus.FAILED, reason, message, remedy, cause);
    }

    /** @param action that failed, with everything before it put back: a refusal by name where the file system is the cause */
    static BlktrackException of(String action, IOException failure) {
        String object = "";
        String cause = failure.getMessage();
        if (failure instanceof FileSystemException file && file.getFile() != null) {
            object = file.getFile() + ": ";
            cause = file.getReason() == null ? file.getClass().getSimpleName().replace("Exception", "") : file.getReason();
        }
        String message = action + ": " + object + cause;
        String name = NOT_ALLOWED.get(String.valueOf(cause));
        return name == null
                ? new BootFailure("IO", message)
                : new Refusal(name, message, "Make room for it, or make it writable, for the time of the installation.");
    }
}
