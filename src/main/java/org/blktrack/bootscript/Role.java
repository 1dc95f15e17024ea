package org.blktrack.bootscript;

/** What a command does, as far as the place of a hook depends on it. */
enum Role {
    /** Sets up device-mapper or md devices. */
    SETUP,
    /** Checks, and so may repair, a file system. */
    FSCK,
    /** Makes a file system on a disk writable, or mounts one (even a read-only mount may replay a journal). */
    WRITE,
    /** Writes to a disk itself, as mkfs and dd do. Swap counts: a swap file lies on a file system, and is written to past it. */
    RAW_WRITE,
    /** Remounts read-only. */
    READ_ONLY,
    WAIT_CLEAN,
    KEXEC,
    /** Tells the UPS to cut the power. */
    UPS,
    /** Ends the script by taking the machine down. */
    GO_DOWN,
    /** May check, mount or write, or remount: an unknown program with such a command among its words, or a text that can't be read. */
    UNCLEAR_WRITE,
    /** May set up devices, told as above. */
    UNCLEAR_SETUP,
    /** May do anything: its name is in a variable whose content can't be read off the text. */
    UNCLEAR_COMMAND,
    /** Does what the other roles say while the script goes on: when it ends can't be read off the text. */
    BACKGROUND
}
