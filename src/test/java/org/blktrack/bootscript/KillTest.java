package org.blktrack.bootscript;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.blktrack.model.Digest;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills a process that changes the scripts, right before each system call that changes a file of the tree (strace delivers
 * SIGKILL as the call is entered). Whatever the moment, each script is the old one or the new one, the next run finishes the
 * work, and a removal gives everything back.
 */
class KillTest {
    private static final List<String> CALLS = List.of(
            "openat", "write", "fsync", "chmod", "lchown", "lsetxattr", "rename", "unlink", "mkdir", "rmdir");
    private static final Pattern LOGGED = Pattern.compile("^(?:\\d+ +)?([a-z0-9]+)\\((.*)$");
    private static final int SLICE = 9;

    @TempDir
    Path directory;

    /** One call that changes something. */
    private record Call(String name, int number, String text) {}

    @BeforeAll
    static void tools() {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/strace")), "SKIPPED: there is no strace");
        assumeTrue("root".equals(System.getProperty("user.name")), "SKIPPED: the attributes need root");
    }

    @Test
    void killedAtSomeCalls() throws Exception {
        campaign("apply", "el6", "el6-halt", SLICE);
        campaign("remove", "el6", "el6-halt", SLICE);
    }

    @Test
    @Tag("long")
    void killedAtEveryCall() throws Exception {
        for (String[] pair : new String[][] {{"el6", "el6-halt"}, {"everything", "halt-heredoc"}, {"no-final-newline", "halt-latin1"}}) {
            campaign("apply", pair[0], pair[1], 1);
            campaign("remove", pair[0], pair[1], 1);
        }
    }

    private void campaign(String verb, String sysinit, String halt, int step) throws Exception {
        Machine rehearsal = machine("rehearsal-" + verb + sysinit, verb, sysinit, halt);
        SortedMap<String, String> start = rehearsal.everything();
        List<Call> calls = rehearse(rehearsal, verb);
        SortedMap<String, String> end = rehearsal.everything();
        assertTrue(calls.size() > 15, "calls seen: " + calls);
        int kills = 0;
        for (int i = 0; i < calls.size(); i += calls.get(i).name().equals("rename") ? 1 : step) {
            Call call = calls.get(i);
            Machine machine = machine(verb + sysinit + i, verb, sysinit, halt);
            int status = strace(machine, verb, List.of(
                    "-e", "trace=" + call.name(), "-e", "inject=" + call.name() + ":signal=SIGKILL:when=" + call.number()));
            assertEquals(137, status, "killed before " + call);
            kills++;
            assertEachOldOrNew(machine, start, end, call);
            RedHatScripts scripts = machine.scripts();
            assertTrue(verb.equals("apply") ? !scripts.apply().refused() : !scripts.remove().refused());
            assertEquals(end, machine.everything(), "finished by the next run, after a kill before " + call);
        }
        assertTrue(kills >= 3, kills + " kills");
        System.out.println(verb + " of " + sysinit + ": killed before " + kills + " of " + calls.size() + " calls");
    }

    private static void assertEachOldOrNew(
            Machine machine, SortedMap<String, String> start, SortedMap<String, String> end, Call call) {
        SortedMap<String, String> now = machine.everything();
        for (String path : start.keySet()) {
            if (path.startsWith("etc")) {
                assertTrue(now.containsKey(path), path + " is gone after a kill before " + call);
                assertTrue(List.of(start.get(path), end.get(path)).contains(now.get(path)), path + " after a kill before " + call);
            }
        }
    }

    private Machine machine(String name, String verb, String sysinit, String halt) throws IOException {
        Machine machine = new Machine(Files.createDirectory(directory.resolve(name)), Fixture.named(sysinit), Fixture.named(halt));
        if (verb.equals("remove")) {
            machine.scripts().apply();
        }
        return machine;
    }

    /** Runs to the end and lists the calls, each with its number among those of its name, as strace counts them. */
    private List<Call> rehearse(Machine machine, String verb) throws Exception {
        Path log = directory.resolve("log-" + verb);
        assertEquals(0, strace(machine, verb, List.of("-e", "trace=" + String.join(",", CALLS), "-o", log.toString())));
        Map<String, Integer> numbers = new HashMap<>();
        List<Call> calls = new ArrayList<>();
        for (String line : Files.readAllLines(log, java.nio.charset.StandardCharsets.ISO_8859_1)) {
            Matcher matcher = LOGGED.matcher(line);
            if (matcher.matches()) {
                int number = numbers.merge(matcher.group(1), 1, Integer::sum);
                if (!matcher.group(1).equals("openat") || matcher.group(2).contains("O_CREAT")) {
                    calls.add(new Call(matcher.group(1), number, line));
                }
            }
        }
        return calls;
    }

    /** @return the exit status of the process that made the change */
    private static int strace(Machine machine, String verb, List<String> options) throws Exception {
        Process change = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin/java").toString(), "-XX:-UsePerfData",
                "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path"),
                ChangeMain.class.getName(), machine.root().toString(), verb)
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        List<String> words = new ArrayList<>(List.of("strace", "-p", change.inputReader().readLine()));
        words.addAll(options);
        for (String path : paths(machine)) {
            words.addAll(List.of("-P", path));
        }
        Process tracer = new ProcessBuilder(words).start();
        String attached = tracer.errorReader().readLine();
        while (attached != null && !attached.endsWith("attached")) {
            attached = tracer.errorReader().readLine(); // it tells of paths first that lead through links
        }
        change.outputWriter().write("\n");
        change.outputWriter().flush();
        int status = change.waitFor();
        tracer.errorReader().lines().forEach(line -> {});
        tracer.waitFor();
        return status;
    }

    /** Every path of the tree that a change touches: strace looks at calls on these alone. */
    private static Set<String> paths(Machine machine) throws IOException {
        Set<String> paths = new HashSet<>();
        Path state = machine.root().resolve("var/lib/blktrack/boot");
        for (Script script : Script.values()) {
            Path path = machine.path(script);
            paths.addAll(List.of(path.toString(), path.getParent().toString(),
                    path.resolveSibling("." + path.getFileName() + ".blktrack-new").toString()));
            String backup = script.fileName() + "-" + Digest.sha256(machine.read(script)).substring(0, 16) + ".orig";
            for (String name : List.of(backup, script.fileName() + ".receipt.json")) {
                paths.add(state.resolve(name).toString());
                paths.add(state.resolve("." + name + ".new").toString());
            }
        }
        if (Files.isDirectory(state)) {
            try (var files = Files.list(state)) {
                files.map(Path::toString).forEach(paths::add);
            }
        }
        Path aside = state.getParent().resolveSibling(".blktrack.new");
        paths.addAll(List.of(aside.toString(), aside.resolve("boot").toString(), aside.resolve("boot/made-parent").toString()));
        paths.addAll(List.of(state.toString(), state.resolve("lock").toString(), state.getParent().toString(),
                state.getParent().getParent().toString()));
        return paths;
    }
}
