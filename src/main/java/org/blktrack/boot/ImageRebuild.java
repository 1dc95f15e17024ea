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
import org.blktrack.bootscript.Hook;
import org.blktrack.bootscript.Tree;
import org.blktrack.linux.AtomicFile;

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
                settle(Map.of(file, previous), content(tree, image).isReadable());
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
            ImageContent content = content(tree, image);
            if (!content.isReadable()) {
                throw new BootFailure("IMAGE", "can't tell whether " + image.path() + " holds a hook: " + content.fault());
            }
            if (content.holdsHook()) {
                holding.add(image);
            }
        }
        return holding;
    }

    /** With those that can't be listed: a previous image of theirs may come back first. */
    private List<KernelImage> mayHold(Tree tree) {
        return KernelImage.of(tree).stream()
                .filter(image -> {
                    ImageContent content = content(tree, image);
                    return !content.isReadable() || content.holdsHook();
                })
                .toList();
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
            ImageContent content = content(tree, image);
            for (Hook hook : Hook.values()) {
                if (!tool.hookPaths(hook).isEmpty()) {
                    states.add(content.state(place, hook));
                }
            }
        }
        return states;
    }

    private void build(Tree tree, KernelImage image, boolean hooks) {
        TreeCommand.Result built = tool.build(tree, image);
        if (!built.succeeded()) {
            throw new BootFailure("IMAGE", "can't build " + image.path() + ": " + built.lastLine());
        }
        content(tree, image).require(hooks);
    }

    private ImageContent content(Tree tree, KernelImage image) {
        return new ImageContent(tool, tree, image);
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
