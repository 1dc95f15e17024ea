package org.blktrack.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What a mistyped line is answered with. */
class MistakeTest {
    private static String told(String... arguments) {
        PrintStream before = System.err;
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
        try {
            assertEquals(2, Main.run(arguments));
        } finally {
            System.setErr(before);
        }
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void anErrorIsNotCalledSoTwice() {
        String told = told("changes", "/dev/null", "--since", "0".repeat(32), "--json", "--raw", "file");
        assertTrue(told.startsWith("blktrack: --json, --raw=FILE are mutually exclusive"), told);
    }

    @Test
    void onlyWhatIsNearIsSuggested() {
        for (String[] near : new String[][] {{"statsu", "status"}, {"enabel", "enable"}, {"change", "changes"}, {"dissable", "disable"}}) {
            assertTrue(told(near[0]).contains("did you mean " + near[1]), told(near[0]));
        }
        for (String nonsense : new String[] {"frobnicate", "nothing", "xy", "/dev/sda"}) {
            assertFalse(told(nonsense).contains("did you mean"), told(nonsense));
        }
        assertFalse(told("status", "/dev/null", "--bogus").contains("did you mean"));
    }
}
