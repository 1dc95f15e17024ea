package org.blktrack.boot;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.blktrack.bootscript.CatalogueRow;
import org.blktrack.bootscript.RedHatPlan;
import org.blktrack.bootscript.RedHatScripts;
import org.blktrack.bootscript.Script;
import org.blktrack.bootscript.ScriptPlan;
import org.blktrack.bootscript.ScriptStatus;
import org.blktrack.bootscript.Tree;

/** rc.sysinit and halt: no files of our own, but lines in the distributor's scripts. */
final class RedHatPlace implements HookPlace {
    private final Function<Tree, RedHatScripts> scripts;

    private RedHatPlace(Function<Tree, RedHatScripts> scripts) {
        this.scripts = scripts;
    }

    /** Scripts that no catalogue knows are patched by their structure. */
    RedHatPlace() {
        this(RedHatScripts::in);
    }

    /** Only scripts that the catalogue on board or these rows know are patched. */
    RedHatPlace(List<CatalogueRow> rows) {
        this(tree -> RedHatScripts.knownIn(tree, rows));
    }

    @Override
    public String name() {
        return InitName.REDHAT.toString();
    }

    @Override
    public List<HookFile> files(Tree tree) {
        return List.of();
    }

    @Override
    public void check(Tree tree) {
        refuse(scripts.apply(tree).plan());
        RedHatRun.require(tree);
    }

    private static void refuse(RedHatPlan plan) {
        for (ScriptPlan script : plan.scripts()) {
            if (script.action() == ScriptPlan.Action.REFUSE) {
                throw new Refusal(
                        script.reason().name(),
                        "can't patch " + script.path() + ": " + script.detail(),
                        RedHatScripts.remedy(script.reason()));
            }
        }
    }

    @Override
    public List<String> activate(Tree tree) {
        return listed(scripts.apply(tree).apply().diff());
    }

    @Override
    public boolean isAllOrNothing() {
        return true;
    }

    @Override
    public List<String> notes(Tree tree) {
        List<String> notes = new ArrayList<>(List.of(scripts.apply(tree).version().sentence()));
        notes.addAll(scripts.apply(tree).notes());
        return notes;
    }

    @Override
    public List<String> deactivate(Tree tree) {
        return listed(scripts.apply(tree).remove().diff());
    }

    @Override
    public List<HookState> states(Tree tree) {
        Map<Script, String> faults = RedHatRun.faults(tree);
        return scripts.apply(tree).status().scripts().stream().map(script -> state(script, faults.get(script.script()))).toList();
    }

    @Override
    public List<String> preview(Tree tree) {
        return listed(scripts.apply(tree).plan().diff());
    }

    private static List<String> listed(String diff) {
        return diff.isEmpty() ? List.of() : List.of(diff);
    }

    @Override
    public List<String> removalPreview(Tree tree) {
        RedHatPlan plan = scripts.apply(tree).removalPlan();
        refuse(plan);
        return listed(plan.diff());
    }

    /** @param notRun why init does not run the script, or null where it does */
    private HookState state(ScriptStatus script, String notRun) {
        HookState.Standing standing =
                switch (script.state()) {
                    case IN_PLACE, BY_HAND -> HookState.Standing.IN_PLACE;
                    case OUTDATED -> HookState.Standing.OUTDATED;
                    case RPMSAVE -> HookState.Standing.RPMSAVE;
                    case OVERWRITTEN, PARTIAL -> HookState.Standing.OVERWRITTEN;
                    case MISPLACED -> HookState.Standing.MISPLACED;
                    case MISSING, NO_SCRIPT -> HookState.Standing.MISSING;
                };
        boolean idle = notRun != null && (standing == HookState.Standing.IN_PLACE || standing == HookState.Standing.OUTDATED);
        return new HookState(
                script.script().hook(),
                name(),
                script.path(),
                idle ? HookState.Standing.MISSING : standing,
                idle ? notRun : script.detail());
    }
}
