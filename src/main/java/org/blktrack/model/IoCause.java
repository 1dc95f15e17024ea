package org.blktrack.model;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** What went wrong, in words: of some failures Java's own message is the path alone, or the name of a class. */
public final class IoCause {
    private IoCause() {}

    public static String of(IOException failure) {
        if (failure instanceof FileSystemException file && file.getReason() != null) {
            return file.getReason();
        }
        if (failure instanceof NoSuchFileException) {
            return "No such file or directory";
        }
        if (failure instanceof AccessDeniedException) {
            return "Permission denied";
        }
        if (failure instanceof FileAlreadyExistsException file) {
            return file.getFile() + " is there already, and no folder";
        }
        return failure.getMessage() == null ? failure.toString() : failure.getMessage();
    }

    public static boolean isNoSpace(IOException failure) {
        String cause = of(failure);
        return cause.contains("No space left on device") || cause.contains("Disk quota exceeded");
    }

    public static boolean isDenied(IOException failure) {
        return of(failure).contains("Permission denied");
    }

    /**
     * The way out that fits the cause.
     *
     * @param place what could not be made, read or written
     */
    public static String remedy(IOException failure, Object place) {
        String cause = of(failure);
        if (isNoSpace(failure)) {
            return "Make room on the file system that holds " + place + ".";
        }
        if (cause.contains("Read-only file system")) {
            return "Mount the file system that holds " + place + " read-write, or name another place.";
        }
        if (isDenied(failure) || cause.contains("Operation not permitted")) {
            return "Run it as root. Where it is root already, a security policy or a file's attributes (lsattr) forbid it.";
        }
        return "Check " + place + " and the folders above it, or name another place.";
    }
}
