package org.blktrack.boot;

import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;

/** Nothing was changed, and this is why. */
final class Refusal extends BlktrackException {
    private static final long serialVersionUID = 1L;

    /** @param reason its name, which a person is told too: the documents are in order of it */
    Refusal(String reason, String message, String remedy) {
        super(ExitStatus.REFUSED, reason, message + " (" + reason + ")", remedy);
    }
}
