package org.blktrack.bootscript;

/**
 * What would be done, or was done, to one script.
 *
 * @param script which one
 * @param path absolute path as seen from inside the tree, links resolved; the usual place where nothing was found
 * @param action what is to be done
 * @param reason set exactly when {@code action} is {@link Action#REFUSE}
 * @param detail one sentence for a person; never null
 * @param line 1-based line the hook stands or would stand before, 0 where there is none
 * @param source where the line is from; null unless {@code action} is {@link Action#INSERT}
 * @param diff unified diff with three lines of context, empty where nothing changes
 * @param sha256Before of the file as it is, lower-case hex; null where it can't be read
 * @param sha256After of the file as it will be; null unless it changes
 */
public record ScriptPlan(
        Script script,
        String path,
        Action action,
        Reason reason,
        String detail,
        int line,
        Source source,
        String diff,
        String sha256Before,
        String sha256After) {

    public enum Action {
        /** The hook is there already (or, for a removal, isn't). */
        NOTHING,
        INSERT,
        REMOVE,
        REFUSE
    }

    public enum Source {
        /** A catalogue row for exactly this file. */
        CATALOGUE,
        /** Found by reading the script's structure. */
        GENERATED,
        /** Where the hook of another version stands. */
        RENEWED
    }
}
