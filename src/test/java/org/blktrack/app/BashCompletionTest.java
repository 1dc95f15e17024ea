package org.blktrack.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BashCompletionTest {
    @TempDir
    Path folder;

    private static String completion() {
        PrintStream before = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            BashCompletion.main(new String[0]);
        } finally {
            System.setOut(before);
        }
        return printed.toString(StandardCharsets.UTF_8);
    }

    @Test
    void everyCommandIsCompleted() throws Exception {
        String script = completion();
        for (String word : new String[] {"enable", "changes", "checkpoint", "delete", "catalog", "--since", "--require-persistent"}) {
            assertTrue(script.contains(word), word);
        }
        Path file = Files.writeString(folder.resolve("completion"), script);
        assertEquals(0, new ProcessBuilder("bash", "-n", file.toString()).inheritIO().start().waitFor());
    }
}
