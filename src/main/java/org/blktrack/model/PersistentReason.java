package org.blktrack.model;

/** Why a record does not outlive a reboot: those names that the commands explain. docs/reasons.md has them all. */
public final class PersistentReason {
    /** The kernel's side is in order, but the next boot would not find the record. */
    public static final String IMAGES_BEHIND = "IMAGES_BEHIND";

    /** The helper's word: no hooks, or not all of them. */
    public static final String HOOKS_MISSING = "HOOKS_MISSING";

    private PersistentReason() {}
}
