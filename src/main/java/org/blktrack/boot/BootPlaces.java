package org.blktrack.boot;

import java.util.ArrayList;
import java.util.List;
import org.blktrack.bootscript.Tree;

/** Which places the hooks of a system go to: its init system, and what builds its initramfs, if any. */
final class BootPlaces {
    private BootPlaces() {}

    /** @throws Refusal LINES_ONLY, NO_INITRAMFS or UNSUPPORTED_INITRAMFS where hooks can't be put in place by program */
    static List<HookPlace> of(Tree tree, InitName init) {
        List<HookPlace> places = new ArrayList<>();
        if (init != InitName.REDHAT && init.installs()) {
            places.addAll(early(tree, init));
        }
        // A builder of images saves nothing at the end; that takes an init system.
        if (!init.installs()) {
            throw linesOnly(init);
        }
        places.add(place(init));
        return places;
    }

    /** Those that an installation has used, whatever the tree holds now. */
    static List<HookPlace> named(List<String> names) {
        return names.stream().map(InitName::named).map(BootPlaces::place).toList();
    }

    private static HookPlace place(InitName name) {
        return switch (name) {
            case SYSTEMD -> new SystemdPlace();
            case SYSVINIT -> new SysvinitPlace();
            case OPENRC -> new OpenRcPlace();
            case REDHAT -> new RedHatPlace();
            case INITRAMFS_TOOLS -> new InitramfsToolsPlace();
            case DRACUT -> new DracutPlace();
            default -> throw linesOnly(name);
        };
    }

    private static Refusal linesOnly(InitName name) {
        return new Refusal(
                "LINES_ONLY",
                "can't put hooks in place by program on " + name,
                "'blktrack boot lines --init " + name + "' shows what to add by hand, and where.");
    }

    private static List<HookPlace> early(Tree tree, InitName init) {
        if (InitramfsToolsPlace.isIn(tree)) {
            return List.of(new InitramfsToolsPlace());
        }
        if (DracutPlace.isIn(tree)) {
            return List.of(new DracutPlace());
        }
        if (tree.exists("/etc/mkinitcpio.conf")) {
            throw new Refusal(
                    "UNSUPPORTED_INITRAMFS",
                    "can't put hooks into images that mkinitcpio builds",
                    "'blktrack boot lines --init mkinitcpio' shows what to add by hand.");
        }
        // systemd mounts root read-write too early for anything but an initramfs; the others check it in a script.
        if (init == InitName.SYSTEMD) {
            throw new Refusal(
                    "NO_INITRAMFS",
                    "can't start tracking before root is mounted: neither initramfs-tools nor dracut is installed",
                    "Install one of them.");
        }
        return List.of();
    }
}
