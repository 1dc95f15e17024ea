package org.blktrack.boot;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.util.ArrayList;
import java.util.List;

/** systemd: the save when everything is read-only, and a start for volumes other than root. Root itself is the initramfs's. */
final class SystemdPlace implements HookPlace {
    private static final String RULES = "90-blktrack.rules";

    /** A file here goes before one of the same name in /usr/lib, and a link to /dev/null masks that. */
    private static final List<String> OVERRIDES = List.of("/etc/udev/rules.d/" + RULES, "/run/udev/rules.d/" + RULES);

    @Override
    public String name() {
        return InitName.SYSTEMD.toString();
    }

    @Override
    public List<HookFile> files(Tree tree) {
        String systemd = tree.firstOf("/usr/lib/systemd/systemd-shutdown", "/lib/systemd/systemd-shutdown").replace("/systemd-shutdown", "");
        String udev = systemd.replace("/systemd", "/udev");
        return List.of(
                new HookFile(Hook.START, udev + "/blktrack", true, Template.render("systemd/device")),
                new HookFile(
                        Hook.START,
                        udev + "/rules.d/" + RULES,
                        false,
                        Template.render("systemd/rules")
                                .replace("@UDEV_DIR@", udev)
                                .replace("@ESCAPE@", tree.firstOf("/usr/bin/systemd-escape", "/bin/systemd-escape"))),
                new HookFile(Hook.STOP, systemd + "/system/blktrack-release@.service", false, Template.render("systemd/release")),
                new HookFile(Hook.STOP, systemd + "/system-shutdown/blktrack", true, Template.render("systemd/system-shutdown")));
    }

    @Override
    public void check(Tree tree) {
        for (String path : overrides(tree)) {
            throw new Refusal(
                    "FOREIGN_FILE",
                    "can't have udev call the hook: " + path + " goes before the rules of blktrack",
                    "Move it out of the way.");
        }
    }

    @Override
    public void checkRuns(Tree tree) {
        List<String> kernels = KernelImage.kernelsWithout(tree);
        if (!kernels.isEmpty() && KernelImage.of(tree).isEmpty()) {
            throw new Refusal(
                    "NO_INITRAMFS",
                    "can't start tracking before root is mounted: no initramfs is found for " + String.join(", ", kernels),
                    "Have one built, or say 'blktrack boot install --hooks-only' where that comes later.");
        }
    }

    /** Has udev announce what is mapped already, so that its release service comes up without a reboot; where it does not, 'enable' says so. */
    @Override
    public List<String> activate(Tree tree) {
        if (tree.isRunning() && tree.isDirectory("/run/systemd/system")) {
            TreeCommand.run(tree, "udevadm", "control", "--reload");
            TreeCommand.run(
                    tree, "udevadm", "trigger", "--action=change", "--subsystem-match=block", "--sysname-match=dm-*", "--sysname-match=md*");
            TreeCommand.run(tree, "udevadm", "settle", "--timeout=10");
        }
        return List.of();
    }

    @Override
    public List<HookState> conditions(Tree tree) {
        List<HookState> conditions = new ArrayList<>();
        for (String kernel : KernelImage.kernelsWithout(tree)) {
            conditions.add(new HookState(
                    Hook.START, name(), "/lib/modules/" + kernel, HookState.Standing.MISSING, "no initramfs is found for this kernel"));
        }
        for (String path : overrides(tree)) {
            conditions.add(new HookState(
                    Hook.START, name(), path, HookState.Standing.OVERWRITTEN, "goes before the rules of blktrack"));
        }
        return conditions;
    }

    private static List<String> overrides(Tree tree) {
        return OVERRIDES.stream().filter(path -> Files.exists(tree.place(path), LinkOption.NOFOLLOW_LINKS)).toList();
    }
}
