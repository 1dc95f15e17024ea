package org.blktrack.wire;

import java.io.IOException;

/** What came is no varlink message. */
final class MalformedMessageException extends IOException {
    private static final long serialVersionUID = 1;

    MalformedMessageException(String message, Throwable cause) {
        super(message, cause);
    }
}
