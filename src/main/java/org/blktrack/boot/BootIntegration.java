package org.blktrack.boot;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.blktrack.bootscript.Hook;
import org.blktrack.bootscript.Tree;
import org.blktrack.bootscript.TreeLock;

/** The hooks of one system: puts them in place, both or neither, tells how they stand, and takes them away. */
public final class BootIntegration {
    private final Tree tree;
    private final InitName asked;

    private BootIntegration(Tree tree, InitName asked) {
        this.tree = tree;
        this.asked = asked;
    }

    /** @param asked the init system to go by, or null to recognise it */
    public static BootIntegration of(Tree tree, InitName asked) {
        return new BootIntegration(tree, asked);
    }

    /** The init system of an earlier installation, else the one asked for, else the one that is recognised. */
    public InitName init() {
        if (asked != null) {
            return asked;
        }
        return InstallReceipt.read(tree).map(receipt -> InitName.named(receipt.init())).orElseGet(() -> InitRecognition.of(tree));
    }

    /**
     * What a command goes by, settled before it changes anything: a receipt that is deleted can't tell any more.
     *
     * @param init the init system
     * @param places all that run hooks
     */
    private record Setup(InitName init, List<HookPlace> places) {
        List<HookFile> files(Tree tree) {
            return places.stream().flatMap(place -> place.files(tree).stream()).toList();
        }
    }

    private Setup setup() {
        InitName init = init();
        return new Setup(init, BootPlaces.of(tree, init));
    }

    /** For a removal the receipt has the last word: what builds images may be another since. */
    private Setup removalSetup(Optional<InstallReceipt> receipt) {
        return receipt.map(written -> new Setup(InitName.named(written.init()), BootPlaces.named(written.places())))
                .orElseGet(this::setup);
    }

    /**
     * Whether lines in rc.sysinit and halt would have any effect here.
     *
     * @throws org.blktrack.model.BlktrackException REFUSED by name, as from {@link #install}
     */
    public static void requireScriptsOfUse(Tree tree) {
        Obstacles.requireNone(tree, false, List.of());
        RedHatRun.require(tree);
    }

    /** How every hook stands; changes nothing. */
    public BootReport verify() {
        return report(setup(), List.of());
    }

    /** What {@link #install} would do. */
    public BootReport previewInstall(boolean hooksOnly) {
        return installOrShow(hooksOnly, hooksOnly, true);
    }

    /**
     * Puts both hooks in place, or neither; does nothing where they are.
     *
     * @param hooksOnly also where no driver supports the kernel, or the helper is not there yet
     * @throws org.blktrack.model.BlktrackException REFUSED by name, or FAILED; then nothing is left changed
     */
    public BootReport install(boolean hooksOnly) {
        try (TreeLock lock = TreeLock.take(tree.root())) {
            return installOrShow(hooksOnly, hooksOnly, false);
        }
    }

    /**
     * @param hooksOnly whether helper and driver may come later
     * @param lenient whether a missing helper or driver is no obstacle now
     */
    private BootReport installOrShow(boolean hooksOnly, boolean lenient, boolean show) {
        Optional<InstallReceipt> earlier = InstallReceipt.read(tree);
        requireSameInit();
        if (asked == null) {
            earlier.ifPresent(receipt -> InitChange.refuse(tree, receipt));
        }
        Setup setup = setup();
        boolean initAsked = asked != null || earlier.map(InstallReceipt::initAsked).orElse(false);
        // From when the helper has come, its absence is a fault.
        boolean helperComes = hooksOnly && !tree.isProgram(ImageRebuild.HELPER);
        Installation.Choice choice = new Installation.Choice(setup.init, initAsked, helperComes);
        boolean current = isCurrent(setup, earlier, choice);
        if (!current || !conditions(setup).stream().allMatch(HookState::works)) {
            Obstacles.requireNone(tree, lenient, setup.places);
        }
        if (current) {
            return report(setup, List.of());
        }
        HookFiles files = files();
        files.requireNoForeign(setup.files(tree));
        return report(setup, show
                ? new BootPreview(tree).install(setup.places, files)
                : new Installation(tree, choice, setup.places, files, earlier).run());
    }

    /** Whether early.conf has changed since it was taken into the boot images; says no where none were built for the hooks. */
    public boolean imagesAreBehind() {
        return InstallReceipt.read(tree)
                .filter(receipt -> BootPlaces.named(receipt.places()).stream().anyMatch(ImageTool.class::isInstance))
                .map(receipt -> !receipt.earlyConf().equals(Installation.earlyConf(tree)))
                .orElse(false);
    }

    /** Puts back what an update took away; does nothing where no hooks were installed. */
    public BootReport reapply() {
        try (TreeLock lock = TreeLock.take(tree.root())) {
            return reapplyOrShow(false);
        }
    }

    /** What {@link #reapply} would do. */
    public BootReport previewReapply() {
        return reapplyOrShow(true);
    }

    private BootReport reapplyOrShow(boolean show) {
        Optional<InstallReceipt> receipt = InstallReceipt.read(tree);
        if (receipt.isPresent()) {
            return installOrShow(receipt.get().hooksOnly(), true, show);
        }
        if (!isSupported()) {
            return nothing();
        }
        Setup setup = setup();
        List<String> changes = new ArrayList<>();
        for (HookPlace place : setup.places) {
            if (!show) {
                changes.addAll(place.reapplyPromised(tree));
            } else if (place.isPromised(tree)) {
                changes.addAll(place.preview(tree));
            }
        }
        return report(setup, changes);
    }

    public BootReport previewRemove() {
        requireSameInit();
        Optional<InstallReceipt> receipt = InstallReceipt.read(tree);
        if (receipt.isEmpty() && !isSupported()) {
            return nothing();
        }
        Setup setup = removalSetup(receipt);
        return report(setup, new BootPreview(tree).remove(receipt, setup.places));
    }

    /** Takes the hooks away, without a trace. */
    public BootReport remove() {
        try (TreeLock lock = TreeLock.take(tree.root())) {
            return removeAlone();
        }
    }

    private BootReport removeAlone() {
        requireSameInit();
        Optional<InstallReceipt> receipt = InstallReceipt.read(tree);
        if (receipt.isEmpty() && !isSupported()) {
            return nothing();
        }
        Setup setup = removalSetup(receipt);
        if (receipt.isEmpty() && setup.init != InitName.REDHAT) {
            return report(setup, List.of());
        }
        setup.places.forEach(place -> place.checkRemoval(tree));
        try {
            List<String> done = new ArrayList<>(files().delete());
            for (HookPlace place : setup.places) {
                done.addAll(place.removalPreview(tree));
                place.deactivate(tree);
            }
            InstallReceipt.delete(tree);
            if (receipt.isPresent()) {
                files().deleteDirectories(receipt.get().directories());
            }
            return report(setup, done);
        } catch (IOException failure) {
            throw halfRemoved("IO", failure);
        } catch (BootFailure failure) {
            throw halfRemoved(failure.reason(), failure);
        }
    }

    /** A removal is not taken back: it goes on where it stopped, since the receipt goes last. */
    private static BootFailure halfRemoved(String reason, Exception cause) {
        return new BootFailure(reason, "can't remove all of the hooks: " + cause.getMessage(),
                "See to the cause, then run 'blktrack boot remove' again: it takes away what is left.", cause);
    }

    /** The receipt's files are one init system's, the links and images that run them another's: that would leave traces. */
    private void requireSameInit() {
        InstallReceipt.read(tree).map(InstallReceipt::init).filter(name -> asked != null && !asked.toString().equals(name)).ifPresent(name -> {
            throw new Refusal(
                    "OTHER_INIT",
                    "can't go by --init " + asked + ": the hooks that are installed are for " + name,
                    "Take those away first: 'blktrack boot remove', without --init.");
        });
    }

    /** Whether hooks can be put in place here at all. */
    private boolean isSupported() {
        try {
            setup();
            return true;
        } catch (Refusal unsupported) {
            return false;
        }
    }

    /** Where hooks can't be, none are: that is no reason for a package's script to complain. */
    private BootReport nothing() {
        String name;
        try {
            name = init().toString();
        } catch (Refusal unknown) {
            name = "an unknown init system";
        }
        return new BootReport(name, List.of(), false, List.of(), List.of(), List.of());
    }

    /** Whether an installation as chosen would change nothing. */
    private boolean isCurrent(Setup setup, Optional<InstallReceipt> receipt, Installation.Choice choice) {
        return receipt.isPresent()
                && receipt.get().complete()
                && receipt.get().earlyConf().equals(Installation.earlyConf(tree))
                && receipt.get().hooksOnly() == choice.hooksOnly()
                && receipt.get().initAsked() == choice.initAsked()
                && hooks(setup).stream().allMatch(hook -> hook.standing() == HookState.Standing.IN_PLACE);
    }

    private BootReport report(Setup setup, List<String> changes) {
        List<HookState> states = new ArrayList<>(hooks(setup));
        states.addAll(conditions(setup));
        states.sort((one, other) -> one.hook().compareTo(other.hook()));
        List<String> names = setup.places.stream().map(HookPlace::name).toList();
        boolean installed = InstallReceipt.read(tree).isPresent() || setup.places.stream().anyMatch(place -> place.isPromised(tree));
        List<String> notes = setup.places.stream().flatMap(place -> place.notes(tree).stream()).toList();
        return new BootReport(setup.init.toString(), names, installed, notes, changes, states);
    }

    /** What an installation puts in place. */
    private List<HookState> hooks(Setup setup) {
        HookFiles files = files();
        List<HookState> states = new ArrayList<>();
        for (HookPlace place : setup.places) {
            place.files(tree).forEach(file -> states.add(files.state(place.name(), file)));
            states.addAll(place.states(tree));
        }
        return states;
    }

    /** What hooks need to work beside being in place. */
    private List<HookState> conditions(Setup setup) {
        Optional<InstallReceipt> receipt = InstallReceipt.read(tree);
        List<HookState> conditions = new ArrayList<>();
        if (asked == null) {
            receipt.ifPresent(written -> conditions.addAll(InitChange.states(tree, written)));
        }
        conditions.add(helper(setup, receipt.map(InstallReceipt::hooksOnly).orElse(false)));
        setup.places.forEach(place -> conditions.addAll(place.conditions(tree)));
        return conditions;
    }

    /** @param expected whether it was said that it comes later */
    private HookState helper(Setup setup, boolean expected) {
        HookState.Standing without = expected ? HookState.Standing.EXPECTED : HookState.Standing.MISSING;
        HookState.Standing standing = tree.isProgram(ImageRebuild.HELPER) ? HookState.Standing.IN_PLACE : without;
        String fault = tree.exists(ImageRebuild.HELPER) ? "not executable" : "not there";
        String detail = standing == HookState.Standing.IN_PLACE ? "" : fault;
        return new HookState(Hook.START, setup.init.toString(), ImageRebuild.HELPER, standing, detail);
    }

    private HookFiles files() {
        Map<String, String> received = new HashMap<>();
        InstallReceipt.read(tree).ifPresent(receipt -> received.putAll(receipt.files()));
        return new HookFiles(tree, received);
    }
}
