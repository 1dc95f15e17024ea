package org.blktrack.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an answer may be written to, and what must not happen to what stands there. */
class OutputFileTest {
    @TempDir
    Path folder;

    private static void write(Path file, String text) throws IOException {
        try (OutputFile out = new OutputFile(file)) {
            out.write(text.getBytes());
            out.finish();
        }
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.sorted().toList();
        }
    }

    @Test
    void aFileIsTheOldOneUntilTheNewOneIsWhole() throws IOException {
        Path file = Files.writeString(folder.resolve("answer"), "old");
        try (OutputFile out = new OutputFile(file)) {
            out.write("half".getBytes());
            assertEquals("old", Files.readString(file));
        }
        assertEquals("old", Files.readString(file));
        write(file, "new");
        assertEquals("new", Files.readString(file));
        assertEquals(List.of(file), files());
    }

    /** A process that writes one file. */
    static final class Write {
        public static void main(String[] file) throws IOException {
            write(Path.of(file[0]), "new");
        }
    }

    /** After a power cut, too: a name may be on the disk before what it names. */
    @Test
    void itsContentIsOnTheDiskBeforeItHasItsName() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/strace")), "SKIPPED: there is no strace");
        Path file = folder.resolve("answer");
        Path calls = folder.resolve("calls");
        Process process = new ProcessBuilder("strace", "-f", "-qq", "-y", "-e", "trace=fsync,fdatasync,rename,renameat,renameat2", "-o", calls.toString(),
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp", System.getProperty("java.class.path"),
                Write.class.getName(), file.toString()).inheritIO().start();
        assertEquals(0, process.waitFor());
        List<String> ours = Files.readAllLines(calls).stream().filter(line -> line.contains(folder.toString())).toList();
        assertEquals(2, ours.size(), ours::toString);
        assertTrue(ours.get(0).contains("sync("), ours::toString);
        assertTrue(ours.get(1).contains("rename"), ours::toString);
        assertEquals("new", Files.readString(file));
    }

    /** Whoever may write to the folder may plant a link under any name that can be guessed. */
    @Test
    void noPlantedLinkIsFollowed() throws IOException {
        Path victim = Files.writeString(folder.resolve("victim"), "precious");
        Path file = folder.resolve("answer");
        Files.createSymbolicLink(folder.resolve(".answer." + ProcessHandle.current().pid() + ".new"), victim);
        write(file, "new");
        assertEquals("precious", Files.readString(victim));
        assertEquals("new", Files.readString(file));
    }

    @Test
    void aFilesOwnerAndModeStay() throws IOException {
        Path file = Files.writeString(folder.resolve("answer"), "old");
        boolean root = "root".equals(System.getProperty("user.name"));
        if (root) {
            Files.setAttribute(file, "unix:uid", 12345);
            Files.setAttribute(file, "unix:gid", 23456);
        }
        Files.setAttribute(file, "unix:mode", 0640);
        write(file, "new");
        assertEquals("new", Files.readString(file));
        assertEquals(0640, (int) Files.getAttribute(file, "unix:mode") & 07777);
        if (root) {
            assertEquals(12345, Files.getAttribute(file, "unix:uid"));
            assertEquals(23456, Files.getAttribute(file, "unix:gid"));
        }
    }

    @Test
    void twoNamesOfOneFile() throws IOException {
        Path file = folder.resolve("answer");
        assertTrue(OutputFile.same(file, folder.resolve("./x/../answer")));
        assertTrue(OutputFile.same(Path.of("x"), Path.of("./x")));
        assertFalse(OutputFile.same(file, folder.resolve("other")));
        Files.createFile(file);
        Files.createSymbolicLink(folder.resolve("link"), file);
        assertTrue(OutputFile.same(file, folder.resolve("link")));
    }

    @Test
    void aSymbolicLinkStays() throws IOException {
        Path file = Files.writeString(folder.resolve("answer"), "old");
        Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("answer"));
        write(link, "new");
        assertTrue(Files.isSymbolicLink(link));
        assertEquals("new", Files.readString(file));
    }

    @Test
    void aPipeIsWrittenToAndNotReplaced() throws Exception {
        Path pipe = folder.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        CompletableFuture<byte[]> reader = CompletableFuture.supplyAsync(() -> {
            try {
                return Files.readAllBytes(pipe);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        write(pipe, "new");
        assertArrayEquals("new".getBytes(), reader.get(10, TimeUnit.SECONDS));
        assertEquals(List.of(pipe), files());
        assertFalse(Files.isRegularFile(pipe));
    }

    @Test
    void aDeviceNodeStays() throws IOException {
        write(Path.of("/dev/null"), "new");
        assertFalse(Files.isRegularFile(Path.of("/dev/null")));
        FileSystemException full = assertThrows(FileSystemException.class, () -> write(Path.of("/dev/full"), "new"));
        assertEquals("/dev/full: No space left on device", full.getFile() + ": " + full.getReason());
        assertFalse(Files.isRegularFile(Path.of("/dev/full")));
    }

    @Test
    void aFailureNamesWhatWasAskedFor() {
        Path file = folder.resolve("nowhere/answer");
        FileSystemException failure = assertThrows(FileSystemException.class, () -> write(file, "new"));
        assertEquals(file + ": No such file or directory", failure.getFile() + ": " + failure.getReason());
    }

    @Test
    void aFolderIsRefused() {
        assertEquals("Is a directory", assertThrows(FileSystemException.class, () -> write(folder, "new")).getReason());
    }
}
