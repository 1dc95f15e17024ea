package org.blktrack.bootscript;

import java.util.List;

/**
 * A plan for both scripts: both are changed or neither.
 *
 * @param scripts rc.sysinit first, then halt
 * @param notes sentences for a person about what stays outside, such as network block devices
 */
public record RedHatPlan(List<ScriptPlan> scripts, List<String> notes) {

    public boolean refused() {
        return scripts.stream().anyMatch(plan -> plan.action() == ScriptPlan.Action.REFUSE);
    }

    public boolean nothingToDo() {
        return scripts.stream().allMatch(plan -> plan.action() == ScriptPlan.Action.NOTHING);
    }

    /** The diffs of all scripts, one after the other: a patch for {@code patch -p1} at the root. */
    public String diff() {
        StringBuilder all = new StringBuilder();
        scripts.forEach(plan -> all.append(plan.diff()));
        return all.toString();
    }
}
