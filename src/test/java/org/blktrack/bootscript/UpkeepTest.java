package org.blktrack.bootscript;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.Digest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens to the hooks afterwards: updates, edits, and their removal. */
class UpkeepTest {
    @TempDir
    Path root;

    private Machine machine;

    @BeforeEach
    void build() {
        machine = Machine.plain(root);
    }

    private ScriptStatus.State state(Script script) {
        return machine.scripts().status().scripts().get(script.ordinal()).state();
    }

    @Test
    void anOverwrittenHookIsNoticedAndPutBack() throws IOException {
        machine.scripts().apply();
        machine.put(Fixture.named("el6-turned")); // as rpm does with plain files

        assertEquals(ScriptStatus.State.OVERWRITTEN, state(Script.RC_SYSINIT));
        assertEquals(ScriptStatus.State.IN_PLACE, state(Script.HALT));
        assertFalse(machine.scripts().status().good());
        machine.scripts().apply();
        assertTrue(machine.scripts().status().good());
        assertTrue(machine.scripts().apply().nothingToDo());
    }

    @Test
    void aHookThatWentToRpmsaveIsNoticedAndPutBack() throws IOException {
        machine.scripts().apply();
        Path halt = machine.path(Script.HALT);
        Files.move(halt, halt.resolveSibling("halt.rpmsave"), StandardCopyOption.ATOMIC_MOVE);
        machine.put(Fixture.named("el5-late-halt"));

        assertEquals(ScriptStatus.State.RPMSAVE, state(Script.HALT));
        machine.scripts().apply();
        assertEquals(ScriptStatus.State.IN_PLACE, state(Script.HALT));
    }

    @Test
    void editsMadeSinceStay() throws IOException {
        machine.scripts().apply();
        String text = new String(machine.read(Script.RC_SYSINIT), ISO_8859_1);
        machine.put(Script.RC_SYSINIT, text.replace("set -m\n", "set -m\necho added\n").getBytes(ISO_8859_1));

        machine.scripts().remove();

        String left = new String(Fixture.named("el6").bytes(), ISO_8859_1).replace("set -m\n", "set -m\necho added\n");
        assertArrayEquals(left.getBytes(ISO_8859_1), machine.read(Script.RC_SYSINIT));
    }

    @Test
    void damagedMarkersAreNotGuessedAt() throws IOException {
        machine.scripts().apply();
        String text = new String(machine.read(Script.RC_SYSINIT), ISO_8859_1);
        byte[] damaged = text.replace(HookLines.END + "\n", "").getBytes(ISO_8859_1);
        machine.put(Script.RC_SYSINIT, damaged);

        assertEquals(ScriptStatus.State.PARTIAL, state(Script.RC_SYSINIT));
        assertEquals("PARTIAL", assertThrows(BlktrackException.class, () -> machine.scripts().remove()).reason());
        assertEquals("PARTIAL", assertThrows(BlktrackException.class, () -> machine.scripts().apply()).reason());
        assertArrayEquals(damaged, machine.read(Script.RC_SYSINIT));
        assertEquals(ScriptStatus.State.IN_PLACE, state(Script.HALT), "neither was touched");
    }

    /** Puts hooks in place as a version would have whose lines are others. */
    private void applyAsAnotherVersion() throws IOException {
        machine.scripts().apply();
        for (Script script : Script.values()) {
            String now = new String(machine.read(script), ISO_8859_1);
            List<String> lines = new ArrayList<>(HookLines.of(script.hook()));
            lines.add(1, "# as it was once");
            String then = now.replace(String.join("\n", HookLines.of(script.hook())), String.join("\n", lines));
            machine.put(script, then.getBytes(ISO_8859_1));
            Path receipt = root.resolve("var/lib/blktrack/boot/" + script.fileName() + ".receipt.json");
            Files.writeString(receipt, Files.readString(receipt)
                    .replace(Digest.sha256(now.getBytes(ISO_8859_1)), Digest.sha256(then.getBytes(ISO_8859_1)))
                    .replace(digest(HookLines.of(script.hook())), digest(lines)));
        }
    }

    private static String digest(List<String> lines) {
        return Digest.sha256(String.join("\n", lines).getBytes(ISO_8859_1));
    }

    private void edit(String from, String to) throws IOException {
        String text = new String(machine.read(Script.RC_SYSINIT), ISO_8859_1);
        assertTrue(text.contains(from));
        machine.put(Script.RC_SYSINIT, text.replace(from, to).getBytes(ISO_8859_1));
    }

    @Test
    void hooksOfAnotherVersionAreRenewed() throws IOException {
        SortedMap<String, String> before = machine.everything();
        machine.scripts().apply();
        byte[] now = machine.read(Script.RC_SYSINIT);
        applyAsAnotherVersion();
        byte[] then = machine.read(Script.RC_SYSINIT);

        assertEquals("OUTDATED", state(Script.RC_SYSINIT).name());
        assertFalse(machine.scripts().status().good());
        machine.scripts().apply();
        assertArrayEquals(now, machine.read(Script.RC_SYSINIT));
        assertTrue(machine.scripts().status().good());
        assertTrue(machine.scripts().apply().nothingToDo());

        machine.put(Script.RC_SYSINIT, then); // as after a crash between the receipt and the rename
        machine.scripts().apply();
        assertArrayEquals(now, machine.read(Script.RC_SYSINIT));
        machine.scripts().remove();
        assertEquals(before, machine.everything());
    }

    @Test
    void hooksOfAnotherVersionAreRemoved() throws IOException {
        SortedMap<String, String> before = machine.everything();
        applyAsAnotherVersion();
        machine.scripts().remove();
        assertEquals(before, machine.everything());
    }

    @Test
    void hooksOfAnotherVersionInAnEditedFile() throws IOException {
        applyAsAnotherVersion();
        edit("set -m\n", "set -m\necho added\n");
        machine.scripts().apply();
        assertTrue(machine.scripts().status().good());
        machine.scripts().remove();
        String left = new String(Fixture.named("el6").bytes(), ISO_8859_1).replace("set -m\n", "set -m\necho added\n");
        assertArrayEquals(left.getBytes(ISO_8859_1), machine.read(Script.RC_SYSINIT));
    }

    @Test
    void whatSomeoneWroteBetweenTheMarkersStays() throws IOException {
        applyAsAnotherVersion();
        edit("# as it was once\n", "# as it was once\necho added\n");
        byte[] edited = machine.read(Script.RC_SYSINIT);
        assertEquals(ScriptStatus.State.PARTIAL, state(Script.RC_SYSINIT));
        assertEquals("PARTIAL", assertThrows(BlktrackException.class, () -> machine.scripts().apply()).reason());
        assertEquals("PARTIAL", assertThrows(BlktrackException.class, () -> machine.scripts().remove()).reason());
        assertArrayEquals(edited, machine.read(Script.RC_SYSINIT));
    }

    @Test
    void linesOfSomeonesOwnCount() throws IOException {
        byte[] sysinit = new String(Fixture.named("el6").bytes(), ISO_8859_1)
                .replace("if [ -f /fastboot ]", "[ -x /sbin/blktrack-helper ] && /sbin/blktrack-helper start --tracking\nif [ -f /fastboot ]")
                .getBytes(ISO_8859_1);
        machine.put(Script.RC_SYSINIT, sysinit);

        assertEquals(ScriptStatus.State.BY_HAND, state(Script.RC_SYSINIT));
        machine.scripts().apply();
        assertArrayEquals(sysinit, machine.read(Script.RC_SYSINIT));
        assertTrue(machine.scripts().status().good());
        machine.scripts().remove();
        assertArrayEquals(sysinit, machine.read(Script.RC_SYSINIT), "what someone wrote by hand stays");
    }

    @Test
    void theReceiptAndTheBackupTellWhatWasDone() throws IOException {
        machine.scripts().apply();

        Path state = root.resolve("var/lib/blktrack/boot");
        String receipt = Files.readString(state.resolve("halt.receipt.json"));
        assertTrue(receipt.contains(Digest.sha256(machine.read(Script.HALT))), receipt);
        assertTrue(receipt.contains("2026-11-01T12:00:00Z"), receipt);
        String old = Digest.sha256(Fixture.named("el6-halt").bytes());
        assertArrayEquals(Fixture.named("el6-halt").bytes(),
                Files.readAllBytes(state.resolve("halt-" + old.substring(0, 16) + ".orig")));
    }

    @Test
    void networkBlockDevicesAreReported() throws IOException {
        Files.writeString(root.resolve("etc/rc.d/init.d/netfs"), "#!/bin/bash\n[ -x /sbin/fsck ] && fsck -A -T -R -a -t opts=_netdev\n");
        assertEquals(1, machine.scripts().plan().notes().size());
    }

    /** A known file goes by its row; a row that leads to a wrong place is refused. */
    @Test
    void catalogueRowsAreUsedAndChecked() {
        Fixture el6 = Fixture.named("el6");
        Fixture halt = Fixture.named("el6-halt");
        CatalogueRow stop = row(halt, halt.line());
        RedHatPlan plan = machine.scripts(row(el6, el6.line() + 3), stop).plan();
        assertEquals(ScriptPlan.Source.CATALOGUE, plan.scripts().get(0).source());
        assertEquals(el6.line() + 3, plan.scripts().get(0).line(), "a line that is as good is taken from the row");

        int[] bad = {2, el6.line() + 1, el6.line() - 2, 5000, ScriptText.of(new String(el6.bytes(), ISO_8859_1)).lines().size()};
        for (int line : bad) {
            BlktrackException refusal =
                    assertThrows(BlktrackException.class, () -> machine.scripts(row(el6, line), stop).apply(), "line " + line);
            assertEquals("BAD_ROW", refusal.reason(), refusal.getMessage());
            assertArrayEquals(el6.bytes(), machine.read(Script.RC_SYSINIT));
        }
    }

    @Test
    void onlyKnownFilesArePatchedWhereOnlyTheCatalogueCounts() {
        Fixture el6 = Fixture.named("el6");
        List<CatalogueRow> rows = new ArrayList<>(List.of(row(el6, el6.line())));
        assertEquals("NO_PATCH",
                assertThrows(BlktrackException.class, () -> RedHatScripts.knownIn(Tree.at(root), rows).apply()).reason());
        Fixture halt = Fixture.named("el6-halt");
        rows.add(row(halt, halt.line()));
        RedHatScripts.knownIn(Tree.at(root), rows).apply();
        assertTrue(machine.scripts().status().good());
    }

    private static CatalogueRow row(Fixture fixture, int line) {
        return new CatalogueRow(fixture.script().fileName(), Digest.sha256(fixture.bytes()), line,
                fixture.script().hook().toString(), List.of("9.99"));
    }

    @Test
    void theCatalogueOnBoardHoldsTheKnownVersions() {
        List<CatalogueRow> rows = Catalogue.onBoard().rows();
        assertEquals(118, rows.size());
        assertEquals(81, rows.stream().filter(row -> row.file().equals("rc.sysinit")).count());
    }
}
