package org.blktrack.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command as a person or a script meets it: a process, its stdout to the letter, and its exit status. */
class ModupdateTest {
    private static final String APPLIED = "Successfully applied.\n";
    private static final String NO_PATCH = "No patch files found for this system.\n";
    private static final String UP_TO_DATE = "Already up to date.\n";
    private static final String NOT_NEEDED = "No initscripts patch is needed on this system.\n";
    private static final String SYSINIT = """
            #!/bin/bash
            if [ -x /sbin/lvm ]; then
            	/sbin/lvm vgchange -a y --sysinit
            fi
            if [ -f /fastboot ]; then
            	fastboot=yes
            fi
            [ -n "$fastboot" ] || fsck -A -a
            mount -n -o remount,rw /
            """;
    private static final String HALT = """
            #!/bin/bash
            command=/sbin/halt
            mount | awk '{ print $1,$3 }' | while read dev dir; do
            	mount -n -o ro,remount $dev $dir
            done
            exec $command
            """;

    @TempDir
    Path base;

    private Path root;
    private Path catalog;

    private record Run(int status, String out, String err) {}

    @BeforeEach
    void build() throws IOException, InterruptedException {
        root = base.resolve("root");
        catalog = base.resolve("catalog");
        Files.createDirectories(root.resolve("etc/rc.d/init.d"));
        Files.createDirectories(root.resolve("etc/blktrack/keys.d"));
        Files.createDirectories(root.resolve("var/lib"));
        Files.createDirectories(root.resolve("sbin"));
        Files.writeString(root.resolve("sbin/init"), "the old one");
        Files.writeString(root.resolve("etc/rc.d/rc.sysinit"), SYSINIT);
        Files.writeString(root.resolve("etc/rc.d/init.d/halt"), HALT);
        Files.writeString(root.resolve("sbin/blktrack-helper"), "the helper");
        for (String program : List.of("etc/rc.d/rc.sysinit", "etc/rc.d/init.d/halt", "sbin/blktrack-helper")) {
            assertTrue(root.resolve(program).toFile().setExecutable(true));
        }
        Path open = root.resolve("etc/blktrack/keys.d/vendor.pub");
        assertEquals(0, execute("openssl", "genpkey", "-algorithm", "ed25519", "-out", base.resolve("secret.pem").toString()).status);
        assertEquals(0, execute("openssl", "pkey", "-in", base.resolve("secret.pem").toString(), "-pubout", "-out",
                open.toString()).status);
    }

    private static Run execute(String... words) throws IOException, InterruptedException {
        Path err = Files.createTempFile("stderr", null);
        Process process = new ProcessBuilder(words).redirectError(err.toFile()).start();
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes());
        Run run = new Run(process.waitFor(), out, Files.readString(err));
        Files.delete(err);
        return run;
    }

    private static Run blktrack(String... arguments) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path"), "org.blktrack.app.Main"));
        words.addAll(List.of(arguments));
        return execute(words.toArray(String[]::new));
    }

    private Run modupdate(String... more) throws IOException, InterruptedException {
        return blktrack(Stream.concat(Stream.of("modupdate", "--patches", "--root", root.toString()), Stream.of(more))
                .toArray(String[]::new));
    }

    private void sign(Path directory) {
        assertEquals(0, Main.run("catalog", "sign", directory.toString(), "--key",
                base.resolve("secret.pem") + "=" + root.resolve("etc/blktrack/keys.d/vendor.pub")));
    }

    private void publish(int version) {
        assertEquals(0, Main.run("catalog", "build", catalog.toString(), "--name", "test", "--version-number", "" + version,
                "--script", "rc.sysinit=" + root.resolve("etc/rc.d/rc.sysinit"), "--script", "halt=" + root.resolve("etc/rc.d/init.d/halt")));
        sign(catalog);
    }

    private void assertUnchanged() throws IOException {
        assertEquals(SYSINIT, Files.readString(root.resolve("etc/rc.d/rc.sysinit")));
        assertEquals(HALT, Files.readString(root.resolve("etc/rc.d/init.d/halt")));
    }

    @Test
    void modupdateAloneIsAUsageError() throws IOException, InterruptedException {
        Run run = blktrack("modupdate");
        assertEquals(2, run.status);
        assertEquals("", run.out);
        assertEquals(2, Main.run("modupdate", "--patches", "--root", root.resolve("nowhere").toString()));
    }

    @Test
    void nothingFits() throws IOException, InterruptedException {
        Run run = modupdate();
        assertEquals(NO_PATCH, run.out);
        assertEquals(4, run.status);
        assertTrue(run.err.contains("blktrack boot install"), run.err);
        assertUnchanged();
        Files.delete(root.resolve("etc/rc.d/rc.sysinit"));
        Run bare = modupdate();
        assertEquals(NO_PATCH, bare.out, "no scripts at all");
        assertEquals(4, bare.status);
    }

    @Test
    void systemdNeedsNone() throws IOException, InterruptedException {
        Files.delete(root.resolve("sbin/init"));
        Files.createSymbolicLink(root.resolve("sbin/init"), Path.of("../lib/systemd/systemd"));
        Files.createDirectories(root.resolve("lib/systemd"));
        Files.writeString(root.resolve("lib/systemd/systemd"), "");
        Run run = modupdate();
        assertEquals(NOT_NEEDED, run.out);
        assertEquals(0, run.status);
        assertUnchanged();
    }

    @Test
    void aPatchFromACatalogue() throws IOException, InterruptedException {
        publish(1);
        Run checked = blktrack("catalog", "check", catalog.toString(), "--keys", root.resolve("etc/blktrack/keys.d").toString());
        assertEquals(0, checked.status, checked.err);
        assertTrue(checked.out.startsWith("test version 1, 2 rows, signed by "), checked.out);

        Run available = modupdate("--check", "--catalog", catalog.toString());
        assertEquals("A patch is available.\n", available.out, available.err);
        assertEquals(0, available.status);
        assertUnchanged();
        assertTrue(Files.notExists(root.resolve("var/lib/blktrack")), "a check leaves nothing behind");

        Run run = modupdate("--catalog", catalog.toString());
        assertEquals(APPLIED, run.out, run.err);
        assertEquals(0, run.status);
        assertEquals(SYSINIT.replace("if [ -f /fastboot ]", """
                # blktrack begin
                if [ -x /sbin/blktrack-helper ] && [ ! -e /.blktrack_dirty ]; then
                    /sbin/blktrack-helper start --tracking || :
                fi
                # blktrack end
                if [ -f /fastboot ]"""), Files.readString(root.resolve("etc/rc.d/rc.sysinit")));
        Run again = modupdate();
        assertEquals(UP_TO_DATE, again.out);
        assertEquals(0, again.status);
    }

    @Test
    void aConfiguredCatalogueIsAskedWhereNoneOnBoardFits() throws IOException, InterruptedException {
        publish(1);
        Files.move(catalog, root.resolve("catalog"));
        Files.writeString(root.resolve("etc/blktrack/catalog.conf"), "# ours\nurl = file:///catalog\n");
        assertEquals(APPLIED, modupdate().out);
    }

    @Test
    void anUnreachableServerIsAFailure() throws IOException, InterruptedException {
        Run run = modupdate("--catalog", "http://127.0.0.1:1/");
        assertEquals(1, run.status, run.err);
        assertEquals("", run.out);
        assertTrue(run.err.contains("127.0.0.1:1") && run.err.contains("blktrack boot install"), run.err);
        assertUnchanged();
    }

    @Test
    void aBadCatalogueIsRefused() throws IOException, InterruptedException {
        publish(1);
        Path index = catalog.resolve("index.json");
        Files.writeString(index, Files.readString(index).replace("\"version\": 1", "\"version\": 2"));
        Run run = modupdate("--catalog", catalog.toString());
        assertEquals(5, run.status);
        assertEquals("", run.out);
        assertTrue(run.err.contains("BAD_SIGNATURE"), run.err);
        assertUnchanged();
    }

    /** Rightly signed, but the line is inside a block, or after the fsck: the script's structure has the last word. */
    @Test
    void aRowThatLeadsToAWrongScriptIsRefused() throws IOException, InterruptedException {
        publish(1);
        Path rows = base.resolve("rows.json");
        for (int line : new int[] {3, 9, 99}) {
            StringBuilder all = new StringBuilder();
            try (Stream<Path> files = Files.list(catalog.resolve("files"))) {
                for (Path file : files.filter(f -> f.toString().endsWith(".json")).toList()) {
                    all.append(Files.readString(file));
                }
            }
            String sysinit = all.toString().replaceAll("(?s).*(\\{\"file\":\"rc.sysinit\",\"sha256\":\"[0-9a-f]+\").*", "$1");
            String halt = all.toString().replaceAll("(?s).*(\\{\"file\":\"halt\".*?\\]\\}).*", "$1");
            Files.writeString(rows, "{\"format\": 1, \"rows\": [" + halt + "," + sysinit + ",\"line\":" + line + ",\"hook\":\"start\",\"versions\":[]}]}");
            Path bad = base.resolve("bad" + line);
            assertEquals(0,
                    Main.run("catalog", "build", bad.toString(), "--name", "test", "--version-number", "5", "--rows", rows.toString()));
            sign(bad);
            Files.deleteIfExists(root.resolve("var/lib/blktrack/catalog/seen.json"));
            Run run = modupdate("--catalog", bad.toString());
            assertEquals(5, run.status, run.toString());
            assertTrue(run.err.contains("BAD_ROW"), run.err);
            assertUnchanged();
        }
    }

    /** As 'boot install' refuses: lines that never run a helper would be called a success. */
    @Test
    void whereTheLinesAreOfNoUseNoneArePut() throws IOException, InterruptedException {
        publish(1);
        Path helper = root.resolve("sbin/blktrack-helper");
        Files.move(helper, base.resolve("helper"));
        assertOfNoUse("NO_HELPER");
        Files.move(base.resolve("helper"), helper);
        Path kernel = root.resolve("lib/modules/2.6.32-754.el6.x86_64/vmlinuz");
        Files.createDirectories(kernel.getParent());
        Files.createFile(kernel);
        assertOfNoUse("NO_DRIVER");
        Files.delete(kernel);
        assertTrue(root.resolve("etc/rc.d/init.d/halt").toFile().setExecutable(false, false));
        assertOfNoUse("NOT_EXECUTABLE");
        assertEquals(NO_PATCH, modupdate().out, "a script that no catalogue knows comes first");
    }

    private void assertOfNoUse(String reason) throws IOException, InterruptedException {
        for (List<String> words : List.of(List.of("--catalog", catalog.toString()), List.of("--check", "--catalog", catalog.toString()))) {
            Run run = modupdate(words.toArray(String[]::new));
            assertEquals(5, run.status);
            assertEquals("", run.out);
            assertTrue(run.err.contains("(" + reason + ")"), run.err);
        }
        assertUnchanged();
    }

    @Test
    void aScriptThatCantBeReplacedIsRefused() throws IOException, InterruptedException {
        publish(1);
        Files.createLink(root.resolve("etc/second"), root.resolve("etc/rc.d/init.d/halt"));
        Run run = modupdate("--catalog", catalog.toString());
        assertEquals(5, run.status);
        assertTrue(run.err.contains("HARD_LINKS") && run.err.contains("blktrack boot lines"), run.err);
        assertUnchanged();
    }
}
