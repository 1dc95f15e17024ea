package org.blktrack.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
        return output(0, words);
    }

    private static byte[] output(int status, String... words) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream before = System.out;
        System.setOut(new PrintStream(bytes, true, StandardCharsets.US_ASCII));
        try {
            assertEquals(status, BlktrackCommand.commandLine(words).execute(words));
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

    @Test
    void aRefusalHasTheSameKeysWithAndWithoutAWayOut() throws IOException {
        Files.createDirectories(root.resolve("sbin"));
        Files.createDirectories(root.resolve("etc/runlevels/boot"));
        String json = new String(
                output(5, "boot", "install", "--init", "openrc", "--hooks-only", "--json", "--root", root.toString()), StandardCharsets.US_ASCII);
        assertTrue(json.contains("\"reason\": \"NO_RUNLEVEL\"") && json.contains("\"remedy\": null"), json);
    }

    @Test
    void jsonIsAscii() throws IOException {
        build();
        String json = new String(output("boot", "install", "--init", "redhat", "--hooks-only", "--dry-run", "--json",
                "--root", root.toString()), StandardCharsets.ISO_8859_1);
        assertTrue(json.contains("caf\\u00e9 \\u00ff"), json);
    }
}
