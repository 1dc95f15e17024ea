package org.blktrack.boot;

import java.util.List;
import org.blktrack.bootscript.Tree;

/** Something that runs hooks: an init system, or a builder of initramfs images. One small class each. */
interface HookPlace {
    /** As it is named on the command line and in receipts. */
    String name();

    /** The files that make up the hooks here, as this version of blktrack writes them. */
    List<HookFile> files(Tree tree);

    /** @throws Refusal by name, where hooks can't be put in place here; nothing is changed */
    default void check(Tree tree) {}

    /** @throws Refusal by name, where hooks would be in place here but not run; {@code --hooks-only} overrides it */
    default void checkRuns(Tree tree) {}

    /**
     * Has the files run: called when all of them are written.
     *
     * @return what was done, as unified diffs or one line each
     */
    default List<String> activate(Tree tree) {
        return List.of();
    }

    /** Whether {@link #activate} that fails has left everything as it was, so that there is nothing to undo. */
    default boolean isAllOrNothing() {
        return false;
    }

    /** @throws Refusal by name, where {@link #deactivate} could not be done; nothing is changed */
    default void checkRemoval(Tree tree) {}

    /**
     * Undoes {@link #activate}: called when all of them are gone.
     *
     * @return what was done in files that are not ours, as unified diffs or one line each
     */
    default List<String> deactivate(Tree tree) {
        return List.of();
    }

    /** How it stands with what is not one of {@link #files}: links, images, patched scripts. */
    default List<HookState> states(Tree tree) {
        return List.of();
    }

    /** What keeps hooks that are in place from working, and no installation mends; nothing where all is well. */
    default List<HookState> conditions(Tree tree) {
        return List.of();
    }

    /** Sentences for a person: about the system, and what these hooks can't reach. */
    default List<String> notes(Tree tree) {
        return List.of();
    }

    /** What {@link #activate} would change, as unified diffs or one line each. */
    default List<String> preview(Tree tree) {
        return List.of();
    }

    /** What {@link #deactivate} would do. */
    default List<String> removalPreview(Tree tree) {
        return List.of();
    }
}
