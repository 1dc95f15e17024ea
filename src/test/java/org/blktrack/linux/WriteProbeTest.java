package org.blktrack.linux;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WriteProbeTest {
    @TempDir
    Path folder;

    @Test
    void aFolderThatTakesWritesOrRefusesThemIsNotFrozen() {
        assertTrue(new WriteProbe(folder.resolve("probe")).isWritable(5000));
        assertTrue(new WriteProbe(folder.resolve("missing/probe")).isWritable(5000));
        assertFalse(Files.exists(folder.resolve("probe")), "it is removed again");
    }

    /** A pipe that nobody reads holds its writer as a frozen file system does. */
    @Test
    void aWriteThatIsHeldIsFrozenUntilItIsLetGo() throws Exception {
        Path pipe = folder.resolve("probe");
        assertTrue(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0);
        WriteProbe probe = new WriteProbe(pipe);
        assertFalse(probe.isWritable(100));
        assertFalse(probe.isWritable(100), "the same attempt");
        try (FileChannel reader = FileChannel.open(pipe, StandardOpenOption.READ)) {
            assertTrue(probe.isWritable(5000));
        }
        assertTrue(probe.isWritable(5000), "a new attempt");
    }
}
