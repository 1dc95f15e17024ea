package org.blktrack.model;

/** Why a record does not outlive a reboot, where the daemon itself says so. The other names are the helper's; docs/reasons.md has them all. */
public final class PersistentReason {
    /** The kernel's side is in order, but the next boot would not find the record. */
    public static final String IMAGES_BEHIND = "IMAGES_BEHIND";

    private PersistentReason() {}
}
