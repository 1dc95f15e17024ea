package org.blktrack.bootscript;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.Digest;
import org.blktrack.model.ExitStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every fixture: patched in the one right place and given back whole, or refused for the right reason and left alone. */
class FixtureTest {
    @TempDir
    Path root;

    static Stream<Fixture> patched() {
        return Fixture.patched();
    }

    static Stream<Fixture> refused() {
        return Fixture.refused();
    }

    @Test
    void thereAreEnoughOfThem() {
        assertTrue(Fixture.all().size() >= 60, Fixture.all().size() + " fixtures");
        assertEquals(Fixture.all().size(), Fixture.all().stream().map(Fixture::name).distinct().count());
    }

    @ParameterizedTest
    @MethodSource("patched")
    void isPatchedAndGivenBack(Fixture fixture) throws IOException, InterruptedException {
        Machine machine = Machine.with(root, fixture);
        SortedMap<String, String> before = machine.everything();

        RedHatPlan done = machine.scripts().apply();

        ScriptPlan script = done.scripts().get(fixture.script().ordinal());
        assertEquals(fixture.line(), script.line());
        assertEquals(ScriptPlan.Source.GENERATED, script.source());
        byte[] patched = machine.read(fixture.script());
        assertEquals(Digest.sha256(patched), script.sha256After());
        assertOnlyGainedTheHook(fixture, patched);
        assertValid(machine.path(fixture.script()));
        assertTrue(machine.scripts().status().good());
        assertTrue(machine.scripts().apply().nothingToDo(), "a second run finds nothing to do");
        assertArrayEquals(patched, machine.read(fixture.script()));

        machine.scripts().remove();

        assertEquals(before, machine.everything());
    }

    private static void assertOnlyGainedTheHook(Fixture fixture, byte[] patched) {
        ScriptText before = ScriptText.of(new String(fixture.bytes(), ISO_8859_1));
        ScriptText after = ScriptText.of(new String(patched, ISO_8859_1));
        int above = fixture.line() - 1;
        List<String> hook = HookLines.of(fixture.script().hook());
        assertEquals(before.lines().subList(0, above), after.lines().subList(0, above));
        assertEquals(hook, after.lines().subList(above, above + hook.size()));
        assertEquals(before.lines().subList(above, before.lines().size()),
                after.lines().subList(above + hook.size(), after.lines().size()));
    }

    private static void assertValid(Path script) throws IOException, InterruptedException {
        Process bash = new ProcessBuilder("bash", "-n", script.toString()).inheritIO().start();
        assertEquals(0, bash.waitFor());
    }

    @Test
    void aPlanTellsWhatWillBeDoneAndDoesNothing() {
        Machine machine = Machine.plain(root);
        SortedMap<String, String> before = machine.everything();
        RedHatPlan plan = machine.scripts().plan();
        assertEquals(before, machine.everything());
        assertEquals(plan, machine.scripts().apply());
    }

    @ParameterizedTest
    @MethodSource("refused")
    void isRefusedAndLeftAlone(Fixture fixture) {
        Machine machine = Machine.with(root, fixture);
        SortedMap<String, String> before = machine.everything();

        BlktrackException refusal = assertThrows(BlktrackException.class, () -> machine.scripts().apply());

        assertEquals(ExitStatus.REFUSED, refusal.status());
        assertEquals(fixture.expected(), refusal.reason(), refusal.getMessage());
        assertEquals(before, machine.everything(), "neither script was changed");
        assertEquals(2, machine.scripts().lines().size());
    }

    @Test
    void diffsAgreeWithPatch() throws IOException, InterruptedException {
        for (Fixture fixture : Fixture.patched().toList()) {
            Path dir = Files.createDirectories(root.resolve(fixture.name()));
            Machine machine = Machine.with(dir, fixture);
            ScriptText text = ScriptText.of(new String(fixture.bytes(), ISO_8859_1));
            LineChange change = LineChange.insertion(text, fixture.line(), HookLines.of(fixture.script().hook()));
            for (int context : new int[] {0, 3}) {
                assertPatchDoes(machine, fixture.script(), change.unified("/" + fixture.script().places().get(0), context),
                        fixture.bytes(), change.apply().encode());
            }
            ScriptText after = change.apply();
            HookBlock block = new HookBlock(fixture.line(), HookLines.of(fixture.script().hook()).size(), true);
            LineChange renewal = LineChange.replacement(after, block, List.of(HookLines.BEGIN, ":", HookLines.END));
            for (int context : new int[] {0, 3}) {
                assertPatchDoes(machine, fixture.script(), renewal.unified("/" + fixture.script().places().get(0), context),
                        after.encode(), renewal.apply().encode());
            }
            LineChange back = LineChange.removal(after, block);
            for (int context : new int[] {0}) {
                assertPatchDoes(machine, fixture.script(), back.unified("/" + fixture.script().places().get(0), context),
                        after.encode(), fixture.bytes());
            }
        }
    }

    /** patch(1) must take the hunk where it says, with neither offset nor fuzz. */
    private static void assertPatchDoes(Machine machine, Script script, String diff, byte[] before, byte[] after)
            throws IOException, InterruptedException {
        machine.put(script, before);
        Path patch = machine.root().resolve("the.patch");
        Files.write(patch, diff.getBytes(ISO_8859_1));
        Process process = new ProcessBuilder("patch", "-p1", "--fuzz=0", "-i", patch.toString())
                .directory(machine.root().toFile()).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes());
        assertEquals(0, process.waitFor(), said);
        assertTrue(!said.contains("offset") && !said.contains("fuzz"), said);
        assertArrayEquals(after, machine.read(script), diff);
    }
}
