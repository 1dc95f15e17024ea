package org.blktrack.bootscript;

/**
 * A plan with what is needed to carry it out.
 *
 * @param file null where it can't be read
 * @param after the new content; null unless the plan is to insert or remove
 */
record PreparedChange(ScriptPlan plan, ScriptFile file, byte[] after) {
    boolean changes() {
        return after != null;
    }
}
