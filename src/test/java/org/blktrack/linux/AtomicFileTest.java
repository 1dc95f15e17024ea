package org.blktrack.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
    @TempDir
    Path folder;

    private List<String> names() throws IOException {
        try (var entries = Files.list(folder)) {
            return entries.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void aCopyThatFailsLeavesWhatWasThere() throws IOException {
        Path to = Files.writeString(folder.resolve("to"), "whole");
        // Opens, and can't be read at its beginning.
        assertThrows(IOException.class, () -> AtomicFile.copy(Path.of("/proc/self/mem"), to));
        assertEquals("whole", Files.readString(to));
        assertEquals(List.of("to"), names());
    }

    @Test
    void aCopyTakesThePlaceOfWhatWasThere() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "new");
        Path to = Files.writeString(folder.resolve("to"), "old");
        AtomicFile.copy(file, to);
        assertEquals("new", Files.readString(to));
        assertEquals(List.of("file", "to"), names());
    }

    @Test
    void aLinkIsCopiedAsOne() throws IOException {
        Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("nowhere"));
        AtomicFile.copy(link, folder.resolve("to"));
        assertEquals(Path.of("nowhere"), Files.readSymbolicLink(folder.resolve("to")));
    }
}
