package org.blktrack.linux;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributeView;

/**
 * Deletes a directory with all that is in it, by openat(2) and unlinkat(2): each name is looked up in the directory that was opened before. Someone who puts a
 * link in a directory's place meanwhile makes it fail, and has nothing deleted elsewhere.
 */
public final class DeepDelete {
    private DeepDelete() {}

    /**
     * A link is deleted, and not followed; what is not there is no fault.
     *
     * @param path below {@code root}
     * @throws IOException where a name on the way to {@code path} is a link or no directory, or where something can't be deleted
     */
    public static void delete(Path root, Path path) throws IOException {
        try (DirectoryStream<Path> top = Files.newDirectoryStream(root)) {
            delete(secure(top), root.relativize(path));
        } catch (NoSuchFileException gone) {
            // There is no way down to it.
        }
    }

    private static void delete(SecureDirectoryStream<Path> directory, Path below) throws IOException {
        if (below.getNameCount() == 1) {
            deleteEntry(directory, below);
            return;
        }
        try (SecureDirectoryStream<Path> next = directory.newDirectoryStream(below.getName(0), LinkOption.NOFOLLOW_LINKS)) {
            delete(next, below.subpath(1, below.getNameCount()));
        }
    }

    /** One that someone else deletes meanwhile is no fault either, and what stands beside it is deleted all the same. */
    static void deleteEntry(SecureDirectoryStream<Path> directory, Path name) throws IOException {
        try {
            if (directory.getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS).readAttributes().isDirectory()) {
                empty(directory, name);
                directory.deleteDirectory(name);
            } else {
                directory.deleteFile(name);
            }
        } catch (NoSuchFileException gone) {
            // nothing to do
        }
    }

    private static void empty(SecureDirectoryStream<Path> directory, Path name) throws IOException {
        try (SecureDirectoryStream<Path> inside = directory.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
            for (Path entry : inside) {
                deleteEntry(inside, entry.getFileName());
            }
        }
    }

    private static SecureDirectoryStream<Path> secure(DirectoryStream<Path> stream) throws IOException {
        if (stream instanceof SecureDirectoryStream<Path> secure) {
            return secure;
        }
        throw new IOException("this file system can't look names up in an open directory");
    }
}
