package org.blktrack.boot;

import java.util.List;
import org.blktrack.bootscript.Tree;

/** Hooks in the initramfs: files that its builder takes in, and the images that hold them. */
abstract class ImagePlace implements HookPlace, ImageTool {
    private final ImageRebuild images = new ImageRebuild(this);

    @Override
    public final void check(Tree tree) {
        images.requireSpace(tree);
    }

    @Override
    public final List<String> activate(Tree tree) {
        return leavesOut(tree) ? List.of() : images.takeIn(tree);
    }

    @Override
    public final List<String> preview(Tree tree) {
        return leavesOut(tree) ? List.of() : images.takeInPreview(tree);
    }

    private boolean leavesOut(Tree tree) {
        return leavesOutWithoutHelper() && !tree.isProgram(ImageRebuild.HELPER);
    }

    @Override
    public final boolean isAllOrNothing() {
        return true;
    }

    @Override
    public final void checkRemoval(Tree tree) {
        images.requireSpaceToLeaveOut(tree);
    }

    @Override
    public final List<String> deactivate(Tree tree) {
        return images.leaveOut(tree);
    }

    @Override
    public final List<String> removalPreview(Tree tree) {
        return images.leaveOutPreview(tree);
    }

    @Override
    public final List<HookState> states(Tree tree) {
        return images.states(tree, name());
    }
}
