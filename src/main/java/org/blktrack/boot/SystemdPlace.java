package org.blktrack.boot;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.blktrack.bootscript.Hook;
import org.blktrack.bootscript.Tree;

/** systemd: the save when everything is read-only, and a start for volumes other than root. Root itself is the initramfs's. */
final class SystemdPlace implements HookPlace {
    private static final String RULES = "90-blktrack.rules";

    /** A file here goes before one of the same name in /usr/lib, and a link to /dev/null masks that. */
    private static final List<String> OVERRIDES = List.of("/etc/udev/rules.d/" + RULES, "/run/udev/rules.d/" + RULES);

    private final Function<Tree, Optional<String>> runningKernel;

    SystemdPlace() {
        this(RunningKernel::of);
    }

    /** @param runningKernel the release of the kernel that runs the tree, if it runs at all */
    SystemdPlace(Function<Tree, Optional<String>> runningKernel) {
        this.runningKernel = runningKernel;
    }

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
                        Template.render("systemd/rules").replace("@UDEV_DIR@", udev)),
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
        unseenKernel(tree).ifPresent(kernel -> {
            throw new Refusal(
                    "NO_INITRAMFS",
                    "can't start tracking before root is mounted: no initramfs is found for " + kernel + ", the kernel that runs",
                    "Mount /boot if it is a file system of its own, or start the kernel that is installed.");
        });
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
        Optional<String> unseen = unseenKernel(tree);
        for (String kernel : KernelImage.kernelsWithout(tree)) {
            if (!unseen.equals(Optional.of(kernel))) {
                conditions.add(noImage(kernel, "no initramfs is found for this kernel"));
            }
        }
        unseen.ifPresent(kernel -> conditions.add(noImage(kernel, "no initramfs is found for the kernel that runs: is /boot mounted?")));
        for (String path : overrides(tree)) {
            conditions.add(new HookState(
                    Hook.START, name(), path, HookState.Standing.OVERWRITTEN, "goes before the rules of blktrack"));
        }
        return conditions;
    }

    /** With a /boot that is not mounted no kernel is seen at all, and so none that lacks anything: but one runs. */
    private Optional<String> unseenKernel(Tree tree) {
        return runningKernel.apply(tree)
                .filter(running -> KernelImage.of(tree).stream().noneMatch(image -> image.version().equals(running)));
    }

    private HookState noImage(String kernel, String why) {
        return new HookState(Hook.START, name(), "/lib/modules/" + kernel, HookState.Standing.MISSING, why);
    }

    private static List<String> overrides(Tree tree) {
        return OVERRIDES.stream().filter(path -> Files.exists(tree.place(path), LinkOption.NOFOLLOW_LINKS)).toList();
    }
}
