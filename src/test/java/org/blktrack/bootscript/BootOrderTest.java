package org.blktrack.bootscript;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs every patched script with stubs for commands: the hook is called once, at the right time, and changes nothing else. */
class BootOrderTest {
    private static final String START = "blktrack-helper start --tracking";
    private static final String STOP = "blktrack-helper clear_dirtyflag";
    private static final Pattern SETUP = Pattern.compile(
            "(?!multipath -ll|kpartx -d|dmraid -s|cryptsetup --version)(lvm|lvm\\.static|vgscan|vgchange|multipath|multipath\\.static|kpartx|dmraid|cryptsetup|mdadm -A|raidautorun)\\b.*");
    private static final Pattern CHECK_OR_WRITE =
            Pattern.compile("fsck .*|mount .*(remount,rw|rw,remount).*|mount (-\\S+ )*-a .*|mount /dev/sd.*|mount .*LABEL=.*|swapon -a.*");
    private static final Pattern READ_ONLY = Pattern.compile("mount .*(ro,remount|remount,ro).*");
    private static final Pattern AFTER_STOP = Pattern.compile("mdadm --wait-clean.*|kexec .*|upsdrvctl .*|halt (?!-w).*|reboot .*");

    @TempDir
    static Path directory;

    private static Sandbox sandbox;

    @BeforeAll
    static void build() throws IOException, InterruptedException {
        assumeTrue("root".equals(System.getProperty("user.name")), "SKIPPED: chroot needs root");
        assumeTrue(Files.isExecutable(Path.of("/bin/busybox")), "SKIPPED: there is no busybox");
        sandbox = new Sandbox(directory);
    }

    static Stream<Fixture> patched() {
        return Fixture.patched();
    }

    private static byte[] patch(Fixture fixture) {
        ScriptText text = ScriptText.of(new String(fixture.bytes(), java.nio.charset.StandardCharsets.ISO_8859_1));
        return LineChange.insertion(text, fixture.line(), HookLines.of(fixture.script().hook())).apply().encode();
    }

    @ParameterizedTest
    @MethodSource("patched")
    void theHookIsCalledInItsPlace(Fixture fixture) throws IOException, InterruptedException {
        String name = fixture.script().fileName();
        sandbox.helper("echo \"blktrack-helper $*\" >> /events");
        Sandbox.Run plain = sandbox.run(name, fixture.bytes());
        Sandbox.Run patched = sandbox.run(name, patch(fixture));

        String hook = fixture.script() == Script.HALT ? STOP : START;
        List<String> without = new ArrayList<>(patched.events());
        assertTrue(without.remove(hook), "the hook ran: " + patched);
        assertEquals(plain.events(), without, "all else is as before");
        assertEquals(plain.status(), patched.status(), patched.output());
        int at = patched.events().indexOf(hook);
        if (fixture.script() == Script.HALT) {
            assertTrue(last(patched.events(), READ_ONLY) >= 0 && last(patched.events(), READ_ONLY) < at, patched::toString);
            assertTrue(first(patched.events(), AFTER_STOP) > at, patched::toString);
        } else {
            assertTrue(last(patched.events(), SETUP) >= 0 && last(patched.events(), SETUP) < at, patched::toString);
            assertTrue(first(patched.events(), CHECK_OR_WRITE) > at, patched::toString);
            assertEquals("ready ", patched.events().get(patched.events().size() - 1), "the script reached its end");
        }
    }

    private static int first(List<String> events, Pattern pattern) {
        return IntStream.range(0, events.size()).filter(i -> pattern.matcher(events.get(i)).matches()).findFirst().orElse(events.size());
    }

    private static int last(List<String> events, Pattern pattern) {
        return IntStream.range(0, events.size()).filter(i -> pattern.matcher(events.get(i)).matches()).max().orElse(-1);
    }

    @Test
    void noFailureOfTheHelperStopsTheScript() throws IOException, InterruptedException {
        for (String fixtureName : List.of("strict", "el6", "el6-halt")) {
            Fixture fixture = Fixture.named(fixtureName);
            String name = fixture.script().fileName();
            sandbox.helper(null);
            Sandbox.Run plain = sandbox.run(name, fixture.bytes());
            for (String helper : new String[] {null, "exit 1", "exit 255", "kill -SEGV $$", "kill -KILL $$", "kill -PIPE $$"}) {
                sandbox.helper(helper);
                Sandbox.Run patched = sandbox.run(name, patch(fixture));
                assertEquals(plain.events(), patched.events(), fixtureName + " with a helper that does " + helper);
                assertEquals(plain.status(), patched.status());
            }
            Path helper = sandbox.root().resolve("sbin/blktrack-helper");
            Files.setPosixFilePermissions(helper, java.util.Set.of());
            assertEquals(plain.events(), sandbox.run(name, patch(fixture)).events(), "a helper that may not be run");
        }
    }

    @Test
    void theVetoFileKeepsTrackingFromStarting() throws IOException, InterruptedException {
        Fixture fixture = Fixture.named("el6");
        sandbox.helper("echo \"blktrack-helper $*\" >> /events");
        Path veto = Files.createFile(sandbox.root().resolve(".blktrack_dirty"));
        try {
            assertTrue(sandbox.run("rc.sysinit", patch(fixture)).events().stream().noneMatch(START::equals));
        } finally {
            Files.delete(veto);
        }
        assertTrue(sandbox.run("rc.sysinit", patch(fixture)).events().contains(START));
    }
}
