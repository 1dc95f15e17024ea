package org.blktrack.wire;

import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;

/** Whatever answers at the socket, it isn't a blktrackd that is understood here. */
public final class BadReplyException extends BlktrackException {
    private static final long serialVersionUID = 1;

    /** @param what is wrong with which reply */
    public BadReplyException(String what, Throwable cause) {
        super(ExitStatus.DAEMON_UNREACHABLE, "BAD_REPLY", "cannot understand " + what,
                "Is it blktrackd that listens there ('ss -xlp' tells), and of blktrack's version? Else name its --socket.", cause);
    }
}
