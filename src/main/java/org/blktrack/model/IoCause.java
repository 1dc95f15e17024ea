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
}
