package org.blktrack.model;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import org.junit.jupiter.api.Test;

/** The way out fits the cause. */
class IoCauseTest {
    private static String remedy(IOException failure) {
        return IoCause.remedy(failure, "/x");
    }

    @Test
    void theRemedyFitsTheCause() {
        assertTrue(remedy(new FileSystemException("/x", null, "No space left on device")).contains("Make room on the file system that holds /x"));
        assertTrue(remedy(new IOException("Disk quota exceeded")).contains("Make room"));
        assertTrue(remedy(new FileSystemException("/x", null, "Read-only file system")).contains("read-write"));
        assertTrue(remedy(new AccessDeniedException("/x")).contains("as root"));
        assertTrue(remedy(new FileSystemException("/x", null, "Operation not permitted")).contains("as root"));
        assertFalse(remedy(new FileSystemException("/x", null, "Not a directory")).contains("root"));
    }
}
