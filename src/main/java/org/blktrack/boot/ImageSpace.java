package org.blktrack.boot;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.blktrack.bootscript.Tree;

/** Whether images can be built anew where they lie, with those that are there beside them until the last one is seen to be right. */
final class ImageSpace {
    private static final long MARGIN_BYTES = 1 << 20;

    /** Where a file can't have a second name, the image that is kept is a copy. */
    private static final Set<String> WITHOUT_LINKS = Set.of("vfat", "msdos", "exfat");

    private ImageSpace() {}

    /** @throws Refusal NO_SPACE_IN_BOOT */
    static void require(Tree tree, List<KernelImage> images) {
        try {
            // Images for the firmware's boot loader lie on a partition of its own.
            Map<FileStore, List<KernelImage>> byPartition = new LinkedHashMap<>();
            for (KernelImage image : images) {
                FileStore partition = Files.getFileStore(tree.resolve(image.path()).getParent());
                byPartition.computeIfAbsent(partition, any -> new ArrayList<>()).add(image);
            }
            for (Map.Entry<FileStore, List<KernelImage>> entry : byPartition.entrySet()) {
                require(tree, entry.getKey(), entry.getValue());
            }
        } catch (IOException failure) {
            throw new Refusal("BOOT_UNREADABLE", "can't tell the free space of /boot: " + failure.getMessage(), null);
        }
    }

    static void require(Tree tree, FileStore partition, List<KernelImage> images) throws IOException {
        long neededBytes = MARGIN_BYTES;
        long largestBytes = 0;
        for (KernelImage image : images) {
            long bytes = Files.size(tree.resolve(image.path()));
            neededBytes += bytes + helperBytes(tree) - leftoverBytes(tree, image);
            largestBytes = Math.max(largestBytes, bytes);
        }
        if (WITHOUT_LINKS.contains(partition.type())) {
            // While an image is built, the old one is there twice: by its name, which the new one takes at the end, and as the copy.
            neededBytes += largestBytes;
        }
        long freeBytes = partition.getUsableSpace();
        if (freeBytes < neededBytes) {
            throw new Refusal(
                    "NO_SPACE_IN_BOOT",
                    String.format(
                            "can't rebuild %d initramfs image(s): %d MiB are needed beside %s, %d MiB are free",
                            images.size(), neededBytes >> 20, images.get(0).path(), freeBytes >> 20),
                    "Remove old kernels, then try again.");
        }
    }

    private static long helperBytes(Tree tree) throws IOException {
        return tree.isFile(ImageRebuild.HELPER) ? Files.size(tree.resolve(ImageRebuild.HELPER)) : 0;
    }

    /** What goes before anything is built: the previous image that a run has left which was killed. */
    private static long leftoverBytes(Tree tree, KernelImage image) throws IOException {
        Path previous = ImageRebuild.previous(tree.resolve(image.path()));
        boolean ofItsOwn = Files.isRegularFile(previous, LinkOption.NOFOLLOW_LINKS)
                && (int) Files.getAttribute(previous, "unix:nlink", LinkOption.NOFOLLOW_LINKS) == 1;
        return ofItsOwn ? Files.size(previous) : 0;
    }
}
