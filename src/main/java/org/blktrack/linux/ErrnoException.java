package org.blktrack.linux;

import java.io.IOException;

/** A system call failed; the number's name is kept, since the text of strerror changes with the locale. */
public final class ErrnoException extends IOException {
    private static final long serialVersionUID = 1;

    private final String errno;

    public ErrnoException(String call, String path, String errno, String text) {
        super(call + " " + path + ": " + text);
        this.errno = errno;
    }

    /** Such as {@code ENOSPC}. */
    public String errno() {
        return errno;
    }
}
