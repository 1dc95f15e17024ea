package org.blktrack.boot;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.blktrack.bootscript.Hook;
import org.blktrack.bootscript.Tree;

/**
 * What a command goes by, and how the hooks stand by it.
 *
 * @param tree the system
 * @param init its init system
 * @param initAsked whether that was named for this command, so that what is recognised does not count
 * @param places all that run hooks
 * @param receipt of the installation
 */
record BootSetup(Tree tree, InitName init, boolean initAsked, List<HookPlace> places, Optional<InstallReceipt> receipt) {
    /** As it is once an installation has begun, or a removal has ended. */
    BootSetup withReceipt(Optional<InstallReceipt> now) {
        return new BootSetup(tree, init, initAsked, places, now);
    }

    List<HookFile> wanted() {
        return places.stream().flatMap(place -> place.files(tree).stream()).toList();
    }

    HookFiles files() {
        return new HookFiles(tree, receipt.map(InstallReceipt::files).orElse(Map.of()));
    }

    /** What an installation puts in place. */
    List<HookState> hooks() {
        HookFiles files = files();
        List<HookState> states = new ArrayList<>();
        for (HookPlace place : places) {
            place.files(tree).forEach(file -> states.add(files.state(place.name(), file)));
            states.addAll(place.states(tree));
        }
        return states;
    }

    /** What hooks need to work beside being in place. */
    List<HookState> conditions() {
        List<HookState> conditions = new ArrayList<>();
        if (!initAsked) {
            receipt.ifPresent(written -> conditions.addAll(InitChange.states(tree, written)));
        }
        conditions.add(helper());
        places.forEach(place -> conditions.addAll(place.conditions(tree)));
        return conditions;
    }

    private HookState helper() {
        boolean comesLater = receipt.map(InstallReceipt::hooksOnly).orElse(false);
        HookState.Standing without = comesLater ? HookState.Standing.EXPECTED : HookState.Standing.MISSING;
        HookState.Standing standing = tree.isProgram(ImageRebuild.HELPER) ? HookState.Standing.IN_PLACE : without;
        String fault = tree.exists(ImageRebuild.HELPER) ? "not executable" : "not there";
        String detail = standing == HookState.Standing.IN_PLACE ? "" : fault;
        return new HookState(Hook.START, init.toString(), ImageRebuild.HELPER, standing, detail);
    }

    /** Whether an installation as chosen would change nothing. */
    boolean isCurrent(List<HookState> hooks, Installation.Choice choice) {
        return receipt.isPresent()
                && receipt.get().complete()
                && receipt.get().earlyConf().equals(Installation.earlyConf(tree))
                && receipt.get().hooksOnly() == choice.hooksOnly()
                && receipt.get().initAsked() == choice.initAsked()
                && hooks.stream().allMatch(hook -> hook.standing() == HookState.Standing.IN_PLACE);
    }

    BootReport report(List<String> changes) {
        return report(changes, hooks(), conditions());
    }

    /** @param changes what was done, or would be, one line each */
    BootReport report(List<String> changes, List<HookState> hooks, List<HookState> conditions) {
        List<HookState> states = new ArrayList<>(hooks);
        states.addAll(conditions);
        states.sort((one, other) -> one.hook().compareTo(other.hook()));
        List<String> names = places.stream().map(HookPlace::name).toList();
        List<String> notes = places.stream().flatMap(place -> place.notes(tree).stream()).toList();
        return new BootReport(init.toString(), names, receipt.isPresent(), notes, changes, states);
    }
}
