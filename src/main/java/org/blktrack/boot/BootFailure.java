package org.blktrack.boot;

import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;

/** A step failed that should not have; what was changed before it has been put back. */
final class BootFailure extends BlktrackException {
    private static final long serialVersionUID = 1L;

    BootFailure(String reason, String message) {
        super(ExitStatus.FAILED, reason, message, "Nothing is left changed; the hooks are not in place.");
    }
}
