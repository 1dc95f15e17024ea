package org.blktrack.boot;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.blktrack.bootscript.Hook;
import org.blktrack.bootscript.Tree;
import org.blktrack.model.Digest;

/** What one image holds, by the listing of its builder's own program, and what it should. */
final class ImageContent {
    private final ImageTool tool;
    private final Tree tree;
    private final KernelImage image;
    private final TreeCommand.Result listing;

    ImageContent(ImageTool tool, Tree tree, KernelImage image) {
        this.tool = tool;
        this.tree = tree;
        this.image = image;
        this.listing = tool.list(tree, image);
    }

    boolean isReadable() {
        return listing.succeeded() && !listing.output().isBlank();
    }

    /** Why it is not readable. */
    String fault() {
        return listing.lastLine();
    }

    boolean holdsHook() {
        return Stream.of(Hook.values()).flatMap(hook -> tool.hookPaths(hook).stream()).anyMatch(this::holds);
    }

    /** @param place that the hook is of */
    HookState state(String place, Hook hook) {
        if (!listing.succeeded()) {
            return new HookState(hook, place, image.path(), HookState.Standing.MISSING, "can't be read: " + fault());
        }
        List<String> absent = wanted(hook).stream().filter(path -> !holds(path)).toList();
        for (String copied : List.of(ImageRebuild.EARLY_CONF, ImageRebuild.HELPER)) {
            if (absent.contains(copyMarker(tree, copied)) && !absent.contains(copied)) {
                return new HookState(hook, place, image.path(), HookState.Standing.MISSING, "built before " + copied + " changed; 'blktrack boot reapply' builds it anew");
            }
        }
        // The helper's own line says whether its absence is a fault.
        boolean later = tool.leavesOutWithoutHelper() && !tree.isProgram(ImageRebuild.HELPER);
        HookState.Standing without = later ? HookState.Standing.EXPECTED : HookState.Standing.MISSING;
        HookState.Standing standing = absent.isEmpty() ? HookState.Standing.IN_PLACE : without;
        return new HookState(hook, place, image.path(), standing, absent.isEmpty() ? "" : "without " + String.join(", ", absent));
    }

    /**
     * @param hooks whether the new image must hold the hooks, or must not
     * @throws BootFailure IMAGE
     */
    void require(boolean hooks) {
        if (!isReadable()) {
            throw new BootFailure("IMAGE", "can't read the new " + image.path() + ": " + fault());
        }
        for (Hook hook : Hook.values()) {
            for (String path : hooks ? wanted(hook) : tool.hookPaths(hook)) {
                if (holds(path) != hooks) {
                    throw new BootFailure("IMAGE", "the new " + image.path() + (hooks ? " lacks " : " still holds ") + path);
                }
            }
        }
    }

    private List<String> wanted(Hook hook) {
        List<String> paths = new ArrayList<>(tool.hookPaths(hook));
        if (!paths.isEmpty()) {
            // Where the package is not unpacked yet (--hooks-only), or the helper is not executable, the builder's hook leaves it out.
            if (tree.isProgram(ImageRebuild.HELPER)) {
                paths.add(ImageRebuild.HELPER);
                paths.add(copyMarker(tree, ImageRebuild.HELPER));
            }
            if (tree.exists(ImageRebuild.EARLY_CONF)) {
                paths.add(ImageRebuild.EARLY_CONF);
                paths.add(copyMarker(tree, ImageRebuild.EARLY_CONF));
            }
        }
        return paths;
    }

    /**
     * The image's hook makes an empty file for each copy, whose name tells what the image was built with: an older early.conf costs the record, and so does a
     * helper whose programs the daemon's does not know.
     */
    static String copyMarker(Tree tree, String copied) {
        return "/etc/blktrack/" + copied.substring(copied.lastIndexOf('/') + 1) + "-" + Digest.sha256Latin1(tree.text(copied));
    }

    private boolean holds(String path) {
        String end = path.startsWith("/") ? path.substring(1) : path;
        return listing.output().lines().map(String::stripTrailing).anyMatch(line -> line.endsWith(end));
    }
}
