package org.blktrack.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A dirty table is no fault, and nothing in it counts. */
class TableShowCommandTest {
    @TempDir
    Path folder;

    private String show(Path table, String... options) {
        String[] arguments = new String[3 + options.length];
        System.arraycopy(new String[] {"table", "show", table.toString()}, 0, arguments, 0, 3);
        System.arraycopy(options, 0, arguments, 3, options.length);
        StringWriter out = new StringWriter();
        assertEquals(0, BlktrackCommand.commandLine(arguments).setOut(new PrintWriter(out)).execute(arguments));
        return out.toString();
    }

    @Test
    void aDirtyTablesVolumesAreNotToBeTrusted() throws IOException {
        byte[] bytes = Files.readAllBytes(Path.of("src/test/resources/table/dirty.table"));
        bytes[2 * 4096 + 130] ^= 1;
        Path table = Files.write(folder.resolve("table"), bytes);
        String text = show(table);
        assertTrue(text.contains("not to be trusted: dirty") && text.contains("not whole at byte 8192"), text);
        assertFalse(text.contains("COMPLETE"), text);
        JsonObject json = JsonParser.parseString(show(table, "--json")).getAsJsonObject();
        assertEquals(0, json.getAsJsonArray("flaws").size());
        assertEquals(8192, json.getAsJsonArray("warnings").get(0).getAsJsonObject().get("offsetBytes").getAsInt());
    }

    @Test
    void aCleanTablesTrustIsItsOwn() {
        String text = show(Path.of("src/test/resources/table/clean.table"));
        assertTrue(text.contains("COMPLETE") && text.contains("UNKNOWN: AUDIT_MISMATCH"), text);
    }
}
