package org.blktrack.bootscript;

/**
 * Whether one script's hook is in place.
 *
 * @param path absolute path as seen from inside the tree
 * @param state what was found
 * @param detail one sentence for a person
 * @param line 1-based line of the hook's first line, 0 where there is none
 */
public record ScriptStatus(Script script, String path, State state, String detail, int line) {

    public enum State {
        IN_PLACE,
        /** In place, with the lines of another version. */
        OUTDATED,
        /** The helper is called by lines that someone wrote by hand, without the markers. */
        BY_HAND,
        /** Never put in place here. */
        MISSING,
        /** Put in place once, then lost, as by a package update. */
        OVERWRITTEN,
        /** Lost, and the patched file lies beside the new one as {@code .rpmsave}. */
        RPMSAVE,
        PARTIAL,
        /** There, but before device-mapper set-up, after an fsck (halt: before the read-only remount), or where it never runs. */
        MISPLACED,
        /** The script isn't there, or can't be read. */
        NO_SCRIPT;

        /** True where nothing is to be done. */
        public boolean good() {
            return this == IN_PLACE || this == BY_HAND;
        }
    }
}
