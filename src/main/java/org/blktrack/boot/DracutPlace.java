package org.blktrack.boot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Set;
import org.blktrack.bootscript.Hook;
import org.blktrack.bootscript.Tree;
import org.blktrack.linux.AtomicFile;

/** dracut: a module with a pre-mount hook, and a shutdown hook for the exitrd. */
final class DracutPlace extends ImagePlace {
    private static final List<String> SCRIPTS = List.of("module-setup.sh", "blktrack-early", "blktrack-start.sh", "blktrack-last", "blktrack-stop.sh");

    static boolean isIn(Tree tree) {
        return tree.isDirectory("/usr/lib/dracut/modules.d") && tree.isProgram(program(tree, "dracut"));
    }

    @Override
    public String name() {
        return InitName.DRACUT.toString();
    }

    @Override
    public List<HookFile> files(Tree tree) {
        return SCRIPTS.stream()
                .map(name -> new HookFile(
                        name.contains("last") || name.contains("stop") ? Hook.STOP : Hook.START,
                        "/usr/lib/dracut/modules.d/55blktrack/" + name,
                        true,
                        Template.render("dracut/" + name)))
                .toList();
    }

    @Override
    public TreeCommand.Result build(Tree tree, KernelImage image) {
        // dracut writes into the file that is there, so into the previous image too, which is another name of it; and one that is
        // killed leaves half an image. So it builds beside it.
        Path old = tree.resolve(image.path());
        Path built = ImageRebuild.fresh(old);
        String fresh = tree.inside(built);
        try {
            Files.deleteIfExists(built);
            TreeCommand.Result result =
                    TreeCommand.run(tree, program(tree, "dracut"), "--quiet", "--force", fresh, image.version());
            if (result.succeeded()) {
                keepMode(old, built);
                AtomicFile.replace(built, old);
            } else {
                Files.deleteIfExists(built);
            }
            return result;
        } catch (IOException failure) {
            throw new BootFailure("IMAGE", "can't put the new " + image.path() + " in place: " + failure.getMessage());
        }
    }

    private static void keepMode(Path old, Path built) throws IOException {
        Set<PosixFilePermission> mode = Files.getPosixFilePermissions(old);
        // FAT has one mode for all files, and takes no other.
        if (!mode.equals(Files.getPosixFilePermissions(built))) {
            Files.setPosixFilePermissions(built, mode);
        }
    }

    @Override
    public TreeCommand.Result list(Tree tree, KernelImage image) {
        return TreeCommand.run(tree, program(tree, "lsinitrd"), image.path());
    }

    /** The module leaves itself out where there is no helper to take in. */
    @Override
    public boolean leavesOutWithoutHelper() {
        return true;
    }

    @Override
    public List<String> hookPaths(Hook hook) {
        return hook == Hook.START
                ? List.of("sbin/blktrack-early", "hooks/pre-mount/50-blktrack-start.sh")
                : List.of("sbin/blktrack-last", "hooks/shutdown/10-blktrack-stop.sh");
    }

    private static String program(Tree tree, String name) {
        return tree.firstOf("/usr/bin/" + name, "/usr/sbin/" + name, "/sbin/" + name);
    }
}
