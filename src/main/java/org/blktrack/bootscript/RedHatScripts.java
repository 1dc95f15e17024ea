package org.blktrack.bootscript;

import java.nio.file.Path;
import java.util.List;

/**
 * The Red-Hat-style boot scripts of one tree: the way in for everything outside this package.
 *
 * <p>All methods throw {@link org.blktrack.model.BlktrackException}: status REFUSED with a {@link Reason}'s name where nothing
 * was changed, FAILED where a system call failed that should not.
 */
public final class RedHatScripts {
    private final Path root;

    private RedHatScripts(Path root) {
        this.root = root;
    }

    /** @param root the tree's top, {@code /} for the running system */
    public static RedHatScripts at(Path root) {
        return new RedHatScripts(root);
    }

    /** True where rc.sysinit and halt are both there, as files or links to files inside the tree. */
    public boolean present() {
        throw new UnsupportedOperationException();
    }

    /** What {@link #apply()} would do; changes nothing. */
    public RedHatPlan plan() {
        throw new UnsupportedOperationException();
    }

    /** What {@link #remove()} would do; changes nothing. */
    public RedHatPlan removalPlan() {
        throw new UnsupportedOperationException();
    }

    /**
     * Puts both hooks in place, or neither. Known files go by the catalogue on board, others by their structure.
     *
     * @return what was done; never refused, that is an exception
     */
    public RedHatPlan apply() {
        throw new UnsupportedOperationException();
    }

    /** As {@link #apply()}, for files that {@code rows} knows and no others: reason {@code NO_PATCH}, status NO_PATCH else. */
    public RedHatPlan applyKnown(List<CatalogueRow> rows) {
        throw new UnsupportedOperationException();
    }

    /** Puts back what an update took away; does nothing where the hooks were never put in place. */
    public RedHatPlan reapply() {
        throw new UnsupportedOperationException();
    }

    /** Takes both hooks out again and keeps every other edit. */
    public RedHatPlan remove() {
        throw new UnsupportedOperationException();
    }

    public RedHatStatus status() {
        throw new UnsupportedOperationException();
    }

    /** What to add by hand, and where; works for scripts that are refused too. */
    public List<HandLines> lines() {
        throw new UnsupportedOperationException();
    }
}
