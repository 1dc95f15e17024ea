package org.blktrack.boot;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.blktrack.bootscript.CatalogueRow;
import org.blktrack.bootscript.Tree;
import org.blktrack.bootscript.TreeLock;

/** The hooks of one system: puts them in place, both or neither, tells how they stand, and takes them away. */
public final class BootIntegration {
    private final Tree tree;
    private final InitName asked;
    private final Optional<HookPlace> onlyPlace;

    private BootIntegration(Tree tree, InitName asked, Optional<HookPlace> onlyPlace) {
        this.tree = tree;
        this.asked = asked;
        this.onlyPlace = onlyPlace;
    }

    /** @param asked the init system to go by, or null to recognise it */
    public static BootIntegration of(Tree tree, InitName asked) {
        return new BootIntegration(tree, asked, Optional.empty());
    }

    /**
     * For rc.sysinit and halt alone, where the catalogue on board or these rows know them.
     *
     * @throws org.blktrack.model.BlktrackException REFUSED by name, where init does not run them
     */
    public static BootIntegration ofPatches(Tree tree, List<CatalogueRow> rows) {
        BootIntegration patches = new BootIntegration(tree, null, Optional.of(new RedHatPlace(rows)));
        Optional<InstallReceipt> earlier = InstallReceipt.read(tree);
        earlier.ifPresent(receipt -> InitChange.refuse(tree, receipt));
        InitName init = patches.init(earlier);
        if (init != InitName.REDHAT) {
            throw new Refusal(
                    "OTHER_INIT",
                    "can't patch rc.sysinit and halt: " + init + ", which starts this system, runs neither",
                    "'blktrack boot install' puts the hooks where they are run.");
        }
        return patches;
    }

    /** The init system of an earlier installation, else the one asked for, else the one that is recognised. */
    public InitName init() {
        return init(InstallReceipt.read(tree));
    }

    /** Whether {@link #init} has an answer. */
    public boolean knowsInit() {
        try {
            init();
            return true;
        } catch (Refusal unknown) {
            return false;
        }
    }

    private InitName init(Optional<InstallReceipt> receipt) {
        if (asked != null) {
            return asked;
        }
        return receipt.map(written -> InitName.named(written.init())).orElseGet(() -> InitRecognition.of(tree));
    }

    private BootSetup setup(Optional<InstallReceipt> receipt) {
        InitName init = init(receipt);
        return new BootSetup(tree, init, asked != null, onlyPlace.map(List::of).orElseGet(() -> BootPlaces.of(tree, init)), receipt);
    }

    /** How every hook stands; changes nothing. */
    public BootReport verify() {
        return setup(InstallReceipt.read(tree)).report(List.of());
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
        requireSameInit(earlier);
        if (asked == null) {
            earlier.ifPresent(receipt -> InitChange.refuse(tree, receipt));
        }
        BootSetup setup = setup(earlier);
        boolean initAsked = asked != null || earlier.map(InstallReceipt::initAsked).orElse(false);
        // From when the helper has come, its absence is a fault.
        boolean helperComes = hooksOnly && !tree.isProgram(ImageRebuild.HELPER);
        Installation.Choice choice = new Installation.Choice(setup.init(), initAsked, helperComes);
        List<HookState> hooks = setup.hooks();
        List<HookState> conditions = setup.conditions();
        boolean current = setup.isCurrent(hooks, choice);
        if (!current || !conditions.stream().allMatch(HookState::works)) {
            Obstacles.requireNone(tree, lenient, setup.places());
        }
        if (current) {
            return setup.report(List.of(), hooks, conditions);
        }
        HookFiles files = setup.files();
        files.requireNoForeign(setup.wanted());
        if (show) {
            return setup.report(new BootPreview(tree).install(setup.places(), files), hooks, conditions);
        }
        List<String> done = new Installation(tree, choice, setup.places(), files, earlier).run();
        return setup.withReceipt(InstallReceipt.read(tree)).report(done);
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
        return InstallReceipt.read(tree)
                .map(receipt -> installOrShow(receipt.hooksOnly(), true, show))
                .orElseGet(() -> withoutReceipt(List.of()));
    }

    /** What {@link #remove} would do. */
    public BootReport previewRemove() {
        Optional<InstallReceipt> receipt = InstallReceipt.read(tree);
        requireSameInit(receipt);
        if (receipt.isEmpty()) {
            return withoutReceipt(new RedHatPlace().removalPreview(tree));
        }
        BootSetup setup = removalSetup(receipt.get());
        return setup.report(new BootPreview(tree).remove(receipt.get(), setup.places()));
    }

    /** Takes the hooks away, without a trace. */
    public BootReport remove() {
        try (TreeLock lock = TreeLock.take(tree.root())) {
            Optional<InstallReceipt> receipt = InstallReceipt.read(tree);
            requireSameInit(receipt);
            return receipt.isPresent() ? remove(receipt.get()) : removeWithoutReceipt();
        }
    }

    /** Lines in someone's scripts may outlive a receipt that was lost, and the init system that ran them. */
    private BootReport removeWithoutReceipt() {
        try {
            List<String> done = new RedHatPlace().deactivate(tree);
            InstallReceipt.deleteUnfinished(tree);
            return withoutReceipt(done);
        } catch (IOException failure) {
            throw halfRemoved("IO", failure);
        }
    }

    private BootReport remove(InstallReceipt receipt) {
        BootSetup setup = removalSetup(receipt);
        setup.places().forEach(place -> place.checkRemoval(tree));
        try {
            HookFiles files = setup.files();
            List<String> done = new ArrayList<>(files.delete());
            setup.places().forEach(place -> done.addAll(place.deactivate(tree)));
            files.deleteDirectories(receipt.directories());
            receipt.delete(tree);
            return setup.withReceipt(Optional.empty()).report(done);
        } catch (IOException failure) {
            throw halfRemoved("IO", failure);
        } catch (BootFailure failure) {
            throw halfRemoved(failure.reason(), failure);
        }
    }

    /** The receipt has the last word: what builds images may be another since. */
    private BootSetup removalSetup(InstallReceipt receipt) {
        return new BootSetup(tree, InitName.named(receipt.init()), asked != null, BootPlaces.named(receipt.places()), Optional.of(receipt));
    }

    /** A removal is not taken back: it goes on where it stopped, since the receipt goes last. */
    private static BootFailure halfRemoved(String reason, Exception cause) {
        return new BootFailure(reason, "can't remove all of the hooks: " + cause.getMessage(),
                "See to the cause, then run 'blktrack boot remove' again: it takes away what is left.", cause);
    }

    /** The receipt's files are one init system's, the links and images that run them another's: that would leave traces. */
    private void requireSameInit(Optional<InstallReceipt> receipt) {
        receipt.map(InstallReceipt::init).filter(name -> asked != null && !asked.toString().equals(name)).ifPresent(name -> {
            throw new Refusal(
                    "OTHER_INIT",
                    "can't go by --init " + asked + ": the hooks that are installed are for " + name,
                    "Take those away first: 'blktrack boot remove', without --init.");
        });
    }

    /** Where no hooks were installed there may be no place for any: that is no reason for a package's script to complain. */
    private BootReport withoutReceipt(List<String> changes) {
        String name;
        try {
            name = init(Optional.empty()).toString();
        } catch (Refusal unknown) {
            name = "an unknown init system";
        }
        return new BootReport(name, List.of(), false, List.of(), changes, List.of());
    }
}
