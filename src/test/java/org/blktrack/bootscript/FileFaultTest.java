package org.blktrack.bootscript;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.blktrack.linux.ExtendedAttributes;
import org.blktrack.linux.PosixFiles;
import org.blktrack.model.BlktrackException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** File systems that refuse: nothing is changed, and the reason is named. Needs root, for mounts and attributes. */
class FileFaultTest {
    @TempDir
    Path directory;

    private final Deque<String[]> undo = new ArrayDeque<>();
    private Path root;

    @BeforeEach
    void build() throws IOException {
        assumeTrue("root".equals(System.getProperty("user.name")), "SKIPPED: mounts and file attributes need root");
        root = Files.createDirectory(directory.resolve("root"));
    }

    @AfterEach
    void undoEverything() throws Exception {
        while (!undo.isEmpty()) {
            run(undo.pop());
        }
    }

    private static void run(String... words) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes());
        assertEquals(0, process.waitFor(), String.join(" ", words) + ": " + said);
    }

    private static void assertRefused(Machine machine, Reason reason) {
        SortedMap<String, String> before = machine.everything();
        BlktrackException refusal = assertThrows(BlktrackException.class, () -> machine.scripts().apply());
        assertEquals(reason.name(), refusal.reason(), refusal.getMessage());
        SortedMap<String, String> after = machine.everything();
        after.keySet().removeIf(path -> path.startsWith("var/lib/blktrack/")); // a backup may stay
        assertEquals(before, after);
    }

    @Test
    void allAttributesAreKept() throws IOException {
        Machine machine = Machine.plain(root);
        Path halt = machine.path(Script.HALT);
        PosixFiles.owner(halt, 1234, 5678);
        PosixFiles.mode(halt, 04751);
        ExtendedAttributes.write(halt, Map.of(
                "security.selinux", "system_u:object_r:initrc_exec_t:s0\0".getBytes(UTF_8),
                "user.note", new byte[] {0, 1, (byte) 255}, "trusted.seal", new byte[0]));
        Map<String, byte[]> attributes = ExtendedAttributes.read(halt);
        assertEquals(3, attributes.size());

        for (int i = 0; i < 2; i++) {
            long inode = PosixFiles.status(halt).inode();
            if (i == 0) {
                machine.scripts().apply();
            } else {
                machine.scripts().remove();
            }
            var status = PosixFiles.status(halt);
            assertEquals(List.of(04751, 1234, 5678, 1), List.of(status.mode(), status.owner(), status.group(), status.links()));
            assertTrue(ExtendedAttributes.same(attributes, ExtendedAttributes.read(halt)));
            assertTrue(inode != status.inode(), "the file was renamed over, not written in place");
        }
        assertTrue(Files.isSymbolicLink(root.resolve("etc/rc.sysinit")));
        assertTrue(Files.isSymbolicLink(root.resolve("etc/rc.d/rc0.d/S01halt")));
    }

    @Test
    void inodeFlagsAreKept() throws Exception {
        Machine machine = Machine.plain(root);
        String sysinit = machine.path(Script.RC_SYSINIT).toString();
        run("chattr", "+dAS", sysinit);
        String before = flags(sysinit);
        assertTrue(before.contains("d") && before.contains("A") && before.contains("S"), before);
        machine.scripts().apply();
        assertEquals(before, flags(sysinit));
        machine.scripts().remove();
        assertEquals(before, flags(sysinit));
    }

    private static String flags(String path) throws IOException, InterruptedException {
        Process process = new ProcessBuilder("lsattr", path).start();
        String said = new String(process.getInputStream().readAllBytes());
        assertEquals(0, process.waitFor());
        return said.split(" ")[0];
    }

    @Test
    void hardLinks() throws IOException {
        Machine machine = Machine.plain(root);
        Files.createLink(root.resolve("etc/second-name"), machine.path(Script.HALT));
        assertRefused(machine, Reason.HARD_LINKS);
    }

    @Test
    void immutableFileIsFoundOutAfterTheFirstWasChanged() throws Exception {
        Machine machine = Machine.plain(root);
        String halt = machine.path(Script.HALT).toString();
        run("chattr", "+i", halt);
        undo.push(new String[] {"chattr", "-i", halt});
        assertRefused(machine, Reason.IMMUTABLE);
        assertTrue(!Files.exists(root.resolve("var/lib/blktrack/boot/halt.receipt.json")), "no promise is left");
    }

    @Test
    void immutableFirstFile() throws Exception {
        Machine machine = Machine.plain(root);
        String sysinit = machine.path(Script.RC_SYSINIT).toString();
        run("chattr", "+i", sysinit);
        undo.push(new String[] {"chattr", "-i", sysinit});
        assertRefused(machine, Reason.IMMUTABLE);
    }

    @Test
    void immutableDirectory() throws Exception {
        Machine machine = Machine.plain(root);
        String directory = machine.path(Script.HALT).getParent().toString();
        run("chattr", "+i", directory);
        undo.push(new String[] {"chattr", "-i", directory});
        assertRefused(machine, Reason.IMMUTABLE);
    }

    @Test
    void immutableWhenRemoving() throws Exception {
        Machine machine = Machine.plain(root);
        machine.scripts().apply();
        SortedMap<String, String> before = machine.everything();
        String halt = machine.path(Script.HALT).toString();
        run("chattr", "+i", halt);
        undo.push(new String[] {"chattr", "-i", halt});
        assertThrows(BlktrackException.class, () -> machine.scripts().remove());
        assertEquals(before, machine.everything());
        assertTrue(machine.scripts().status().good());
    }

    @Test
    void bindMountedFile() throws Exception {
        Machine machine = Machine.plain(root);
        Path other = Files.write(directory.resolve("other"), Fixture.named("el6").bytes());
        run("mount", "--bind", other.toString(), machine.path(Script.RC_SYSINIT).toString());
        undo.push(new String[] {"umount", machine.path(Script.RC_SYSINIT).toString()});
        assertRefused(machine, Reason.MOUNT_POINT);
    }

    @Test
    void readOnlyEtc() throws Exception {
        Machine machine = Machine.plain(root);
        String etc = root.resolve("etc").toString();
        run("mount", "--bind", etc, etc);
        undo.push(new String[] {"umount", etc});
        run("mount", "-o", "remount,bind,ro", etc);
        assertRefused(machine, Reason.READ_ONLY);
    }

    @Test
    void readOnlyState() throws Exception {
        Machine machine = Machine.plain(root);
        String var = root.resolve("var").toString();
        run("mount", "--bind", var, var);
        undo.push(new String[] {"umount", var});
        run("mount", "-o", "remount,bind,ro", var);
        assertRefused(machine, Reason.READ_ONLY);
    }

    /** Every amount of room from none to enough, 4 KiB at a time: all or nothing. */
    @Test
    void fullDisk() throws Exception {
        run("mount", "-t", "tmpfs", "-o", "size=256k", "none", root.toString());
        undo.push(new String[] {"umount", root.toString()});
        Machine machine = Machine.plain(root);
        SortedMap<String, String> before = machine.everything();
        int refused = 0;
        for (int free = 0; ; free += 4096) {
            Path filler = root.resolve("filler");
            fill(filler, free);
            try {
                machine.scripts().apply();
                break;
            } catch (BlktrackException refusal) {
                assertEquals("NO_SPACE", refusal.reason(), refusal.getMessage());
                refused++;
            }
            SortedMap<String, String> after = machine.everything();
            after.keySet().removeIf(path -> path.startsWith("var/lib/blktrack/") || path.equals("filler"));
            assertEquals(before, after);
        }
        assertTrue(refused >= 3, "only " + refused + " amounts were too little");
        assertTrue(machine.scripts().status().good());
        fill(root.resolve("filler"), 0);
        try {
            machine.scripts().remove();
        } catch (BlktrackException refusal) {
            assertEquals("NO_SPACE", refusal.reason());
            assertTrue(machine.scripts().status().good(), "still whole");
        }
    }

    /** Fills the file system up to {@code free} bytes, to the page. */
    private static void fill(Path filler, long free) throws IOException {
        Files.deleteIfExists(filler);
        long room = Files.getFileStore(filler.getParent()).getUsableSpace() - free;
        Files.write(filler, new byte[(int) Math.max(0, room)], StandardOpenOption.CREATE_NEW);
    }

    @Test
    void aCopyLeftByACrashIsReplaced() throws IOException {
        Machine machine = Machine.plain(root);
        SortedMap<String, String> before = machine.everything();
        Path left = machine.path(Script.HALT).resolveSibling(".halt.blktrack-new");
        Files.createSymbolicLink(left, directory.resolve("victim"));
        machine.scripts().apply();
        assertTrue(!Files.exists(directory.resolve("victim")), "what a link in its place led to was not written");
        machine.scripts().remove();
        assertEquals(before, machine.everything());
    }

    @Test
    void aChangeInBetweenIsNotLost() throws Exception {
        Machine machine = Machine.plain(root);
        ScriptFile file = ScriptFile.read(Tree.at(root), Script.HALT);
        try (Replacement replacement = Replacement.stage(file, "new".getBytes())) {
            Files.writeString(machine.path(Script.HALT), "edited");
            assertEquals(Reason.CHANGED_MEANWHILE, assertThrows(ScriptFault.class, replacement::commit).reason());
        }
        assertArrayEquals("edited".getBytes(), machine.read(Script.HALT));
    }
}
