package org.blktrack.boot;

import java.util.List;
import org.blktrack.bootscript.Hook;
import org.blktrack.bootscript.Tree;

/** The program that builds initramfs images on one kind of system. */
interface ImageTool {
    TreeCommand.Result build(Tree tree, KernelImage image);

    /** A listing whose lines end in the paths of what the image holds. */
    TreeCommand.Result list(Tree tree, KernelImage image);

    /** Whether an image gets no hook where there is no helper to take in. */
    default boolean leavesOutWithoutHelper() {
        return false;
    }

    /** Ends of the paths that an image with the hook holds. */
    List<String> hookPaths(Hook hook);
}
