package org.blktrack.bootscript;

import java.util.List;

/**
 * One simple command inside a statement.
 *
 * @param words quotes removed, expansions left as written, assignments and redirections included and left out respectively
 * @param inLoop whether it stands in the body of a for, while or until loop
 * @param background whether the script goes on without waiting for it
 */
record Command(List<String> words, boolean inLoop, boolean background) {
    Command inBackground() {
        return new Command(words, inLoop, true);
    }
}
