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

/** Nothing in a dirty table counts; damage is told all the same. */
class TableShowCommandTest {
    @TempDir
    Path folder;

    private String show(boolean whole, Path table, String... options) {
        String[] arguments = new String[3 + options.length];
        System.arraycopy(new String[] {"table", "show", table.toString()}, 0, arguments, 0, 3);
        System.arraycopy(options, 0, arguments, 3, options.length);
        StringWriter out = new StringWriter();
        assertEquals(whole, BlktrackCommand.commandLine(arguments).setOut(new PrintWriter(out)).execute(arguments) == 0);
        return out.toString();
    }

    private static JsonObject first(String json) {
        return JsonParser.parseString(json).getAsJsonObject().getAsJsonArray("volumes").get(0).getAsJsonObject();
    }

    @Test
    void aDirtyTablesVolumesAreNotToBeTrusted() {
        Path table = Path.of("src/test/resources/table/dirty.table");
        String text = show(true, table);
        assertTrue(text.contains("UNKNOWN: UNCLEAN_SHUTDOWN"), text);
        assertFalse(text.contains("COMPLETE"), text);
        JsonObject volume = first(show(true, table, "--json"));
        assertEquals("UNKNOWN", volume.get("trust").getAsString());
        assertEquals("UNCLEAN_SHUTDOWN", volume.get("reason").getAsString());
    }

    @Test
    void damageIsToldOfADirtyTableToo() throws IOException {
        byte[] bytes = Files.readAllBytes(Path.of("src/test/resources/table/dirty.table"));
        bytes[2 * 4096 + 130] ^= 1;
        Path table = Files.write(folder.resolve("table"), bytes);
        assertTrue(show(false, table).contains("not whole at byte 8192"));
        JsonObject json = JsonParser.parseString(show(false, table, "--json")).getAsJsonObject();
        assertEquals(0, json.getAsJsonArray("flaws").size());
        assertEquals(8192, json.getAsJsonArray("warnings").get(0).getAsJsonObject().get("offsetBytes").getAsInt());
    }

    @Test
    void noVolumeOfADamagedTableIsCalledComplete() throws IOException {
        byte[] bytes = Files.readAllBytes(Path.of("src/test/resources/table/clean.table"));
        bytes[2 * 4096 + 130] ^= 1;
        Path table = Files.write(folder.resolve("table"), bytes);
        String text = show(false, table);
        assertFalse(text.contains("COMPLETE"), text);
        bytes[12] ^= 1;
        bytes[4096 + 12] ^= 1;
        Files.write(table, bytes);
        assertFalse(show(false, table).contains("1970"));
    }

    @Test
    void everyByteOfACleanTablesNewestHeaderCounts() throws IOException {
        byte[] clean = Files.readAllBytes(Path.of("src/test/resources/table/clean.table"));
        for (int at : new int[] {0, 8, 12, 40, 56, 70, 100, 3000, 4096, 4096 + 40, 4096 + 3000}) {
            byte[] bytes = clean.clone();
            bytes[at] ^= 1;
            show(false, Files.write(folder.resolve("table"), bytes), "--json");
        }
    }

    @Test
    void aCleanTablesTrustIsItsOwn() {
        String text = show(true, Path.of("src/test/resources/table/clean.table"));
        assertTrue(text.contains("COMPLETE") && text.contains("UNKNOWN: AUDIT_MISMATCH"), text);
    }
}
