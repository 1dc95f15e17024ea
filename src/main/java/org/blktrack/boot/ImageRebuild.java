package org.blktrack.boot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.blktrack.bootscript.Hook;
import org.blktrack.bootscript.Tree;
import org.blktrack.linux.AtomicFile;
import org.blktrack.model.Digest;

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

    private final ImageTool tool;

    ImageRebuild(ImageTool tool) {
        this.tool = tool;
    }

    /** @throws Refusal NO_SPACE_IN_BOOT where old and new images don't fit side by side */
    void requireSpace(Tree tree) {
        ImageSpace.require(tree, KernelImage.of(tree));
    }

    /** The same for {@link #leaveOut}, before anything is removed. */
    void requireSpaceToLeaveOut(Tree tree) {
        ImageSpace.require(tree, mayHold(tree));
    }

    /**
     * Ends what a run that was killed has begun: where the image that it was building can't be read, the one from before comes
     * back. Taking the first for the one to keep would lose the second.
     */
    private void settleLeftovers(Tree tree) {
        for (KernelImage image : KernelImage.of(tree)) {
            Path file = tree.resolve(image.path());
            Path previous = previous(file);
            forgetUnfinished(file);
            if (Files.isRegularFile(previous, LinkOption.NOFOLLOW_LINKS)) {
                settle(Map.of(file, previous), isReadable(tool.list(tree, image)));
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

    /**
     * Builds those images anew that hold a hook, now that its files are gone.
     *
     * @return what was done, one line each
     */
    List<String> leaveOut(Tree tree) {
        settleLeftovers(tree);
        List<KernelImage> images = holding(tree);
        rebuild(tree, images, false);
        return rebuildLines(images);
    }

    /** What {@link #leaveOut} would do, one line each. */
    List<String> leaveOutPreview(Tree tree) {
        return rebuildLines(mayHold(tree));
    }

    private static List<String> rebuildLines(List<KernelImage> images) {
        return images.stream().map(image -> "rebuild " + image.path()).toList();
    }

    private List<KernelImage> holding(Tree tree) {
        List<KernelImage> holding = new ArrayList<>();
        for (KernelImage image : KernelImage.of(tree)) {
            TreeCommand.Result listing = tool.list(tree, image);
            if (!isReadable(listing)) {
                throw new BootFailure("IMAGE", "can't tell whether " + image.path() + " holds a hook: " + listing.lastLine());
            }
            if (holdsHook(listing)) {
                holding.add(image);
            }
        }
        return holding;
    }

    /** With those that can't be listed: a previous image of theirs may come back first. */
    private List<KernelImage> mayHold(Tree tree) {
        return KernelImage.of(tree).stream()
                .filter(image -> {
                    TreeCommand.Result listing = tool.list(tree, image);
                    return !isReadable(listing) || holdsHook(listing);
                })
                .toList();
    }

    private boolean holdsHook(TreeCommand.Result listing) {
        return Stream.of(Hook.values()).flatMap(hook -> tool.hookPaths(hook).stream()).anyMatch(path -> holds(listing.output(), path));
    }

    private static boolean isReadable(TreeCommand.Result listing) {
        return listing.succeeded() && !listing.output().isBlank();
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
        for (String copied : List.of(EARLY_CONF, HELPER)) {
            if (absent.contains(present(tree, copied)) && !absent.contains(copied)) {
                return new HookState(hook, place, image.path(), HookState.Standing.MISSING, "built before " + copied + " changed; 'blktrack boot reapply' builds it anew");
            }
        }
        // The helper's own line says whether its absence is a fault.
        boolean later = tool.leavesOutWithoutHelper() && !tree.isProgram(HELPER);
        HookState.Standing without = later ? HookState.Standing.EXPECTED : HookState.Standing.MISSING;
        HookState.Standing standing = absent.isEmpty() ? HookState.Standing.IN_PLACE : without;
        return new HookState(hook, place, image.path(), standing, absent.isEmpty() ? "" : "without " + String.join(", ", absent));
    }

    private void build(Tree tree, KernelImage image, boolean hooks) {
        TreeCommand.Result built = tool.build(tree, image);
        if (!built.succeeded()) {
            throw new BootFailure("IMAGE", "can't build " + image.path() + ": " + built.lastLine());
        }
        TreeCommand.Result listing = tool.list(tree, image);
        if (!isReadable(listing)) {
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
                paths.add(present(tree, HELPER));
            }
            if (tree.exists(EARLY_CONF)) {
                paths.add(EARLY_CONF);
                paths.add(present(tree, EARLY_CONF));
            }
        }
        return paths;
    }

    /**
     * The image's hook makes an empty file for each copy, whose name tells what the image was built with: an older early.conf costs the record, and so does a
     * helper whose programs the daemon's does not know.
     */
    static String present(Tree tree, String copied) {
        return "/etc/blktrack/" + copied.substring(copied.lastIndexOf('/') + 1) + "-" + Digest.sha256Latin1(tree.text(copied));
    }

    private static boolean holds(String listing, String path) {
        String end = path.startsWith("/") ? path.substring(1) : path;
        return listing.lines().map(String::stripTrailing).anyMatch(line -> line.endsWith(end));
    }

    private static Path keep(Path image) throws IOException {
        Path previous = previous(image);
        Files.deleteIfExists(previous);
        try {
            Files.createLink(previous, image);
        } catch (IOException | UnsupportedOperationException noLinksOnVfat) {
            AtomicFile.copy(image, previous);
        }
        return previous;
    }

    private static void forgetUnfinished(Path image) {
        try {
            AtomicFile.deleteUnfinished(previous(image));
            Files.deleteIfExists(fresh(image));
        } catch (IOException failure) {
            throw new BootFailure("IMAGE", "can't delete what is left beside " + image + ": " + failure.getMessage());
        }
    }

    /** Where a new image is built that does not take the name at once. */
    static Path fresh(Path image) {
        return image.resolveSibling(image.getFileName() + OURS + "new");
    }

    static Path previous(Path image) {
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
