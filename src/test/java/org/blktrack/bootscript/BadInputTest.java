package org.blktrack.bootscript;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is no boot script is refused with its reason, and nothing is changed. */
class BadInputTest {
    @TempDir
    Path directory;

    private Machine machine;

    @BeforeEach
    void build() throws IOException {
        machine = Machine.plain(Files.createDirectory(directory.resolve("root")));
    }

    private void assertRefused(Reason reason) {
        assertRefused(reason, machine.scripts());
    }

    private void assertRefused(Reason reason, RedHatScripts scripts) {
        SortedMap<String, String> before = machine.everything();
        assertTrue(scripts.plan().refused());
        BlktrackException refusal = assertThrows(BlktrackException.class, scripts::apply);
        assertEquals(reason.name(), refusal.reason(), refusal.getMessage());
        assertEquals(ExitStatus.REFUSED, refusal.status());
        assertEquals(before, machine.everything());
    }

    @Test
    void emptyFile() throws IOException {
        machine.put(Script.HALT, new byte[0]);
        assertRefused(Reason.EMPTY);
    }

    @Test
    void directoryInstead() throws IOException {
        Files.delete(machine.path(Script.RC_SYSINIT));
        Files.createDirectory(machine.path(Script.RC_SYSINIT));
        assertRefused(Reason.NOT_A_FILE);
    }

    @Test
    void nothingThere() throws IOException {
        Files.delete(machine.path(Script.HALT));
        assertRefused(Reason.NOT_FOUND);
    }

    @Test
    void binary() throws IOException {
        machine.put(Script.RC_SYSINIT, Files.readAllBytes(Path.of("/bin/true")));
        assertRefused(Reason.BINARY);
    }

    @Test
    void tenMegabytes() throws IOException {
        byte[] script = Arrays.copyOf(Fixture.named("el6").bytes(), 10_000_000);
        Arrays.fill(script, Fixture.named("el6").bytes().length, script.length, (byte) '\n');
        machine.put(Script.RC_SYSINIT, script);
        assertRefused(Reason.TOO_LARGE);
    }

    @Test
    void otherLanguages() throws IOException {
        for (String first : List.of("#!/usr/bin/python3", "#!/usr/bin/env perl", "#!/bin/zsh", "print 'x'", "#!/bin/bashful")) {
            machine.put(Script.RC_SYSINIT, (first + "\nprint(1)\n").getBytes());
            assertRefused(Reason.NOT_SHELL);
        }
    }

    @Test
    void noBash() {
        BashSyntax none = new BashSyntax(directory.resolve("no/bash"));
        assertRefused(Reason.NO_BASH, new RedHatScripts(Tree.at(machine.root()), none, new Catalogue(List.of()), true, Machine.CLOCK));
    }

    @Test
    void linksInACircle() throws IOException {
        Files.delete(machine.path(Script.HALT));
        Files.createSymbolicLink(machine.path(Script.HALT), Path.of("halt"));
        assertRefused(Reason.BAD_LINK);
    }

    /** As a machine may have it that never saw a hook: {@code halt} is masked. */
    @Test
    void whatIsNoScriptHoldsNoHookToRemove() throws IOException {
        Files.delete(machine.path(Script.HALT));
        Files.createSymbolicLink(machine.path(Script.HALT), Path.of("/dev/null"));
        Files.createDirectories(machine.root().resolve("dev"));
        Files.createDirectory(machine.root().resolve("dev/null"));
        assertTrue(machine.scripts().remove().nothingToDo());
    }

    @Test
    void linksInACircleWhereTheReceiptsAre() throws IOException {
        Files.createSymbolicLink(machine.root().resolve("var/lib/blktrack/boot"), Path.of("boot"));
        assertRefused(Reason.BAD_LINK);
        assertEquals("BAD_LINK", assertThrows(BlktrackException.class, () -> machine.scripts().remove()).reason());
        assertFalse(machine.scripts().status().good());
        assertEquals(Script.values().length, machine.scripts().lines().size());
    }

    /** Links lead where they would after chroot: a file outside the tree is never read or written. */
    @Test
    void linksOutOfTheTree() throws IOException {
        Path outside = Files.write(directory.resolve("outside"), Fixture.named("el6").bytes());
        byte[] before = Files.readAllBytes(outside);
        for (String target : List.of(outside.toString(), "../../../../../../../.." + outside, "../../../outside")) {
            Files.delete(machine.path(Script.RC_SYSINIT));
            Files.createSymbolicLink(machine.path(Script.RC_SYSINIT), Path.of(target));
            BlktrackException refusal = assertThrows(BlktrackException.class, () -> machine.scripts().apply(), target);
            assertEquals("NOT_FOUND", refusal.reason(), "a dangling link, seen from inside: " + refusal.getMessage());
            assertTrue(Arrays.equals(before, Files.readAllBytes(outside)));
        }
        assertFalse(Files.exists(machine.root().resolve("var/lib/blktrack/boot")));
    }

    @Test
    void absoluteLinksInsideTheTreeAreFollowed() throws IOException {
        Files.createDirectory(machine.root().resolve("real"));
        Files.move(machine.path(Script.RC_SYSINIT), machine.root().resolve("real/sysinit"));
        Files.createSymbolicLink(machine.path(Script.RC_SYSINIT), Path.of("/real/sysinit"));

        RedHatPlan plan = machine.scripts().apply();

        assertEquals("/real/sysinit", plan.scripts().get(0).path());
        assertTrue(Files.isSymbolicLink(machine.path(Script.RC_SYSINIT)), "the link is no file now");
        assertTrue(machine.scripts().status().good());
    }

    /** A state directory that is a link out of the tree must not be written through. */
    @Test
    void stateStaysInsideTheTree() throws IOException {
        Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
        Files.delete(machine.root().resolve("var/lib/blktrack"));
        Files.delete(machine.root().resolve("var/lib"));
        Files.createSymbolicLink(machine.root().resolve("var/lib"), elsewhere);

        machine.scripts().apply();

        try (var files = Files.list(elsewhere)) {
            assertEquals(0, files.count());
        }
    }

    @Test
    void noLinkInTheStatesPlaceIsFollowed() throws IOException {
        Files.delete(machine.root().resolve("var/lib/blktrack"));
        Path outside = Files.createDirectories(directory.resolve("outside/boot"));
        Files.createSymbolicLink(machine.root().resolve("var/lib/.blktrack.new"), outside.getParent());
        machine.scripts().apply();
        assertEquals(0, outside.toFile().list().length);
        machine.scripts().remove();
        assertTrue(Files.exists(outside));
    }

    /** Whatever the bytes, there is an answer: a reason or a script that still is valid. */
    @Test
    void damagedScriptsNeverCrashTheReader() {
        Random random = new Random(20261101);
        byte[] whole = Fixture.named("everything").bytes();
        for (int round = 0; round < 3000; round++) {
            byte[] damaged = Arrays.copyOf(whole, 1 + random.nextInt(whole.length));
            for (int i = random.nextInt(4); i >= 0; i--) {
                damaged[random.nextInt(damaged.length)] = (byte) "\"'`$(){}\\\n#<&|;x".charAt(random.nextInt(16));
            }
            try {
                ShellScript script = ShellScript.parse(ScriptText.decode(damaged));
                Place.in(Script.RC_SYSINIT, script).find();
            } catch (ScriptFault expected) {
                assertTrue(expected.getMessage() != null);
            }
        }
    }

    @Test
    void deepNestingIsRefused() {
        String deep = "( ".repeat(100_000);
        ScriptFault fault = assertThrows(ScriptFault.class, () -> ShellScript.parse(ScriptText.of("#!/bin/sh\n" + deep)));
        assertEquals(Reason.SYNTAX, fault.reason());
        String substitutions = "echo " + "$(echo ".repeat(50_000);
        assertEquals(Reason.SYNTAX,
                assertThrows(ScriptFault.class, () -> ShellScript.parse(ScriptText.of("#!/bin/sh\n" + substitutions))).reason());
        String braces = "echo " + "${a:-".repeat(50_000);
        assertEquals(Reason.SYNTAX,
                assertThrows(ScriptFault.class, () -> ShellScript.parse(ScriptText.of("#!/bin/sh\n" + braces))).reason());
    }

    private static Reason refusal(String early) throws ScriptFault {
        ShellScript script = ShellScript.parse(ScriptText.of("#!/bin/bash\n" + early + "\nvgchange -ay\nfsck -A\n"));
        return assertThrows(ScriptFault.class, () -> Place.in(Script.RC_SYSINIT, script).find()).reason();
    }

    @Test
    void longContentsAndLongChainsAreRefused() throws ScriptFault {
        StringBuilder variables = new StringBuilder();
        StringBuilder functions = new StringBuilder();
        for (int i = 0; i < 5_000; i++) {
            variables.append("v").append(i).append("=$v").append(i + 1).append('\n');
            functions.append("f").append(i).append("() { f").append(i + 1).append("; }\n");
        }
        assertEquals(Reason.AMBIGUOUS, refusal(variables + "v5000=true\n$v0"));
        functions.append("f5000() { true; }\n");
        assertEquals(Reason.AMBIGUOUS, refusal(functions + "[ -e /x ] && f0"));
        assertEquals(Reason.NEVER_REACHED, refusal(functions + "f0"));
        assertEquals(Reason.AMBIGUOUS, refusal(functions + "fsck() { f0; mount -n -o remount,rw /; }"));
        assertEquals(Reason.AMBIGUOUS, refusal("eval ".repeat(5_000) + "true || :"));
        assertEquals(Reason.AMBIGUOUS, refusal("x=" + "$y/".repeat(100_000) + "$y\n$x -A"));
        assertEquals(Reason.AMBIGUOUS, refusal("x='" + "a ${b} `c` $".repeat(20_000) + "'\n$nothing $x\n$x -A"));
        assertEquals(Reason.AMBIGUOUS, refusal("echo '" + "${x:=".repeat(100_000) + "'\n$x -A"));
        assertEquals(Reason.DM_AFTER_FSCK, refusal("x='" + "a".repeat(100_000) + "/fsck'\n$x -A"));
    }

    @Test
    void nothingOfTheStateIsReadOrWrittenOutsideTheTree() throws IOException {
        Path outside = Files.createDirectory(directory.resolve("outside"));
        Path state = Files.createDirectories(machine.root().resolve("var/lib/blktrack/boot"));
        String receipt = "{\"script\": \"halt\"}";
        Files.writeString(outside.resolve("receipt"), receipt);
        Files.createSymbolicLink(state.resolve("halt.receipt.json"), outside.resolve("receipt"));
        Files.createSymbolicLink(state.resolve(".halt.receipt.json.new"), outside.resolve("new"));
        assertEquals(ScriptStatus.State.MISSING, machine.scripts().status().scripts().get(Script.HALT.ordinal()).state());
        machine.scripts().apply();
        assertEquals(receipt, Files.readString(outside.resolve("receipt")));
        assertFalse(Files.exists(outside.resolve("new")));
    }
}
