package org.blktrack.cli;

import org.blktrack.model.BlktrackException;

/** Of an answer that had begun on standard output: a second JSON document behind the part of the first would only mislead. */
public final class BrokenOffException extends BlktrackException {
    private static final long serialVersionUID = 1;

    BrokenOffException(BlktrackException failure) {
        super(failure.status(), failure.reason(), failure.getMessage(), failure.remedy(), failure);
    }
}
