package org.blktrack.boot;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Rebuilds the image of every installed kernel. The image that was there stays beside the new one until all of them are seen
 * to be right; until then any failure brings every one of them back.
 */
final class ImageRebuild {
    static final String EARLY_CONF = "/etc/blktrack/early.conf";
    static final String HELPER = "/sbin/blktrack-helper";

    /** In the name of what lies beside an image while it is built anew. */
    static final String OURS = ".blktrack-";

    private static final String PREVIOUS = OURS + "previous";
    private static final long MARGIN_BYTES = 1 << 20;

    private final ImageTool tool;

    ImageRebuild(ImageTool tool) {
        this.tool = tool;
    }

    /** @throws Refusal NO_SPACE_IN_BOOT where old and new images don't fit side by side */
    void requireSpace(Tree tree) {
        try {
            // Images for the firmware's boot loader lie on a partition of its own.
            Map<FileStore, List<KernelImage>> byPartition = new LinkedHashMap<>();
            for (KernelImage image : KernelImage.of(tree)) {
                FileStore partition = Files.getFileStore(tree.resolve(image.path()).getParent());
                byPartition.computeIfAbsent(partition, any -> new ArrayList<>()).add(image);
            }
            for (Map.Entry<FileStore, List<KernelImage>> entry : byPartition.entrySet()) {
                requireSpace(tree, entry.getKey(), entry.getValue());
            }
        } catch (IOException failure) {
            throw new Refusal("BOOT_UNREADABLE", "can't tell the free space of /boot: " + failure.getMessage(), null);
        }
    }

    private static void requireSpace(Tree tree, FileStore partition, List<KernelImage> images) throws IOException {
        long neededBytes = MARGIN_BYTES;
        for (KernelImage image : images) {
            neededBytes += Files.size(tree.resolve(image.path())) + helperBytes(tree) - leftoverBytes(tree, image);
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

    /**
     * Ends what a run that was killed has begun: where the image that it was building can't be read, the one from before comes
     * back. Taking the first for the one to keep would lose the second.
     */
    private void settleLeftovers(Tree tree) {
        for (KernelImage image : KernelImage.of(tree)) {
            Path file = tree.resolve(image.path());
            Path previous = previous(file);
            if (Files.isRegularFile(previous, LinkOption.NOFOLLOW_LINKS)) {
                TreeCommand.Result listing = tool.list(tree, image);
                settle(Map.of(file, previous), listing.succeeded() && !listing.output().isBlank());
            }
        }
    }

    /**
     * Builds every image anew, with the hooks in it.
     *
     * @return what was done, one line each
     */
    List<String> takeIn(Tree tree) {
        settleLeftovers(tree);
        rebuild(tree, KernelImage.of(tree), true);
        return takeInPreview(tree);
    }

    /** What {@link #takeIn} would do, one line each. */
    List<String> takeInPreview(Tree tree) {
        return rebuildLines(KernelImage.of(tree));
    }

    /** Builds those images anew that hold a hook, now that its files are gone. */
    void leaveOut(Tree tree) {
        settleLeftovers(tree);
        rebuild(tree, holding(tree), false);
    }

    /** What {@link #leaveOut} would do, one line each. */
    List<String> leaveOutPreview(Tree tree) {
        return rebuildLines(holding(tree));
    }

    private static List<String> rebuildLines(List<KernelImage> images) {
        return images.stream().map(image -> "rebuild " + image.path()).toList();
    }

    private List<KernelImage> holding(Tree tree) {
        List<KernelImage> holding = new ArrayList<>();
        for (KernelImage image : KernelImage.of(tree)) {
            String listing = tool.list(tree, image).output();
            if (Stream.of(Hook.values()).flatMap(hook -> tool.hookPaths(hook).stream()).anyMatch(path -> holds(listing, path))) {
                holding.add(image);
            }
        }
        return holding;
    }

    /** @param hooks whether the new images must hold the hooks, or must not */
    private void rebuild(Tree tree, List<KernelImage> images, boolean hooks) {
        Map<Path, Path> kept = new LinkedHashMap<>();
        boolean good = false;
        try {
            for (KernelImage image : images) {
                Path file = tree.resolve(image.path());
                kept.put(file, keep(file));
                build(tree, image, hooks);
            }
            good = true;
        } catch (IOException failure) {
            throw new BootFailure("IMAGE", "can't rebuild the initramfs: " + failure.getMessage());
        } finally {
            settle(kept, good);
        }
    }

    /** Whether each image holds each hook, one line per hook and image. */
    List<HookState> states(Tree tree, String place) {
        List<HookState> states = new ArrayList<>();
        for (KernelImage image : KernelImage.of(tree)) {
            TreeCommand.Result listing = tool.list(tree, image);
            for (Hook hook : Hook.values()) {
                if (!tool.hookPaths(hook).isEmpty()) {
                    states.add(state(tree, place, image, hook, listing));
                }
            }
        }
        return states;
    }

    private HookState state(Tree tree, String place, KernelImage image, Hook hook, TreeCommand.Result listing) {
        if (!listing.succeeded()) {
            return new HookState(hook, place, image.path(), HookState.Standing.MISSING, "can't be read: " + listing.lastLine());
        }
        List<String> absent =
                wanted(tree, hook).stream().filter(path -> !holds(listing.output(), path)).toList();
        if (absent.equals(List.of(presentEarlyConf(tree)))) {
            return new HookState(hook, place, image.path(), HookState.Standing.MISSING, "built before " + EARLY_CONF + " changed; 'blktrack boot reapply' builds it anew");
        }
        HookState.Standing standing = absent.isEmpty() ? HookState.Standing.IN_PLACE : HookState.Standing.MISSING;
        return new HookState(hook, place, image.path(), standing, absent.isEmpty() ? "" : "without " + String.join(", ", absent));
    }

    private void build(Tree tree, KernelImage image, boolean hooks) {
        TreeCommand.Result built = tool.build(tree, image);
        if (!built.succeeded()) {
            throw new BootFailure("IMAGE", "can't build " + image.path() + ": " + built.lastLine());
        }
        TreeCommand.Result listing = tool.list(tree, image);
        if (!listing.succeeded() || listing.output().isBlank()) {
            throw new BootFailure("IMAGE", "can't read the new " + image.path() + ": " + listing.lastLine());
        }
        for (Hook hook : Hook.values()) {
            for (String path : hooks ? wanted(tree, hook) : tool.hookPaths(hook)) {
                if (holds(listing.output(), path) != hooks) {
                    throw new BootFailure("IMAGE", "the new " + image.path() + (hooks ? " lacks " : " still holds ") + path);
                }
            }
        }
    }

    private List<String> wanted(Tree tree, Hook hook) {
        List<String> paths = new ArrayList<>(tool.hookPaths(hook));
        if (!paths.isEmpty()) {
            // Where the package is not unpacked yet (--hooks-only), or the helper is not executable, the builder's hook leaves it out.
            if (tree.isProgram(HELPER)) {
                paths.add(HELPER);
            }
            if (tree.exists(EARLY_CONF)) {
                paths.add(EARLY_CONF);
                paths.add(presentEarlyConf(tree));
            }
        }
        return paths;
    }

    /** The image's hook makes an empty file whose name tells which early.conf the image was built with: a copy that is older costs the record. */
    private static String presentEarlyConf(Tree tree) {
        return EARLY_CONF + "-" + Installation.earlyConf(tree);
    }

    private static boolean holds(String listing, String path) {
        String end = path.startsWith("/") ? path.substring(1) : path;
        return listing.lines().map(String::stripTrailing).anyMatch(line -> line.endsWith(end));
    }

    private static long helperBytes(Tree tree) throws IOException {
        return tree.isFile(HELPER) ? Files.size(tree.resolve(HELPER)) : 0;
    }

    /** What goes before anything is built: the previous image that a run has left which was killed. */
    private static long leftoverBytes(Tree tree, KernelImage image) throws IOException {
        Path previous = previous(tree.resolve(image.path()));
        boolean ofItsOwn = Files.isRegularFile(previous, LinkOption.NOFOLLOW_LINKS)
                && (int) Files.getAttribute(previous, "unix:nlink", LinkOption.NOFOLLOW_LINKS) == 1;
        return ofItsOwn ? Files.size(previous) : 0;
    }

    private static Path keep(Path image) throws IOException {
        Path previous = previous(image);
        Files.deleteIfExists(previous);
        try {
            Files.createLink(previous, image);
        } catch (IOException | UnsupportedOperationException noLinksOnVfat) {
            Files.copy(image, previous, StandardCopyOption.COPY_ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
        }
        return previous;
    }

    private static Path previous(Path image) {
        return image.resolveSibling(image.getFileName() + PREVIOUS);
    }

    private static void settle(Map<Path, Path> kept, boolean good) {
        kept.forEach((image, previous) -> {
            try {
                if (good) {
                    Files.deleteIfExists(previous);
                } else {
                    Files.move(previous, image, StandardCopyOption.ATOMIC_MOVE);
                    // Renaming one name of a file over another of the same file does nothing, and leaves both.
                    Files.deleteIfExists(previous);
                }
            } catch (IOException failure) {
                throw new BootFailure("IMAGE", "can't settle " + previous + ": " + failure.getMessage());
            }
        });
    }
}
