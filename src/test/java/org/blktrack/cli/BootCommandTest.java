package org.blktrack.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class BootCommandTest {
    /** Latin-1, so no valid UTF-8. */
    private static final String SCRIPT = """
            #!/bin/bash
            vgchange -a y # caf\u00e9 \u00ff
            fsck -A
            """;
    private static final String HALT = """
            #!/bin/bash
            mount | while read dev x dir y; do
                mount -n -o ro,remount $dir
            done
            exec /sbin/halt
            """;

    @TempDir
    Path root;

    private static byte[] output(String... words) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream before = System.out;
        System.setOut(new PrintStream(bytes, true, StandardCharsets.US_ASCII));
        try {
            assertEquals(0, BlktrackCommand.commandLine(words).execute(words));
        } finally {
            System.setOut(before);
        }
        return bytes.toByteArray();
    }

    private void build() throws IOException {
        Files.createDirectories(root.resolve("etc/rc.d/init.d"));
        Files.writeString(root.resolve("etc/rc.d/rc.sysinit"), SCRIPT, StandardCharsets.ISO_8859_1);
        Files.writeString(root.resolve("etc/rc.d/init.d/halt"), HALT);
        for (String script : List.of("etc/rc.d/rc.sysinit", "etc/rc.d/init.d/halt")) {
            assertTrue(root.resolve(script).toFile().setExecutable(true));
        }
    }

    @Test
    void diffsKeepTheBytesOfTheScriptInEveryLocale() throws IOException {
        build();
        List<String> dryRun = List.of("boot", "install", "--init", "redhat", "--hooks-only", "--dry-run", "--root", root.toString());
        String diff = new String(output(dryRun.toArray(String[]::new)), StandardCharsets.ISO_8859_1);
        assertTrue(diff.contains("\n vgchange -a y # caf\u00e9 \u00ff\n+# blktrack begin\n"), diff);
    }

    /** What the command says on its two ways out; {@code --root} is added. */
    private record Said(int status, String out, String err) {}

    private Said say(String words) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] all = (words + " --root " + root).split(" ");
        PrintStream before = System.out;
        System.setOut(new PrintStream(new ByteArrayOutputStream()));
        try {
            CommandLine line = BlktrackCommand.commandLine(all).setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
            return new Said(line.execute(all), out.toString(), err.toString());
        } finally {
            System.setOut(before);
        }
    }

    private Path openRc() throws IOException {
        for (String folder : List.of("sbin", "etc/init.d", "etc/runlevels/boot", "etc/runlevels/shutdown", "var/lib")) {
            Files.createDirectories(root.resolve(folder));
        }
        Path helper = Files.createFile(root.resolve("sbin/blktrack-helper"));
        assertTrue(helper.toFile().setExecutable(true));
        return helper;
    }

    @Test
    void whatDoesNotWorkIsSaid() throws IOException {
        Path helper = openRc();
        assertEquals(0, say("boot install --init openrc").status());
        Files.delete(helper);
        for (String words : List.of("boot reapply", "boot reapply --quiet")) {
            Said said = say(words);
            assertEquals(6, said.status(), words);
            assertEquals("start  openrc           /sbin/blktrack-helper: missing (not there)\n", said.err(), words);
        }
        assertEquals(6, say("boot reapply --json").status());
        assertEquals(6, say("boot verify").status());
        assertEquals(0, say("boot status").status(), "that one only tells");
    }

    @Test
    void anInstallationThatDoesNotWorkIsSaid() throws IOException {
        for (String file : List.of("usr/lib/systemd/systemd-shutdown", "usr/sbin/mkinitramfs", "usr/sbin/update-initramfs", "boot/vmlinuz-6.1.0")) {
            Files.createDirectories(root.resolve(file).getParent());
            assertTrue(Files.createFile(root.resolve(file)).toFile().setExecutable(true));
        }
        Files.createDirectories(root.resolve("lib/modules/6.1.0"));
        Files.createDirectories(root.resolve("etc"));
        Files.createDirectories(root.resolve("var/lib"));
        assertEquals(0, say("boot install --init systemd --hooks-only --dry-run").status(), "nothing was installed");
        Said said = say("boot install --init systemd --hooks-only");
        assertEquals(6, said.status());
        assertEquals("start  systemd          /lib/modules/6.1.0: missing (no initramfs is found for this kernel)\n", said.err());
    }

    @Test
    void aHelperThatComesLaterIsNoFault() throws IOException {
        Files.delete(openRc());
        Said said = say("boot install --init openrc --hooks-only");
        assertEquals(0, said.status(), said.err());
        assertTrue(said.out().contains("/sbin/blktrack-helper: expected (not there)\n"), said.out());
        assertEquals(0, say("boot verify").status());
        Said quiet = say("boot reapply --quiet");
        assertEquals(new Said(0, "", ""), quiet);
    }

    @Test
    void aReapplyIsShownBeforehand() throws IOException {
        openRc();
        assertEquals(0, say("boot install --init openrc").status());
        Path hook = root.resolve("etc/init.d/blktrack");
        Files.delete(hook);
        assertEquals(0, say("boot reapply --dry-run").status());
        assertTrue(Files.notExists(hook));
        assertEquals(0, say("boot reapply").status());
        assertTrue(Files.exists(hook));
    }

    @Test
    void jsonIsAscii() throws IOException {
        build();
        String json = new String(output("boot", "install", "--init", "redhat", "--hooks-only", "--dry-run", "--json",
                "--root", root.toString()), StandardCharsets.ISO_8859_1);
        assertTrue(json.contains("caf\\u00e9 \\u00ff"), json);
        assertTrue(json.startsWith("{\n  \"schemaVersion\": 1,\n  \"init\": "), json);
    }

    @Test
    void linesSayTheirSchemaToo() {
        String json = new String(output("boot", "lines", "--init", "runit", "--json", "--root", root.toString()), StandardCharsets.US_ASCII);
        assertTrue(json.startsWith("{\n  \"schemaVersion\": 1,\n  \"init\": \"runit\",\n  \"lines\": "), json);
    }
}
