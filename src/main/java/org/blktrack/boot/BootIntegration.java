package org.blktrack.boot;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
        return Receipt.read(tree).map(receipt -> InitName.named(receipt.init())).orElseGet(() -> InitRecognition.of(tree));
    }

    /** How every hook stands; changes nothing. */
    public BootReport verify() {
        return report(List.of());
    }

    /** What {@link #install} would do. */
    public BootReport previewInstall(boolean hooksOnly) {
        requireSameInit();
        BootReport now = upToDate();
        if (now != null) {
            return now;
        }
        List<HookPlace> places = places();
        Obstacles.requireNone(tree, hooksOnly, places);
        files().requireNoForeign(all(places));
        return report(new BootPreview(tree).install(places, files()));
    }

    /**
     * Puts both hooks in place, or neither; does nothing where they are.
     *
     * @param hooksOnly also where no driver supports the kernel, or the helper is not there yet
     * @throws org.blktrack.model.BlktrackException REFUSED by name, or FAILED; then nothing is left changed
     */
    public BootReport install(boolean hooksOnly) {
        try (TreeLock lock = TreeLock.take(tree.root())) {
            return installAlone(hooksOnly);
        }
    }

    private BootReport installAlone(boolean hooksOnly) {
        requireSameInit();
        BootReport now = upToDate();
        if (now != null) {
            return now;
        }
        List<HookPlace> places = places();
        Obstacles.requireNone(tree, hooksOnly, places);
        HookFiles files = files();
        files.requireNoForeign(all(places));
        return report(new Installation(tree, init(), places, files, Receipt.read(tree)).run());
    }

    /** Whether early.conf has changed since the hooks were installed; says no where none are. */
    public boolean imagesAreBehind() {
        return Receipt.read(tree).map(receipt -> !receipt.earlyConf().equals(Installation.earlyConf(tree))).orElse(false);
    }

    /** Puts back what an update took away; does nothing where no hooks were installed. */
    public BootReport reapply() {
        try (TreeLock lock = TreeLock.take(tree.root())) {
            if (Receipt.read(tree).isPresent()) {
                return installAlone(true);
            }
            if (!isSupported()) {
                return nothing();
            }
            List<String> done = new ArrayList<>();
            places().forEach(place -> done.addAll(place.reapplyPromised(tree)));
            return report(done);
        }
    }

    public BootReport previewRemove() {
        requireSameInit();
        if (Receipt.read(tree).isEmpty() && !isSupported()) {
            return nothing();
        }
        return report(new BootPreview(tree).remove(Receipt.read(tree), places()));
    }

    /** Takes the hooks away, without a trace. */
    public BootReport remove() {
        try (TreeLock lock = TreeLock.take(tree.root())) {
            return removeAlone();
        }
    }

    private BootReport removeAlone() {
        requireSameInit();
        Optional<Receipt> receipt = Receipt.read(tree);
        if (receipt.isEmpty()) {
            if (!isSupported()) {
                return nothing();
            }
            if (init() != InitName.REDHAT) {
                return report(List.of());
            }
        }
        try {
            List<String> done = new ArrayList<>(files().delete());
            for (HookPlace place : places()) {
                done.addAll(place.removalPreview(tree));
                place.deactivate(tree);
            }
            Receipt.delete(tree);
            if (receipt.isPresent()) {
                files().deleteDirectories(receipt.get().directories());
            }
            return report(done);
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
        Receipt.read(tree).map(Receipt::init).filter(name -> asked != null && !asked.toString().equals(name)).ifPresent(name -> {
            throw new Refusal(
                    "OTHER_INIT",
                    "can't go by --init " + asked + ": the hooks that are installed are for " + name,
                    "Take those away first: 'blktrack boot remove', without --init.");
        });
    }

    /** Whether hooks can be put in place here at all. */
    private boolean isSupported() {
        try {
            places();
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

    private BootReport upToDate() {
        Optional<Receipt> receipt = Receipt.read(tree);
        if (receipt.isEmpty() || !receipt.get().complete() || !receipt.get().earlyConf().equals(Installation.earlyConf(tree))) {
            return null;
        }
        BootReport report = report(List.of());
        boolean current = report.hooks().stream().allMatch(hook -> hook.standing() == HookState.Standing.IN_PLACE);
        return current ? report : null;
    }

    private BootReport report(List<String> changes) {
        List<HookPlace> places = places();
        HookFiles files = files();
        List<HookState> states = new ArrayList<>();
        for (HookPlace place : places) {
            place.files(tree).forEach(file -> states.add(files.state(place.name(), file)));
            states.addAll(place.states(tree));
        }
        states.sort((one, other) -> one.hook().compareTo(other.hook()));
        List<String> names = places.stream().map(HookPlace::name).toList();
        boolean installed = Receipt.read(tree).isPresent() || places.stream().anyMatch(place -> place.isPromised(tree));
        List<String> notes = places.stream().flatMap(place -> place.notes(tree).stream()).toList();
        return new BootReport(init().toString(), names, installed, notes, changes, states);
    }

    private HookFiles files() {
        Map<String, String> received = new HashMap<>();
        Receipt.read(tree).ifPresent(receipt -> received.putAll(receipt.files()));
        return new HookFiles(tree, received);
    }

    private List<HookPlace> places() {
        return BootPlaces.of(tree, init());
    }

    private List<HookFile> all(List<HookPlace> places) {
        return places.stream().flatMap(place -> place.files(tree).stream()).toList();
    }
}
