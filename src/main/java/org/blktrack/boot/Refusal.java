package org.blktrack.boot;

import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;

/** Nothing was changed, and this is why. */
final class Refusal extends BlktrackException {
    private static final long serialVersionUID = 1L;

    Refusal(String reason, String message, String remedy) {
        super(ExitStatus.REFUSED, reason, message, remedy);
    }
}
