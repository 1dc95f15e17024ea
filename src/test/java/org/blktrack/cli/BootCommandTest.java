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
