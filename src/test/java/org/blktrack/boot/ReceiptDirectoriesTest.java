package org.blktrack.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReceiptDirectoriesTest {
    @TempDir
    Path root;

    /** Nothing in a directory that only grows can be renamed, as in the lower layer of an overlay. */
    @Test
    void whatCanNotBeRenamedIsEmptied() throws Exception {
        Path lib = Files.createDirectories(root.resolve("var/lib"));
        Path receipt = lib.resolve("blktrack/boot.json");
        ReceiptDirectories directories = new ReceiptDirectories(root, receipt);
        directories.write("{}");
        chattr("+a", lib);
        try {
            directories.delete(Set.of(receipt.getParent()));
        } finally {
            chattr("-a", lib);
        }
        assertFalse(Files.exists(receipt));
        assertTrue(Files.isDirectory(receipt.getParent()));
    }

    /** One that is put in a directory's place after its path was found to hold none. */
    @Test
    void nothingIsDeletedBehindALink() throws IOException {
        Path outside = Files.createDirectories(root.resolve("outside/.blktrack.blktrack-new/kept"));
        Path tree = Files.createDirectories(root.resolve("tree/var"));
        ReceiptDirectories directories = new ReceiptDirectories(root.resolve("tree"), tree.resolve("lib/blktrack/boot.json"));
        Files.createSymbolicLink(tree.resolve("lib"), root.resolve("outside"));
        assertThrows(IOException.class, directories::clear);
        assertTrue(Files.isDirectory(outside));
        Files.delete(tree.resolve("lib"));
        Path left = Files.createDirectories(tree.resolve("lib/.blktrack.blktrack-new/blktrack/deep"));
        Files.createFile(left.resolve("file"));
        Files.createSymbolicLink(left.resolve("link"), root.resolve("outside"));
        directories.clear();
        assertFalse(Files.exists(tree.resolve("lib/.blktrack.blktrack-new")));
        assertTrue(Files.isDirectory(outside));
    }

    private static void chattr(String flag, Path path) throws IOException, InterruptedException {
        assertEquals(0, new ProcessBuilder("chattr", flag, path.toString()).inheritIO().start().waitFor());
    }
}
