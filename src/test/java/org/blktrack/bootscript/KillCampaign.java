package org.blktrack.bootscript;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Kills a process that changes a tree, right before a system call that changes a file of it: strace delivers SIGKILL as the
 * call is entered.
 */
public final class KillCampaign {
    private static final List<String> CHANGING = List.of(
            "write", "pwrite64", "copy_file_range", "sendfile", "fsync", "chmod", "fchmod", "lchown", "fchown", "lsetxattr", "utimensat", "rename",
            "link", "symlink", "unlink", "mkdir", "rmdir");
    private static final Pattern LOGGED = Pattern.compile("^([a-z0-9_]+)\\((.*)$");

    private final Class<?> program;
    private final Set<String> paths = new TreeSet<>();
    private final List<Call> calls = new ArrayList<>();

    /** One call that changes something, by its number among those of its name, as strace counts them. */
    public record Call(String name, int number, String text) {}

    /**
     * Runs the change to its end, and notes the calls.
     *
     * @param program called with the tree's root and a verb; it begins with {@link #awaitTracer}
     * @param log a file to make
     */
    public KillCampaign(Class<?> program, Path root, String verb, Path log) throws Exception {
        this.program = program;
        String names = "openat," + String.join(",", CHANGING);
        assertEquals(0, strace(root, verb, List.of("-y", "-e", "trace=" + names, "-o", log.toString())));
        Pattern place = Pattern.compile("[\"<]" + Pattern.quote(root.toString()) + "(/[^\">]*)?[\">]");
        Map<String, Integer> numbers = new HashMap<>();
        for (String line : Files.readAllLines(log, StandardCharsets.ISO_8859_1)) {
            Matcher call = LOGGED.matcher(line);
            List<String> named = place.matcher(line).results().map(path -> path.group(1) == null ? "" : path.group(1)).toList();
            if (call.matches() && !named.isEmpty()) {
                paths.addAll(named);
                int number = numbers.merge(call.group(1), 1, Integer::sum);
                if (!call.group(1).equals("openat") || line.contains("O_CREAT")) {
                    calls.add(new Call(call.group(1), number, line));
                }
            }
        }
    }

    public static void requireTools() {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/strace")), "SKIPPED: there is no strace");
        assumeTrue("root".equals(System.getProperty("user.name")), "SKIPPED: it needs root");
    }

    /** Names the thread that makes the changes and waits for a byte, so that the start of a Java machine is not traced. */
    public static void awaitTracer() throws IOException {
        System.out.println(Files.readSymbolicLink(Path.of("/proc/thread-self")).getFileName());
        System.in.read();
    }

    public List<Call> calls() {
        return calls;
    }

    /** @param root a tree equal to the one of the rehearsal */
    public void kill(Path root, String verb, Call call) throws Exception {
        List<String> options = new ArrayList<>(List.of(
                "-e", "trace=" + call.name(), "-e", "inject=" + call.name() + ":signal=SIGKILL:when=" + call.number()));
        paths.forEach(path -> options.addAll(List.of("-P", root + path)));
        assertEquals(137, strace(root, verb, options), "killed before " + call);
    }

    /** @return the exit status of the process that made the change */
    private int strace(Path root, String verb, List<String> options) throws Exception {
        Process change = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin/java").toString(), "-XX:-UsePerfData",
                "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path"),
                program.getName(), root.toString(), verb)
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        List<String> words = new ArrayList<>(List.of("strace", "-p", change.inputReader().readLine()));
        words.addAll(options);
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
}
