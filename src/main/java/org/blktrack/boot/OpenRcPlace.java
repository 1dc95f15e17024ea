package org.blktrack.boot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.blktrack.bootscript.Hook;
import org.blktrack.bootscript.Tree;

/** OpenRC: a service in the runlevel that checks the file systems, and one in {@code shutdown}, which comes last. */
final class OpenRcPlace implements HookPlace {
    private static final Map<Hook, String> SERVICES = Map.of(Hook.START, "blktrack", Hook.STOP, "blktrack-clear");

    @Override
    public String name() {
        return InitName.OPENRC.toString();
    }

    @Override
    public List<HookFile> files(Tree tree) {
        List<HookFile> files = new ArrayList<>();
        for (Hook hook : Hook.values()) {
            files.add(new HookFile(hook, script(hook), true, Template.render("openrc/" + SERVICES.get(hook))));
        }
        return files;
    }

    @Override
    public void check(Tree tree) {
        for (Hook hook : Hook.values()) {
            String runlevel = runlevel(tree, hook);
            if (!tree.isDirectory(runlevel)) {
                throw new Refusal("NO_RUNLEVEL", "can't put the services in place: there is no " + runlevel, null);
            }
            requireNoForeign(tree, hook);
        }
    }

    private static void requireNoForeign(Tree tree, Hook hook) {
        Path link = tree.place(link(tree, hook));
        if ((Files.isSymbolicLink(link) || Files.isRegularFile(link)) && !isInPlace(tree, hook)) {
            throw new Refusal(
                    "FOREIGN_FILE",
                    "can't write " + link(tree, hook) + ": it is there already, and does not lead to " + script(hook),
                    "Move it out of the way.");
        }
    }

    @Override
    public List<String> activate(Tree tree) {
        List<String> done = preview(tree);
        try {
            for (Hook hook : Hook.values()) {
                if (!isInPlace(tree, hook)) {
                    Files.createSymbolicLink(tree.place(link(tree, hook)), Path.of(script(hook)));
                }
            }
            return done;
        } catch (IOException failure) {
            throw new BootFailure("RUNLEVEL", "can't add the services to their runlevels: " + failure.getMessage());
        }
    }

    @Override
    public List<String> deactivate(Tree tree) {
        List<String> done = removalPreview(tree);
        try {
            for (Hook hook : Hook.values()) {
                if (isInPlace(tree, hook)) {
                    Files.delete(tree.place(link(tree, hook)));
                }
            }
        } catch (IOException failure) {
            throw new BootFailure("RUNLEVEL", "can't take the services out of their runlevels: " + failure.getMessage());
        }
        return done;
    }

    @Override
    public List<String> preview(Tree tree) {
        return Stream.of(Hook.values())
                .filter(hook -> !isInPlace(tree, hook))
                .map(hook -> "link " + link(tree, hook) + " to " + script(hook))
                .toList();
    }

    @Override
    public List<String> removalPreview(Tree tree) {
        return Stream.of(Hook.values()).filter(hook -> isInPlace(tree, hook)).map(hook -> "delete " + link(tree, hook)).toList();
    }

    @Override
    public List<HookState> states(Tree tree) {
        List<HookState> states = new ArrayList<>();
        for (Hook hook : Hook.values()) {
            HookState.Standing standing = isInPlace(tree, hook) ? HookState.Standing.IN_PLACE : HookState.Standing.MISSING;
            states.add(new HookState(hook, name(), link(tree, hook), standing, ""));
        }
        return states;
    }

    /** Whether the link leads to our script, which may be gone. */
    private static boolean isInPlace(Tree tree, Hook hook) {
        return Files.isSymbolicLink(tree.place(link(tree, hook)))
                && tree.resolve(link(tree, hook)).equals(tree.resolve(script(hook)));
    }

    private static String script(Hook hook) {
        return "/etc/init.d/" + SERVICES.get(hook);
    }

    /** What a person runs to have the services started, in the runlevels that this system comes to. */
    static String byHand(Tree tree) {
        return Stream.of(Hook.values())
                .map(hook -> "rc-update add " + SERVICES.get(hook) + " " + Path.of(runlevel(tree, hook)).getFileName())
                .collect(Collectors.joining("; "));
    }

    private static String runlevel(Tree tree, Hook hook) {
        if (hook == Hook.STOP) {
            return "/etc/runlevels/shutdown";
        }
        // Debian's OpenRC runs sysvinit's own scripts, all of them in sysinit, and never comes to boot.
        return tree.exists("/etc/runlevels/sysinit/checkroot.sh") ? "/etc/runlevels/sysinit" : "/etc/runlevels/boot";
    }

    private static String link(Tree tree, Hook hook) {
        return runlevel(tree, hook) + "/" + SERVICES.get(hook);
    }
}
