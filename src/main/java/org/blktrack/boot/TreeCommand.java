package org.blktrack.boot;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.blktrack.bootscript.Tree;

/** A program of the tree's own system; under {@code --root} it runs in a chroot, so it can't touch the running system. */
final class TreeCommand {
    private static final long MINUTES_AT_MOST = 15;
    private static final String PATH = "/usr/sbin:/usr/bin:/sbin:/bin";

    /**
     * Image builders read /proc and /sys. They are mounted for this one command, in a mount namespace of its own: the running
     * system never sees them, and nothing is left to unmount.
     */
    private static final String IN_THE_TREE =
            """
            root=$1
            shift
            [ -h "$root/proc" ] || [ ! -d "$root/proc" ] || mount -t proc proc "$root/proc" 2>/dev/null || :
            [ -h "$root/sys" ] || [ ! -d "$root/sys" ] || mount -t sysfs -o ro sysfs "$root/sys" 2>/dev/null || :
            exec chroot "$root" "$@"
            """;

    private TreeCommand() {}

    /** @param output standard output and error together */
    record Result(int status, String output) {
        boolean succeeded() {
            return status == 0;
        }

        String lastLine() {
            String[] lines = output.strip().split("\n");
            return lines[lines.length - 1];
        }
    }

    static Result run(Tree tree, String... words) {
        List<String> command = new ArrayList<>();
        if (!tree.isRunning()) {
            command.addAll(List.of("unshare", "--mount", "sh", "-c", IN_THE_TREE, "sh", tree.root().toString()));
        }
        command.addAll(List.of(words));
        try {
            Path output = Files.createTempFile("blktrack-boot", ".log");
            try {
                return run(command, output);
            } finally {
                Files.delete(output);
            }
        } catch (IOException failure) {
            return new Result(127, failure.getMessage());
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return new Result(130, "interrupted");
        }
    }

    private static Result run(List<String> command, Path output) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(output.toFile());
        // What the caller has set (dpkg's variables, for one) would change what these programs do.
        builder.environment().clear();
        builder.environment().put("PATH", PATH);
        builder.environment().put("LC_ALL", "C");
        Process process = builder.start();
        if (!process.waitFor(MINUTES_AT_MOST, TimeUnit.MINUTES)) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().waitFor();
            return new Result(124, command + " did not end within " + MINUTES_AT_MOST + " minutes");
        }
        return new Result(process.exitValue(), Files.readString(output, StandardCharsets.ISO_8859_1));
    }
}
