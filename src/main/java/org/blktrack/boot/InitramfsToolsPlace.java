package org.blktrack.boot;

import java.util.List;
import org.blktrack.bootscript.Hook;
import org.blktrack.bootscript.Tree;

/**
 * initramfs-tools: a hook that takes the helper in, and a script of the stage local-premount. They lie in /etc, where kernel
 * updates find them by themselves.
 */
final class InitramfsToolsPlace extends ImagePlace {
    private static final String SCRIPT = "scripts/local-premount/blktrack";

    static boolean isIn(Tree tree) {
        return tree.isProgram("/usr/sbin/mkinitramfs") && tree.isProgram("/usr/sbin/update-initramfs");
    }

    @Override
    public String name() {
        return InitName.INITRAMFS_TOOLS.toString();
    }

    @Override
    public List<HookFile> files(Tree tree) {
        return List.of(
                new HookFile(Hook.START, "/etc/initramfs-tools/hooks/blktrack", true, Template.render("initramfs-tools/hook")),
                new HookFile(Hook.START, "/etc/initramfs-tools/" + SCRIPT, true, Template.render("initramfs-tools/local-premount")));
    }

    @Override
    public TreeCommand.Result build(Tree tree, KernelImage image) {
        return TreeCommand.run(tree, "/usr/sbin/update-initramfs", "-u", "-k", image.version());
    }

    @Override
    public TreeCommand.Result list(Tree tree, KernelImage image) {
        return TreeCommand.run(tree, "/usr/bin/lsinitramfs", image.path());
    }

    @Override
    public List<String> hookPaths(Hook hook) {
        return hook == Hook.START ? List.of(SCRIPT) : List.of();
    }
}
