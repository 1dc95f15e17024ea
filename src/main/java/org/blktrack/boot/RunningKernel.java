package org.blktrack.boot;

import java.util.Optional;
import org.blktrack.bootscript.Tree;

/** The release of the kernel that runs a tree; none under {@code --root} and in a chroot, where it is another system's. */
final class RunningKernel {
    private RunningKernel() {}

    static Optional<String> of(Tree tree) {
        return InitRecognition.isBooted(tree)
                ? Optional.of(tree.text("/proc/sys/kernel/osrelease").strip()).filter(release -> !release.isEmpty())
                : Optional.empty();
    }
}
