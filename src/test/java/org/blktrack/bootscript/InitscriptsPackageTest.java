package org.blktrack.bootscript;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.blktrack.model.Digest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The installed version, told by a real package database in the tree, by the files, or not at all. */
class InitscriptsPackageTest {
    @TempDir
    Path base;

    private Machine machine;

    @BeforeEach
    void build() throws IOException {
        machine = Machine.plain(Files.createDirectory(base.resolve("root")));
    }

    private static void run(String... words) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes());
        assertEquals(0, process.waitFor(), String.join(" ", words) + ": " + said);
    }

    @Test
    void withoutADatabaseNothingIsKnown() {
        SortedMap<String, String> before = machine.everything();
        assertEquals(new InitscriptsVersion(null, "unknown", List.of()), machine.scripts().version());
        assertEquals(before, machine.everything(), "asking made no database");
    }

    @Test
    void theFilesAloneTell() {
        Fixture el6 = Fixture.named("el6");
        Fixture halt = Fixture.named("el6-halt");
        CatalogueRow one = new CatalogueRow("rc.sysinit", Digest.sha256(el6.bytes()), el6.line(), "start", List.of("9.1", "9.2"));
        CatalogueRow two = new CatalogueRow("halt", Digest.sha256(halt.bytes()), halt.line(), "stop", List.of("9.2", "9.3"));
        assertEquals(new InitscriptsVersion("9.2", "files", List.of()), machine.scripts(one, two).version());
        machine.scripts(one, two).apply();
        assertEquals("9.2", machine.scripts(one, two).version().version(), "our own lines don't count");
    }

    @Test
    void rpmTells() throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/rpmbuild")), "SKIPPED: there is no rpmbuild");
        assumeTrue("root".equals(System.getProperty("user.name")), "SKIPPED: rpm --root needs root");
        installPackage();
        SortedMap<String, String> before = machine.everything();
        assertEquals(new InitscriptsVersion("9.99.1-2.el6", "rpm", List.of()), machine.scripts().version());
        assertEquals(before, machine.everything(), "asking changed nothing");

        machine.scripts().apply();
        assertEquals(List.of(), machine.scripts().version().customised(), "our own lines are no customisation");

        byte[] edited = (new String(machine.read(Script.HALT), StandardCharsets.ISO_8859_1) + "# edited\n")
                .getBytes(StandardCharsets.ISO_8859_1);
        machine.put(Script.HALT, edited);
        assertEquals(List.of("halt"), machine.scripts().version().customised());
        assertFalse(machine.scripts().status().scripts().isEmpty());
    }

    @Test
    void rpmIsNotLedOutOfTheTree() throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/rpmbuild")), "SKIPPED: there is no rpmbuild");
        assumeTrue("root".equals(System.getProperty("user.name")), "SKIPPED: rpm --root needs root");
        installPackage();
        // The same path exists in the tree and outside it: inside is meant, and outside nothing may be made.
        Path outside = base.resolve("outside");
        Path database = machine.root().resolve("var/lib/rpm");
        run("cp", "-r", database.toString(), outside.toString());
        Files.createDirectories(machine.root().resolve(outside.toString().substring(1)).getParent());
        Files.move(database, machine.root().resolve(outside.toString().substring(1)));
        Files.createSymbolicLink(database, outside);
        deleteLocks(outside);
        String[] before = sorted(outside);
        assertEquals("9.99.1-2.el6", machine.scripts().version().version());
        assertArrayEquals(before, sorted(outside));
    }

    private static String[] sorted(Path directory) {
        return Stream.of(directory.toFile().list()).sorted().toArray(String[]::new);
    }

    /** So that it shows when sqlite makes them. */
    private static void deleteLocks(Path database) throws IOException {
        Files.deleteIfExists(database.resolve("rpmdb.sqlite-shm"));
        Files.deleteIfExists(database.resolve("rpmdb.sqlite-wal"));
    }

    /** A package of our own by that name, with the fixtures in it. */
    private void installPackage() throws IOException, InterruptedException {
        Path spec = base.resolve("initscripts.spec");
        Files.writeString(spec, """
                Name: initscripts
                Version: 9.99.1
                Release: 2.el6
                Summary: scripts of a machine that exists in tests only
                License: Apache-2.0
                BuildArch: noarch
                AutoReqProv: no
                %%description
                None.
                %%install
                mkdir -p %%{buildroot}/etc/rc.d/init.d
                cp %1$s/etc/rc.d/rc.sysinit %%{buildroot}/etc/rc.d/
                cp %1$s/etc/rc.d/init.d/halt %%{buildroot}/etc/rc.d/init.d/
                %%files
                /etc/rc.d/rc.sysinit
                /etc/rc.d/init.d/halt
                """.formatted(machine.root()));
        run("rpmbuild", "-bb", "--define", "_topdir " + base.resolve("build"), "--define", "__os_install_post %{nil}",
                "--define", "__brp_mangle_shebangs %{nil}", spec.toString());
        Path built = base.resolve("build/RPMS/noarch/initscripts-9.99.1-2.el6.noarch.rpm");
        run("rpm", "--root", machine.root().toString(), "--dbpath", "/var/lib/rpm", "--initdb");
        run("rpm", "--root", machine.root().toString(), "--dbpath", "/var/lib/rpm", "-i", "--nodeps", "--replacefiles", "--force", built.toString());
    }
}
