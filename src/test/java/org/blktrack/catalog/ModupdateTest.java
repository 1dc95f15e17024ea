package org.blktrack.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
import org.blktrack.bootscript.RowMaker;
import org.blktrack.bootscript.Script;
import org.blktrack.bootscript.Tree;
import org.blktrack.cli.BlktrackCommand;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lines of {@code modupdate --patches} that scripts are written against, and their statuses. */
class ModupdateTest {
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

    private void assertSays(String line, int status, String... options) {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream before = System.out;
        System.setOut(new PrintStream(said));
        try {
            assertEquals(status, BlktrackCommand.commandLine(words(options)).execute(words(options)));
        } finally {
            System.setOut(before);
        }
        assertEquals(line, said.toString());
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
        PatchUpdate update = new PatchUpdate(Tree.at(root), Map.of(), TestCatalog.CLOCK, () -> {});
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
