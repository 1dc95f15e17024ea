package org.blktrack.boot;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.blktrack.bootscript.Tree;

/** What keeps hooks from being put in place, found out before anything is changed. */
final class Obstacles {
    /** Of the ebpf driver: what it needs of a kernel came together in 5.10. */
    private static final int[] OLDEST_KERNEL = {5, 10};

    private Obstacles() {}

    static void requireNone(Tree tree, boolean hooksOnly, List<HookPlace> places) {
        refuseOstree(tree);
        refuseUnifiedImages(tree);
        refuseReadOnly(tree, places);
        if (!hooksOnly) {
            requireHelper(tree);
            requireDriver(tree);
            places.forEach(place -> place.checkRuns(tree));
        }
        places.forEach(place -> place.check(tree));
    }

    private static void refuseOstree(Tree tree) {
        if (tree.isDirectory("/ostree/repo") || tree.isDirectory("/sysroot/ostree/repo") || tree.exists("/run/ostree-booted")) {
            throw new Refusal(
                    "OSTREE",
                    "can't put hooks in place: this system is an ostree deployment, whose /usr and initramfs belong to its image",
                    "Put the hooks into the image: 'blktrack boot install --root' on its tree, before it is committed.");
        }
    }

    private static void refuseUnifiedImages(Tree tree) {
        if (UnifiedImages.areIn(tree)) {
            throw new Refusal(
                    "UNIFIED_KERNEL_IMAGE",
                    "can't put hooks in place: this system boots unified kernel images, which are built and signed elsewhere",
                    "Put the hooks into the tree that the image is built from, with --root.");
        }
    }

    private static void refuseReadOnly(Tree tree, List<HookPlace> places) {
        for (HookPlace place : places) {
            for (HookFile file : place.files(tree)) {
                Path there = tree.resolve(file.path()).getParent();
                while (!Files.exists(there)) {
                    there = there.getParent();
                }
                if (!Files.isWritable(there)) {
                    boolean usr = there.startsWith(tree.resolve("/usr"));
                    throw new Refusal(
                            usr ? "READ_ONLY_USR" : "READ_ONLY",
                            "can't write " + file.path() + ": " + there + " is read-only",
                            "Make it writable for the time of the installation, or put the hooks into the image with --root.");
                }
            }
        }
    }

    private static void requireHelper(Tree tree) {
        if (!tree.isProgram(ImageRebuild.HELPER)) {
            throw new Refusal(
                    "NO_HELPER",
                    "can't put hooks in place: " + ImageRebuild.HELPER + ", which they run, is not there or not executable",
                    "Install it first, or say 'blktrack boot install --hooks-only'.");
        }
    }

    private static void requireDriver(Tree tree) {
        List<String> kernels = tree.isRunning()
                ? List.of(tree.text("/proc/sys/kernel/osrelease").strip())
                : KernelImage.kernels(tree);
        if (!kernels.isEmpty() && kernels.stream().noneMatch(Obstacles::hasDriver)) {
            throw new Refusal(
                    "NO_DRIVER",
                    "can't track on kernel " + String.join(", ", kernels) + ": no driver supports it",
                    "Install a kernel of 5.10 or later, or say 'blktrack boot install --hooks-only' to prepare for one.");
        }
    }

    static boolean hasDriver(String release) {
        String[] numbers = release.split("[.-]", 3);
        try {
            int major = Integer.parseInt(numbers[0]);
            int minor = Integer.parseInt(numbers[1]);
            return major > OLDEST_KERNEL[0] || (major == OLDEST_KERNEL[0] && minor >= OLDEST_KERNEL[1]);
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException odd) {
            return false;
        }
    }
}
