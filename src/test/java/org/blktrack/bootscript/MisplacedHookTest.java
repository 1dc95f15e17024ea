package org.blktrack.bootscript;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.Digest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A hook that never runs, or runs before its time, is never called "in place": neither the program's own nor one written by hand. */
class MisplacedHookTest {
    private static final String LOOP_HEAD = "mount | awk '{ print $1,$3 }' | while read dev dir; do\n";

    @TempDir
    Path root;

    private Machine machine;

    @BeforeEach
    void build() {
        machine = Machine.plain(root);
    }

    private interface Edit {
        String of(String text);
    }

    private void edit(Script script, Edit edit) throws IOException {
        String before = text(script);
        String after = edit.of(before);
        assertFalse(before.equals(after), "the edit does something");
        machine.put(script, after.getBytes(ISO_8859_1));
    }

    private String text(Script script) {
        return new String(machine.read(script), ISO_8859_1);
    }

    private ScriptStatus status(Script script) {
        return machine.scripts().status().scripts().get(script.ordinal());
    }

    /** Neither looking nor another run takes the place for good, and the file stays as it is. */
    private void assertMisplaced(Script script, String cause) {
        ScriptStatus status = status(script);
        assertEquals(ScriptStatus.State.MISPLACED, status.state(), status.detail());
        assertTrue(status.detail().contains(cause), status.detail());
        assertFalse(machine.scripts().status().good());
        byte[] before = machine.read(script);
        assertEquals("MISPLACED", assertThrows(BlktrackException.class, () -> machine.scripts().apply()).reason());
        assertArrayEquals(before, machine.read(script));
    }

    private static String block(Script script) {
        return String.join("\n", HookLines.of(script.hook())) + "\n";
    }

    @Test
    void theStopHookBehindTheFinalCommand() throws IOException {
        machine.scripts().apply();
        edit(Script.HALT, text -> text.replace(block(Script.HALT), "") + block(Script.HALT));
        assertMisplaced(Script.HALT, "ends the script");
    }

    @Test
    void theStopHookWithNoFinalCommandBehindIt() throws IOException {
        machine.scripts().apply();
        edit(Script.HALT, text -> text.replace("exec $command $HALTARGS\n", "echo bye\n"));
        assertMisplaced(Script.HALT, "no exec or eval of $command");
    }

    @Test
    void theStopHookWithoutItsLoop() throws IOException {
        machine.scripts().apply();
        edit(Script.HALT, text -> text.replaceAll("(?s)mount \\| awk.*?\ndone\n", ""));
        assertMisplaced(Script.HALT, "no loop");
    }

    @Test
    void theStopHookBehindALoopThatNamesEachFileSystem() throws IOException {
        machine.scripts().apply();
        edit(Script.HALT, text -> text.replace(LOOP_HEAD, "for dir in / /boot; do\n"));
        assertMisplaced(Script.HALT, "covers only some");
    }

    @ParameterizedTest
    @EnumSource(Script.class)
    void aScriptThatEndsAtOnce(Script script) throws IOException {
        machine.scripts().apply();
        edit(script, text -> text.replaceFirst("\n", "\nexit 0\n"));
        assertMisplaced(script, "\"exit 0\" in line 2");
    }

    @Test
    void aRowBehindTheFinalCommandIsABadRow() throws IOException {
        edit(Script.HALT, text -> text + "# end\n");
        byte[] halt = machine.read(Script.HALT);
        int last = (int) text(Script.HALT).lines().count();
        for (int line : new int[] {2, last}) {
            CatalogueRow row = new CatalogueRow("halt", Digest.sha256(halt), line, "stop", List.of());
            BlktrackException refusal = assertThrows(BlktrackException.class, () -> machine.scripts(row).apply());
            assertEquals("BAD_ROW", refusal.reason(), refusal.getMessage());
            assertArrayEquals(halt, machine.read(Script.HALT));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "blktrack-helper start --tracking", "if false; then blktrack-helper start --tracking; fi",
        "[ -x /sbin/blktrack-helper ] && /sbin/blktrack-helper start --tracking"
    })
    void aStartByHandAtTheEnd(String call) throws IOException {
        edit(Script.RC_SYSINIT, text -> text + call + "\n");
        assertMisplaced(Script.RC_SYSINIT, "the call of the helper in line " + text(Script.RC_SYSINIT).lines().count());
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "if false; then blktrack-helper start --tracking; fi", "true || blktrack-helper start --tracking", "blktrack-helper start --tracking &",
        "{ fsck -A; blktrack-helper start --tracking; }", "mount /data; blktrack-helper start --tracking"
    })
    void aStartByHandThatDoesNoGoodInTheRightPlace(String call) throws IOException {
        edit(Script.RC_SYSINIT, text -> text.replaceFirst("(?m)^if \\[ -f /fastboot", call + "\n$0"));
        assertMisplaced(Script.RC_SYSINIT, "the call of the helper in line ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"blktrack-helper start", "[ -x /sbin/blktrack-helper ] && /sbin/blktrack-helper start || :"})
    void aStartByHandThatStartsNothing(String call) throws IOException {
        edit(Script.RC_SYSINIT, text -> text.replaceFirst("(?m)^if \\[ -f /fastboot", call + "\n$0"));
        assertMisplaced(Script.RC_SYSINIT, "without --tracking");
        edit(Script.RC_SYSINIT, text -> text.replaceFirst("(?m)^if \\[ -f /fastboot", "blktrack-helper start --tracking\n$0"));
        assertEquals(ScriptStatus.State.BY_HAND, status(Script.RC_SYSINIT).state(), "one that does is enough");
    }

    @ParameterizedTest
    @ValueSource(strings = {"blktrack-helper clear_dirtyflag", "[ -x /sbin/blktrack-helper ] && /sbin/blktrack-helper clear-dirty || :"})
    void aStopByHand(String call) throws IOException {
        byte[] plain = machine.read(Script.HALT);
        edit(Script.HALT, text -> text + call + "\n");
        assertMisplaced(Script.HALT, "ends the script");

        machine.put(Script.HALT, plain);
        edit(Script.HALT, text -> text.replace(LOOP_HEAD, call + "\n" + LOOP_HEAD));
        assertMisplaced(Script.HALT, "no loop");

        machine.put(Script.HALT, plain);
        edit(Script.HALT, text -> text.replace("    fstab-decode mount", "    " + call + "\n    fstab-decode mount"));
        assertMisplaced(Script.HALT, "the call of the helper");

        machine.put(Script.HALT, plain);
        edit(Script.HALT, text -> text.replaceFirst("(?m)^done\n\n# Arrays", "done\n" + call + "\n\n# Arrays"));
        assertEquals(ScriptStatus.State.BY_HAND, status(Script.HALT).state(), status(Script.HALT).detail());
        machine.scripts().apply();
    }
}
