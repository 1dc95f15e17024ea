package org.blktrack.boot;

import java.util.List;

/** dracut: a module with a pre-mount hook, and a shutdown hook for the exitrd. */
final class DracutPlace implements HookPlace, ImageTool {
    private static final List<String> SCRIPTS = List.of("module-setup.sh", "blktrack-early", "blktrack-start.sh", "blktrack-last", "blktrack-stop.sh");

    private final ImageRebuild images = new ImageRebuild(this);

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
    public void check(Tree tree) {
        images.requireSpace(tree);
    }

    @Override
    public void activate(Tree tree) {
        // The module leaves itself out where there is no helper to take in.
        if (tree.isProgram(ImageRebuild.HELPER)) {
            images.takeIn(tree);
        }
    }

    @Override
    public void deactivate(Tree tree) {
        images.leaveOut(tree);
    }

    @Override
    public List<HookState> states(Tree tree) {
        return images.states(tree, name());
    }

    @Override
    public List<String> preview(Tree tree) {
        return KernelImage.of(tree).stream().map(image -> "rebuild " + image.path()).toList();
    }

    @Override
    public TreeCommand.Result build(Tree tree, KernelImage image) {
        return TreeCommand.run(tree, program(tree, "dracut"), "--quiet", "--force", image.path(), image.version());
    }

    @Override
    public TreeCommand.Result list(Tree tree, KernelImage image) {
        return TreeCommand.run(tree, program(tree, "lsinitrd"), image.path());
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
