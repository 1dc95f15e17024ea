package org.blktrack.boot;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.blktrack.linux.AtomicFile;
import org.blktrack.linux.DeepDelete;

/**
 * The directories above a receipt, where an installation has to make them. They appear with the receipt in them, and go with
 * it: at whatever moment a run is killed, there is none of which nothing says who made it.
 */
final class ReceiptDirectories {
    private final Path root;
    private final Path receipt;

    /** @param receipt below {@code root}, with no link in its path */
    ReceiptDirectories(Path root, Path receipt) {
        this.root = root;
        this.receipt = receipt;
    }

    void write(String content) throws IOException {
        Path top = receipt;
        while (!Files.exists(top.getParent(), LinkOption.NOFOLLOW_LINKS)) {
            top = top.getParent();
        }
        if (top.equals(receipt)) {
            AtomicFile.write(receipt, content, 0644);
            return;
        }
        Path fresh = aside(top);
        DeepDelete.delete(root, fresh);
        Path inside = fresh.resolve(top.relativize(receipt));
        Files.createDirectories(inside.getParent());
        AtomicFile.write(inside, content, 0644);
        AtomicFile.replace(fresh, top);
    }

    /** @param made directories that go with the receipt, unless something else is in them */
    void delete(Set<Path> made) throws IOException {
        AtomicFile.deleteUnfinished(receipt);
        Path top = receipt;
        while (made.contains(top.getParent()) && isAlone(top)) {
            top = top.getParent();
        }
        if (top.equals(receipt)) {
            AtomicFile.delete(receipt);
        } else {
            take(top);
        }
        clear();
    }

    private void take(Path top) throws IOException {
        try {
            AtomicFile.replace(top, aside(top));
        } catch (FileSystemException immovable) {
            // A mount point, or of a lower layer of an overlay. The receipt is what speaks of hooks; an empty directory harms nobody.
            AtomicFile.delete(receipt);
            for (Path up = receipt; !up.equals(top) && up.getParent().toFile().delete(); ) {
                up = up.getParent();
            }
        }
    }

    /** Deletes what a run that was killed has left. */
    void clear() throws IOException {
        for (Path up = receipt.getParent(); !up.equals(root); up = up.getParent()) {
            DeepDelete.delete(root, aside(up));
        }
    }

    private static boolean isAlone(Path path) throws IOException {
        if (!Files.isDirectory(path.getParent(), LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        try (Stream<Path> entries = Files.list(path.getParent())) {
            return entries.toList().equals(List.of(path));
        }
    }

    /** The name while it is not yet, or no longer, whole. */
    private static Path aside(Path directory) {
        return directory.resolveSibling("." + directory.getFileName() + ".blktrack-new");
    }
}
