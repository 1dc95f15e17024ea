package org.blktrack.model;

/**
 * The root of every failure that a person is told about. The message names the action, the object and the cause;
 * {@link #remedy()} says what to do about it.
 */
public class BlktrackException extends RuntimeException {
    private final ExitStatus status;
    private final String reason;
    private final String remedy;

    /**
     * @param status what the process exits with
     * @param reason machine-readable name such as {@code AMBIGUOUS}, as it stands in JSON
     * @param message action, object and cause, for a person
     * @param remedy the way out, or null where the message already holds it
     */
    public BlktrackException(ExitStatus status, String reason, String message, String remedy) {
        this(status, reason, message, remedy, null);
    }

    public BlktrackException(ExitStatus status, String reason, String message, String remedy, Throwable cause) {
        super(message, cause);
        this.status = status;
        this.reason = reason;
        this.remedy = remedy;
    }

    public ExitStatus status() {
        return status;
    }

    public String reason() {
        return reason;
    }

    public String remedy() {
        return remedy;
    }
}
