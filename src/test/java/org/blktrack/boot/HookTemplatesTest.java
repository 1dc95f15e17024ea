package org.blktrack.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.blktrack.bootscript.FakeRoot;
import org.blktrack.bootscript.Tree;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every rendered hook must be: right shell, one source, and back within its time whatever the helper does. */
class HookTemplatesTest {
    @TempDir
    Path scratch;

    private List<HookFile> rendered() {
        Tree tree = FakeRoot.systemd(scratch.resolve("root")).tree();
        return Stream.of(new SystemdPlace(), new SysvinitPlace(), new OpenRcPlace(), new InitramfsToolsPlace(), new DracutPlace())
                .flatMap(place -> place.files(tree).stream())
                .toList();
    }

    private List<HookFile> scripts() {
        return rendered().stream().filter(file -> file.content().startsWith("#!")).toList();
    }

    private Path saved(HookFile file) throws IOException {
        Path path = scratch.resolve(file.path().replace('/', '_'));
        Files.writeString(path, file.content());
        return path;
    }

    private static int run(String... words) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(words).inheritIO().start();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), String.join(" ", words));
        return process.exitValue();
    }

    private static void assumeProgram(String name) {
        boolean there = Stream.of("/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/").anyMatch(place -> Files.isExecutable(Path.of(place + name)));
        assumeTrue(there, name + " is not installed");
    }

    @Test
    void noDirectiveIsLeft() {
        for (HookFile file : rendered()) {
            assertFalse(file.content().contains("#@include") || file.content().contains("@UDEV_DIR@"), file.path());
            assertTrue(file.content().endsWith("\n"), file.path());
            assertTrue(file.content().chars().allMatch(c -> c < 128), file.path());
        }
    }

    @Test
    void theRunnerIsTheSameEverywhere() {
        String runner = Template.render("run.sh");
        List<String> without = rendered().stream()
                .filter(file -> file.content().contains("blktrack_start --") || file.content().contains("blktrack_stop\n"))
                .filter(file -> !file.content().contains(runner.strip()))
                .map(HookFile::path)
                .toList();
        assertEquals(List.of(), without);
    }

    /** The image's hook, whatever builds it, and what looks into the image must mean the same names. */
    @Test
    void theNamesOfTheCopiesAreThoseThatAreLookedFor() throws Exception {
        String copies = Template.render("copies.sh");
        for (String hook : List.of("initramfs-tools/hook", "dracut/module-setup.sh")) {
            assertTrue(Template.render(hook).contains(copies.strip()), hook);
        }
        FakeRoot fake = FakeRoot.systemd(scratch.resolve("tree")).file("/etc/blktrack/early.conf", "table=/dev/x\n");
        for (String shell : List.of("dash", "bash")) {
            assumeProgram(shell);
            Path image = Files.createDirectory(scratch.resolve(shell));
            assertEquals(0, run(shell, "-euc", copies + "blktrack_name_copies \"$@\"", "name", image.toString(), fake.path("/").toString()));
            for (String copied : List.of(ImageRebuild.EARLY_CONF, ImageRebuild.HELPER)) {
                assertTrue(Files.exists(image.resolve(ImageContent.copyMarker(fake.tree(), copied).substring(1))), shell + " " + copied);
            }
        }
    }

    @Test
    void dashTakesThem() throws Exception {
        assumeProgram("dash");
        for (HookFile file : scripts()) {
            if (!file.content().startsWith("#!/bin/bash")) {
                assertEquals(0, run("dash", "-n", saved(file).toString()), file.path());
            }
        }
    }

    @Test
    void shellcheckFindsNothing() throws Exception {
        assumeProgram("shellcheck");
        List<String> command = new ArrayList<>(List.of("shellcheck", "--exclude=SC2034"));
        for (HookFile file : scripts()) {
            Path path = saved(file);
            if (file.content().startsWith("#!/sbin/openrc-run")) {
                Files.writeString(path, file.content().replaceFirst("#!/sbin/openrc-run", "#!/bin/sh"));
            }
            command.add(path.toString());
        }
        assertEquals(0, run(command.toArray(String[]::new)));
    }

    /** Runs the start hook against a helper of this shape, and gives the seconds it took. */
    private double secondsWith(String helper) throws Exception {
        Path program = scratch.resolve("helper");
        Files.writeString(program, "#!/bin/sh\n" + helper + "\n");
        assertTrue(program.toFile().setExecutable(true));
        Path hook = scratch.resolve("hook");
        String text = Template.render("systemd/device").replace("/sbin/blktrack-helper", program.toString());
        Files.writeString(hook, text.replace("blktrack_timeout=10", "blktrack_timeout=1"));
        long began = System.nanoTime();
        assertEquals(0, run("dash", hook.toString()));
        return (System.nanoTime() - began) / 1e9;
    }

    @Test
    void theHookComesBackWhateverTheHelperDoes() throws Exception {
        assumeProgram("dash");
        Path called = scratch.resolve("called");
        assertTrue(secondsWith("echo \"$@\" >" + called) < 0.9);
        assertEquals("start --tracking\n", Files.readString(called));
        assertTrue(secondsWith("exit 1") < 0.9);
        assertTrue(secondsWith("kill -SEGV $$") < 0.9);
        assertTrue(secondsWith("kill -STOP $$") < 2.9);
        assertTrue(secondsWith("while :; do sleep 1; done") < 4.9);
    }

    /** The start hook's seconds with this on the kernel command line, against a helper that never ends. */
    private double secondsWithCommandLine(String shell, String words) throws Exception {
        Path program = scratch.resolve("helper");
        Files.writeString(program, "#!/bin/sh\nexec sleep 20\n");
        assertTrue(program.toFile().setExecutable(true));
        Path cmdline = Files.writeString(scratch.resolve("cmdline"), words + "\n");
        Path hook = scratch.resolve("hook");
        Files.writeString(hook, Template.render("systemd/device").replace("/sbin/blktrack-helper", program.toString())
                .replace("/proc/cmdline", cmdline.toString()));
        long began = System.nanoTime();
        assertEquals(0, run(shell, hook.toString()));
        return (System.nanoTime() - began) / 1e9;
    }

    @Test
    void leadingZerosMakeNoOctalNumber() throws Exception {
        assumeProgram("dash");
        assumeProgram("bash");
        for (String shell : List.of("dash", "bash")) {
            double seconds = secondsWithCommandLine(shell, "ro blktrack.timeout=000 quiet");
            assertTrue(seconds > 1.9 && seconds < 4.9, shell + ": " + seconds);
        }
        double seconds = secondsWithCommandLine("dash", "blktrack.timeout=08");
        assertTrue(seconds > 9.9 && seconds < 13, "" + seconds);
    }

    @Test
    void withoutProcTheHookComesBackInItsTimeToo() throws Exception {
        assumeProgram("dash");
        Path program = scratch.resolve("helper");
        Files.writeString(program, "#!/bin/sh\nexec sleep 20\n");
        assertTrue(program.toFile().setExecutable(true));
        Path hook = scratch.resolve("hook");
        Files.writeString(hook, Template.render("systemd/device").replace("/sbin/blktrack-helper", program.toString())
                .replace("/proc/", "/no-proc/").replace("blktrack_timeout=10", "blktrack_timeout=1"));
        long began = System.nanoTime();
        assertEquals(0, run("dash", hook.toString()));
        double seconds = (System.nanoTime() - began) / 1e9;
        assertTrue(seconds > 2 && seconds < 5.9, "" + seconds);
    }

    @Test
    void anUnusableHelperIsNotRun() throws Exception {
        assumeProgram("dash");
        Path hook = scratch.resolve("hook");
        Files.writeString(hook, Template.render("systemd/device").replace("/sbin/blktrack-helper", scratch + "/absent"));
        assertEquals(0, run("dash", hook.toString()));
    }
}
