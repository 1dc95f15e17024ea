package org.blktrack.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.blktrack.bootscript.Reason;
import org.blktrack.bootscript.RedHatScripts;
import org.blktrack.bootscript.RowMaker;
import org.blktrack.bootscript.Script;
import org.blktrack.bootscript.Tree;
import org.blktrack.bootscript.TreeLock;
import org.blktrack.cli.BlktrackCommand;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lines of {@code modupdate --patches} that scripts are written against, and their statuses. */
class ModupdateTest {
    private static final String OTHER_INITTAB = "si::sysinit:/etc/init.d/rcS\n";

    @TempDir
    Path base;

    private Path root;
    private TestCatalog catalog;

    @BeforeEach
    void build() throws IOException, InterruptedException {
        root = Files.createDirectory(base.resolve("root"));
        Path init = Files.createDirectories(root.resolve("etc/rc.d/init.d"));
        Path sysinit = Files.writeString(root.resolve("etc/rc.d/rc.sysinit"), "#!/bin/bash\nvgchange -ay\nfsck -A\n");
        Path halt = Files.writeString(init.resolve("halt"), """
                #!/bin/bash
                mount | while read dev x dir y; do
                    mount -n -o ro,remount $dir
                done
                exec /sbin/halt
                """);
        program("etc/rc.d/rc.sysinit");
        program("etc/rc.d/init.d/halt");
        Files.writeString(root.resolve("etc/inittab"), "si::sysinit:/etc/rc.d/rc.sysinit\n");
        Files.createDirectories(root.resolve("sbin"));
        Files.createFile(root.resolve("sbin/blktrack-helper"));
        program("sbin/blktrack-helper");
        catalog = new TestCatalog(base);
        catalog.publish(1, Instant.now().plus(1, ChronoUnit.DAYS), RowMaker.row(Script.RC_SYSINIT, sysinit), RowMaker.row(Script.HALT, halt));
        Path keys = Files.createDirectories(root.resolve("etc/blktrack/keys.d"));
        Files.copy(catalog.keys.resolve("vendor.pub"), keys.resolve("vendor.pub"));
    }

    private void program(String path) throws IOException {
        Files.setPosixFilePermissions(root.resolve(path), PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private String[] words(String... options) {
        List<String> words = new ArrayList<>(List.of("modupdate", "--root", root.toString()));
        words.addAll(List.of(options));
        return words.toArray(String[]::new);
    }

    private int boot(String verb) {
        String[] words = {"boot", verb, "--root", root.toString()};
        return status(words);
    }

    private static int status(String... words) {
        return BlktrackCommand.commandLine(words)
                .setExecutionExceptionHandler((failure, command, parsed) -> ((BlktrackException) failure).status().code())
                .execute(words);
    }

    private boolean isPatched() throws IOException {
        return Files.readString(root.resolve("etc/rc.d/rc.sysinit")).contains("# blktrack begin");
    }

    private void assertNothingRunsThem() throws IOException {
        String pristine = contents();
        String where = catalog.directory.toString();
        for (List<String> options : List.of(List.of("--patches", "--check"), List.of("--patches", "--catalog", where), List.of("--patches"))) {
            String why = assertSays("No patch files found for this system.\n", 4, options.toArray(String[]::new));
            assertTrue(why.startsWith("No init system"), why);
        }
        assertEquals(pristine, contents());
    }

    private String contents() throws IOException {
        Path sysinit = root.resolve("etc/rc.d/rc.sysinit");
        return (Files.exists(sysinit) ? Files.readString(sysinit) : "") + Files.readString(root.resolve("etc/rc.d/init.d/halt"));
    }

    private void assertRefused() throws IOException {
        assertSays("", ExitStatus.REFUSED.code(), "--patches", "--check", "--catalog", catalog.directory.toString());
        assertSays("", ExitStatus.REFUSED.code(), "--patches", "--catalog", catalog.directory.toString());
        assertFalse(isPatched());
    }

    /** On the trees of EL5, Fedora 9 and EL6, even before the package with /sbin/init is unpacked. */
    @Test
    void whatRunsRcSysinitIsEnough() throws IOException {
        Path inittab = root.resolve("etc/inittab");
        Path job = root.resolve("etc/event.d/rcS");
        Path conf = root.resolve("etc/init/rcS.conf");
        Files.createDirectories(job.getParent());
        Files.createDirectories(conf.getParent());
        String where = catalog.directory.toString();
        assertSays("A patch is available.\n", 0, "--patches", "--check", "--catalog", where);
        Files.writeString(inittab, "# System initialization is started by /etc/event.d/rcS\nid:3:initdefault:\n");
        assertSays("A patch is available.\n", 0, "--patches", "--check", "--catalog", where);
        Files.writeString(job, "start on startup\nscript\n\texec /etc/rc.d/rc.sysinit\nend script\n");
        assertSays("A patch is available.\n", 0, "--patches", "--check", "--catalog", where);
        Files.delete(job);
        Files.writeString(conf, "start on startup\nexec /etc/rc.d/rc.sysinit\n");
        assertSays("Successfully applied.\n", 0, "--patches", "--catalog", where);
        assertEquals(0, boot("verify"));
    }

    @Test
    void scriptsThatInitDoesNotRunAreNotPatched() throws IOException {
        Path init = root.resolve("sbin/init");
        Files.createSymbolicLink(init, Path.of("busybox"));
        Files.createFile(root.resolve("sbin/busybox"));
        assertRefused();
        Files.delete(init);
        Files.writeString(root.resolve("etc/inittab"), OTHER_INITTAB);
        assertNothingRunsThem();
    }

    /** A container: what starts it is no init system, and so nothing runs the scripts that its image may hold. */
    @Test
    void whereNoInitSystemIsKnownThereIsNoPatch() throws IOException {
        Files.createSymbolicLink(root.resolve("sbin/init"), Path.of("tini"));
        Files.createFile(root.resolve("sbin/tini"));
        assertNothingRunsThem();
        Files.delete(root.resolve("etc/rc.d/rc.sysinit"));
        assertNothingRunsThem();
        Path none = base.resolve("none");
        assertSays("", ExitStatus.FAILED.code(), "--patches", "--catalog", none.toString());
    }

    /** Neither damaged scripts nor the configured catalogue count where nothing runs the scripts; one that was asked for does. */
    @Test
    void whereNoInitSystemIsKnownNothingElseIsLookedAt() throws IOException {
        Files.createSymbolicLink(root.resolve("sbin/init"), Path.of("tini"));
        Files.createFile(root.resolve("sbin/tini"));
        Files.writeString(root.resolve("etc/blktrack/catalog.conf"), "url = /none\n");
        assertNothingRunsThem();
        damage();
        assertNothingRunsThem();
        assertSays("", ExitStatus.FAILED.code(), "--patches", "--catalog", base.resolve("none").toString());
    }

    @Test
    void damagedLinesAreToBeTakenOutByHand() throws IOException {
        damage();
        PatchUpdate update = new PatchUpdate(Tree.at(root), Map.of(), TestCatalog.CLOCK);
        BlktrackException refusal = assertThrows(BlktrackException.class, () -> update.run(null, true));
        assertEquals("PARTIAL", refusal.reason());
        assertEquals(RedHatScripts.remedy(Reason.PARTIAL), refusal.remedy());
    }

    private void damage() throws IOException {
        Files.writeString(root.resolve("etc/rc.d/rc.sysinit"), "#!/bin/bash\n# blktrack begin\nvgchange -ay\nfsck -A\n");
    }

    /** To those who named the init system at the installation the hooks are in place whatever starts this container. */
    @Test
    void anInitSystemThatWasNamedIsNotAskedForAgain() throws IOException {
        assertSays("Successfully applied.\n", 0, "--patches", "--catalog", catalog.directory.toString());
        assertEquals(0, boot("remove"));
        Files.createSymbolicLink(root.resolve("sbin/init"), Path.of("tini"));
        Files.createFile(root.resolve("sbin/tini"));
        assertEquals(0, status("boot", "install", "--root", root.toString(), "--init", "redhat", "--hooks-only"));
        assertSays("Already up to date.\n", 0, "--patches", "--catalog", catalog.directory.toString());
    }

    @Test
    void hooksThatAreNoLongerRunAreSaidAndRemoved() throws IOException {
        String pristine = Files.readString(root.resolve("etc/rc.d/init.d/halt"));
        for (boolean busybox : List.of(true, false)) {
            assertSays("Successfully applied.\n", 0, "--patches", "--catalog", catalog.directory.toString());
            if (busybox) {
                Files.createSymbolicLink(root.resolve("sbin/init"), Path.of("busybox"));
                Files.createFile(root.resolve("sbin/busybox"));
            } else {
                Files.writeString(root.resolve("etc/inittab"), OTHER_INITTAB);
            }
            assertSays("", ExitStatus.REFUSED.code(), "--patches");
            assertEquals(ExitStatus.HOOK_MISSING.code(), boot("verify"));
            Files.writeString(root.resolve("etc/rc.d/init.d/halt"), pristine);
            assertEquals(ExitStatus.HOOK_MISSING.code(), boot("verify"));
            assertEquals(ExitStatus.REFUSED.code(), boot("reapply"));
            assertEquals(0, boot("remove"));
            assertFalse(isPatched());
            Files.deleteIfExists(root.resolve("sbin/init"));
        }
    }

    @Test
    void oneThatChangesTheHooksIsWaitedFor() throws IOException {
        try (TreeLock lock = TreeLock.take(root)) {
            assertSays("", ExitStatus.BUSY.code(), "--patches", "--catalog", catalog.directory.toString());
            assertFalse(isPatched());
        }
    }

    /** {@code ..} after a link leads to the parent of what the link leads to, as the kernel has it. */
    @Test
    void theTreeIsTheOneThatTheKernelSees() throws IOException, InterruptedException {
        Path meant = base.resolve("real/x");
        Path other = base.resolve("g/x");
        for (Path tree : List.of(meant, other)) {
            Files.createDirectories(tree.getParent());
            TestCatalog.run("cp", "-a", root.toString(), tree.toString());
        }
        Files.createDirectory(base.resolve("real/sub"));
        Files.createSymbolicLink(base.resolve("g/l"), base.resolve("real/sub"));
        String pristine = Files.readString(other.resolve("etc/rc.d/rc.sysinit"));
        root = base.resolve("g/l/../x");
        assertSays("Successfully applied.\n", 0, "--patches", "--catalog", catalog.directory.toString());
        assertEquals(pristine, Files.readString(other.resolve("etc/rc.d/rc.sysinit")));
        assertTrue(Files.readString(meant.resolve("etc/rc.d/rc.sysinit")).contains("# blktrack begin"));
    }

    /** @return what it said beside that, on standard error */
    private String assertSays(String line, int status, String... options) {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        ByteArrayOutputStream beside = new ByteArrayOutputStream();
        PrintStream out = System.out;
        PrintStream err = System.err;
        System.setOut(new PrintStream(said));
        System.setErr(new PrintStream(beside));
        try {
            assertEquals(status, status(words(options)), beside.toString());
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
        assertEquals(line, said.toString());
        return beside.toString();
    }

    @Test
    void eachOutcomeHasItsLineAndStatus() throws IOException {
        String where = catalog.directory.toString();
        assertSays("", ExitStatus.USAGE.code());
        assertSays("", ExitStatus.USAGE.code(), "--check");
        assertSays("No patch files found for this system.\n", 4, "--patches");
        assertSays("A patch is available.\n", 0, "--patches", "--check", "--catalog", where);
        assertEquals(false, Files.exists(root.resolve("var")));
        assertSays("Successfully applied.\n", 0, "--patches", "--catalog", where);
        assertSays("Already up to date.\n", 0, "--patches");
        assertSays("Already up to date.\n", 0, "--patches", "--catalog", where);
        Files.createDirectories(root.resolve("usr/lib/systemd"));
        Files.createFile(root.resolve("usr/lib/systemd/systemd"));
        Files.createSymbolicLink(root.resolve("sbin/init"), Path.of("../usr/lib/systemd/systemd"));
        assertSays("No initscripts patch is needed on this system.\n", 0, "--patches");
    }

    @Test
    void aCatalogueThatCanNotBeHadIsAFailure() {
        PatchUpdate update = new PatchUpdate(Tree.at(root), Map.of(), TestCatalog.CLOCK);
        BlktrackException failure = assertThrows(BlktrackException.class, () -> update.run(base.resolve("none").toString(), false));
        assertEquals(ExitStatus.FAILED, failure.status());
    }

    @Test
    void aConfiguredDirectoryIsOneOfTheTree() throws IOException, InterruptedException {
        Path inside = root.resolve("srv/catalog");
        Files.createDirectories(inside.getParent());
        TestCatalog.run("cp", "-r", catalog.directory.toString(), inside.toString());
        Path config = root.resolve("etc/blktrack/catalog.conf");
        for (String url : List.of("/srv/catalog", "srv/catalog", "file:///srv/catalog")) {
            Files.writeString(config, "url = " + url + "\n");
            assertSays("A patch is available.\n", 0, "--patches", "--check");
        }
        Files.writeString(config, "url = " + catalog.directory + "\n");
        assertSays("", ExitStatus.FAILED.code(), "--patches", "--check");
    }

    @Test
    void theConfiguredCatalogueIsAskedWhereThoseOnBoardDoNotFit() throws IOException {
        Files.move(catalog.directory, root.resolve("catalog"));
        Files.writeString(root.resolve("etc/blktrack/catalog.conf"), "url = /catalog\n");
        assertSays("Successfully applied.\n", 0, "--patches");
    }
}
