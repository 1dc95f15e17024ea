package org.blktrack.bootscript;

/** Why a script is not patched, by name; the names stand in JSON and in docs/boot-scripts.md. */
public enum Reason {
    /** The script isn't there. */
    NOT_FOUND,
    /** Not a regular file: a directory, a device, a socket. */
    NOT_A_FILE,
    /** A link points out of the tree, or in a circle. */
    BAD_LINK,
    EMPTY,
    /** Longer than {@link ScriptText#MAX_BYTES}. */
    TOO_LARGE,
    /** Holds NUL bytes or carriage returns, so it is no Unix shell script. */
    BINARY,
    CARRIAGE_RETURN,
    /** The first line names another interpreter than sh or bash. */
    NOT_SHELL,
    /** {@code bash -n} or this program's reader rejects it. */
    SYNTAX,
    /** No bash on this machine to check the result with. */
    NO_BASH,
    /** More than one place fits, or the place depends on what can't be read off the text. */
    AMBIGUOUS,
    /** No device-mapper or md set-up found to stand behind. */
    NO_DM,
    /** No fsck and no write found to stand before: this is not the script it is called. */
    NO_FSCK,
    /** Device-mapper is set up after the first fsck or write: one point can't serve. */
    DM_AFTER_FSCK,
    /** halt: no loop over several lines that remounts everything read-only. */
    NO_RO_LOOP,
    /** halt: the loop remounts only some file systems read-only. */
    RO_PARTIAL,
    /** halt: a remount, a write to a disk, wait-clean, kexec or UPS action on the wrong side of the place. */
    RO_ORDER,
    /** The script always ends before the place: what stands there never runs. */
    NEVER_REACHED,
    /** halt: the command that takes the machine down was not found after the loop. */
    NO_FINAL_COMMAND,
    /** Markers damaged, doubled or with other lines between them. */
    PARTIAL,
    /** The hook is there, but in a place where it does no good. */
    MISPLACED,
    /** The file is in no catalogue; only said where nothing but the catalogue counts. */
    NO_PATCH,
    /** A catalogue row that does not lead to a right script. */
    BAD_ROW,
    /** More than one link to the file: a rename would part them. */
    HARD_LINKS,
    READ_ONLY,
    NOT_PERMITTED,
    IMMUTABLE,
    /** The file is a mount point (bind-mounted), so it can't be renamed over. */
    MOUNT_POINT,
    NO_SPACE,
    /** An attribute (owner, mode, label, ACL) could not be carried over. */
    ATTRIBUTES,
    /** The file changed between reading and writing it, or another blktrack is at work. */
    CHANGED_MEANWHILE,
    BUSY,
    IO
}
