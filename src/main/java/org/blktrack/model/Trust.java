package org.blktrack.model;

/**
 * Whether a record holds every change.
 *
 * @param reason null: complete; else a name of {@link Reason}, or one that a newer helper knows
 * @param evidence what was seen, for people; may be empty
 */
public record Trust(String reason, String evidence) {
    public static final Trust COMPLETE = new Trust(null, "");

    public static Trust unknown(Reason reason, String evidence) {
        return new Trust(reason.name(), evidence);
    }

    public boolean isComplete() {
        return reason == null;
    }

    /** {@code COMPLETE} or {@code UNKNOWN}. */
    public String label() {
        return isComplete() ? "COMPLETE" : "UNKNOWN";
    }
}
