package org.blktrack.model;

/** The exit statuses of every command; scripts are written against the numbers, so they never change. */
public enum ExitStatus {
    DONE(0),
    FAILED(1),
    USAGE(2),
    /** The record can't be trusted: make a full backup, or compare the whole volume with the last one. */
    UNTRUSTED(3),
    NO_PATCH(4),
    /** Refused, and nothing was changed. */
    REFUSED(5),
    /** A boot hook is missing or was overwritten. */
    HOOK_MISSING(6),
    DAEMON_UNREACHABLE(10),
    BUSY(11),
    KERNEL_UNSUPPORTED(12),
    STATE_CORRUPT(13),
    INTERRUPTED(130);

    private final int code;

    ExitStatus(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }

    /** The status with that number; a number nobody knows is a failure. */
    public static ExitStatus of(int code) {
        for (ExitStatus status : values()) {
            if (status.code == code) {
                return status;
            }
        }
        return FAILED;
    }
}
