package org.blktrack.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.blktrack.wire.FakeDaemon;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every command has in common, as a process. */
class MainTest {
    /** Of the form of a change id, and none. */
    private static final String NOBODYS = "0".repeat(32);

    @TempDir
    Path folder;

    private record Run(int status, String err) {}

    private static Run blktrack(File stdout, String... arguments) throws IOException, InterruptedException {
        Process process = program(arguments).redirectOutput(stdout).start();
        return ended(process);
    }

    private static ProcessBuilder program(String... arguments) {
        return program(Main.class, arguments);
    }

    private static ProcessBuilder program(Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xshare:auto",
                "-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command);
    }

    private static Run ended(Process process) throws IOException, InterruptedException {
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Run(process.waitFor(), err);
    }

    @Test
    void anAnswerThatCouldNotBeWrittenIsAFailure() throws IOException, InterruptedException {
        Run run = blktrack(new File("/dev/full"), "--version");
        assertEquals(1, run.status);
        assertTrue(run.err.contains("No space left on device"), run.err);
        assertEquals(new Run(0, ""), blktrack(new File("/dev/null"), "--version"));
        Run unreachable = blktrack(new File("/dev/full"), "--socket", "/nowhere/socket", "status", "--json");
        assertEquals(10, unreachable.status, "what went wrong first decides");
    }

    @Test
    void anInterruptedAnswerLeavesNoFiles() throws Exception {
        String head = "{\"parameters\":{\"sizeBytes\":65536,\"granularityBytes\":65536,\"complete\":true,\"extents\":[]}}\0";
        Path socket = folder.resolve("socket");
        Path pipe = folder.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        try (FakeDaemon daemon = new FakeDaemon(socket, head)) {
            // It waits for the pipe's reader, with the other file begun.
            Process process = program("--socket", socket.toString(), "changes", "/dev/null", "--since", NOBODYS, "--map",
                    folder.resolve("map.svg").toString(), "--raw", pipe.toString()).start();
            for (int i = 0; i < 200 && files() < 3; i++) {
                Thread.sleep(50);
            }
            assertEquals(3, files());
            process.destroy();
            assertEquals(143, process.waitFor());
        }
        assertEquals(2, files());
    }

    private int files() {
        return folder.toFile().list().length;
    }

    private static String output(int status, String... arguments) throws IOException, InterruptedException {
        Process process = program(arguments).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        Run run = ended(process);
        assertEquals(status, run.status, run.err);
        assertTrue(run.err.lines().count() <= 2, run.err);
        return out;
    }

    @Test
    void anArgumentErrorIsJsonTooWhereThatWasAskedFor() throws IOException, InterruptedException {
        for (String line : List.of("changes /dev/null --json", "changes /dev/null --since " + NOBODYS + " --bogus --json", "changes /dev/null --since " + NOBODYS + " --json --raw f",
                "checkpoint delete /dev/null --json", "checkpoint --json", "changes /dev/null --json=true", "nothing --json", "status --socket= --json")) {
            JsonObject error = JsonParser.parseString(output(2, line.split(" "))).getAsJsonObject().getAsJsonObject("error");
            assertEquals("USAGE", error.get("name").getAsString(), line);
            assertEquals(2, error.get("status").getAsInt());
            assertTrue(error.get("remedy").getAsString().contains("--help'"), line);
        }
        assertEquals("", output(2, "changes", "/dev/null", "--bogus"));
        assertTrue(output(10, "--socket", "/nowhere/socket", "status", "--json=true").contains("DAEMON_NOT_REACHABLE"));
    }

    @Test
    void aRefusedBootCommandIsAnErrorLikeAnyOther() throws IOException, InterruptedException {
        java.nio.file.Files.createDirectories(folder.resolve("sbin"));
        java.nio.file.Files.createDirectories(folder.resolve("etc/runlevels/boot"));
        JsonObject answer = JsonParser.parseString(
                output(5, "boot", "install", "--init", "openrc", "--hooks-only", "--json", "--root", folder.toString())).getAsJsonObject();
        assertEquals(1, answer.get("schemaVersion").getAsInt());
        JsonObject error = answer.getAsJsonObject("error");
        assertEquals("NO_RUNLEVEL", error.get("name").getAsString());
        assertEquals(5, error.get("status").getAsInt());
        assertTrue(error.get("remedy").isJsonNull() && error.get("message").getAsString().contains("NO_RUNLEVEL"), error.toString());
    }

    /** So large that its beginning was printed when the daemon hung up. */
    @Test
    void aBrokenAnswerIsFollowedByNothing() throws IOException, InterruptedException {
        String extents = "{\"offsetBytes\":0,\"lengthBytes\":65536,\"kind\":\"data\"},".repeat(40_000);
        String head = "{\"continues\":true,\"parameters\":{\"sizeBytes\":65536,\"granularityBytes\":65536,\"complete\":true,\"extents\":["
                + extents.substring(0, extents.length() - 1) + "]}}\0";
        Path socket = folder.resolve("socket");
        try (FakeDaemon daemon = new FakeDaemon(socket, head)) {
            String out = output(10, "--socket", socket.toString(), "changes", "/dev/null", "--since", NOBODYS, "--json");
            assertTrue(out.contains("\"extents\"") && !out.contains("\"error\""), out.length() + " letters");
        }
    }

    @Test
    void whoIsWaitedForIsTold() throws IOException, InterruptedException {
        Path socket = folder.resolve("run/org.blktrack.Tracker");
        java.nio.file.Files.createDirectories(socket.getParent());
        java.nio.file.Files.writeString(folder.resolve("daemon.lock"), "4711\n");
        try (java.nio.channels.ServerSocketChannel stopped = java.nio.channels.ServerSocketChannel.open(java.net.StandardProtocolFamily.UNIX)) {
            stopped.bind(java.net.UnixDomainSocketAddress.of(socket));
            Process process = program("--state-dir", folder.toString(), "status").start();
            String line = process.errorReader().readLine();
            assertTrue(line.contains(socket.toString()) && line.contains("process 4711") && line.contains("5 s"), line);
            assertTrue(process.isAlive());
            process.destroy();
            process.waitFor();
        }
    }

    /** As {@code head} does. */
    @Test
    void aReaderThatHasSeenEnoughIsToldNothing() throws IOException, InterruptedException {
        Process process = program("--version").start();
        process.getInputStream().close();
        assertEquals(new Run(1, ""), ended(process));
    }

    /** A script's variable that was never set must not mean the machine's own instance. */
    @Test
    void anEmptyPlaceIsAMistake() throws IOException, InterruptedException {
        for (String option : List.of("--state-dir", "--socket")) {
            for (Class<?> program : List.of(Main.class, Blktrackd.class)) {
                Process process = program(program, option, "", "status").start();
                process.getInputStream().close();
                Run run = ended(process);
                assertEquals(2, run.status, run.err);
                assertTrue(run.err.contains(option + " needs a value"), run.err);
            }
        }
    }

    @Test
    void anEmptyVariableIsNone() throws IOException, InterruptedException {
        ProcessBuilder builder = program("--state-dir", "/nowhere", "status");
        builder.environment().put("BLKTRACK_SOCKET", "");
        Run run = ended(builder.start());
        assertEquals(10, run.status);
        assertTrue(run.err.contains("/nowhere/run/org.blktrack.Tracker"), run.err);
    }

    /** What is written on the line is meant, and the variable is of another time. */
    @Test
    void anOptionGoesBeforeItsVariable() throws IOException, InterruptedException {
        ProcessBuilder builder = program("--state-dir", "/nowhere", "status");
        builder.environment().put("BLKTRACK_SOCKET", "/elsewhere/socket");
        Run run = ended(builder.start());
        assertTrue(run.err.contains("/nowhere/run/org.blktrack.Tracker"), run.err);
        builder.command(program("status").command()).environment().put("BLKTRACK_STATE_DIR", "/nowhere");
        run = ended(builder.start());
        assertTrue(run.err.contains("/elsewhere/socket"), run.err);
    }

    /** Who is not told has made a checkpoint that he knows nothing of. */
    @Test
    void aCheckpointWhoseIdCouldNotBeWrittenIsTold() throws IOException, InterruptedException {
        Path socket = folder.resolve("socket");
        try (FakeDaemon daemon = new FakeDaemon(socket, "{\"parameters\":{\"device\":\"/dev/null\",\"changeId\":\"" + NOBODYS + "\"}}\0")) {
            for (String json : List.of("--json", "--json=false")) {
                Run run = blktrack(new File("/dev/full"), "--socket", socket.toString(), "checkpoint", "create", "/dev/null", json);
                assertEquals(1, run.status);
                assertTrue(run.err.contains("No space left on device") && run.err.contains("the checkpoint was made") && run.err.contains(NOBODYS), run.err);
            }
            Process process = program("--socket", socket.toString(), "checkpoint", "create", "/dev/null").start();
            process.getInputStream().close();
            Run run = ended(process);
            assertEquals(1, run.status);
            assertTrue(run.err.contains(NOBODYS), run.err);
            assertEquals(new Run(0, ""), blktrack(new File("/dev/null"), "--socket", socket.toString(), "checkpoint", "create", "/dev/null"));
        }
    }

    /** The JVM makes the same of every byte that its locale has no letter for: which file was meant is lost. */
    @Test
    void anArgumentThatTheLocaleCannotExpressIsToldAsSuch() throws IOException, InterruptedException {
        Run run = inLocaleC("exec \"$@\"");
        assertEquals(2, run.status);
        assertTrue(run.err.startsWith("blktrack: cannot read the argument '/nowhere/W??rld'"), run.err);
        assertTrue(run.err.contains("LC_ALL=C.UTF-8") && !run.err.contains("Exception"), run.err);
    }

    @Test
    void theLaunchersLocaleTakesEveryName() throws IOException, InterruptedException {
        Run run = inLocaleC(". src/main/dist/locale; exec \"$@\"");
        assertEquals(2, run.status, run.err);
        assertTrue(run.err.contains("\"/nowhere/W\u00f6rld\": no such directory"), run.err);
    }

    private static Run inLocaleC(String how) throws IOException, InterruptedException {
        // Bytes, since this JVM may run in such a locale itself.
        List<String> command = new ArrayList<>(List.of("sh", "-c", "root=$(printf '/nowhere/W\\303\\266rld'); set -- \"$@\" \"$root\"; " + how, "sh"));
        command.addAll(program("boot", "lines", "--root").command());
        ProcessBuilder program = new ProcessBuilder(command);
        program.environment().put("LC_ALL", "C");
        return ended(program.start());
    }

    @Test
    void aSelftestThatWritesNothingIsAMistake() throws IOException, InterruptedException {
        for (String minutes : List.of("0", "-1", "NaN")) {
            Run run = blktrack(new File("/dev/null"), "selftest", "--minutes", minutes);
            assertEquals(2, run.status);
            assertTrue(run.err.contains("--minutes"), run.err);
        }
    }
}
