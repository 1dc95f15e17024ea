package org.blktrack.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The helper's command line. */
class HelperCommandTest {
    private static final Path HELPER = Path.of("target/native/blktrack-helper").toAbsolutePath();

    @BeforeEach
    void look() {
        assumeTrue(Files.isExecutable(HELPER), "needs " + HELPER + ", which the build makes");
    }

    private static void assertLacksItsValue(String option, String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of(HELPER.toString()));
        command.addAll(List.of(words));
        Process helper = new ProcessBuilder(command).start();
        String told = new String(helper.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(2, helper.waitFor(), told);
        assertTrue(told.startsWith("blktrack-helper: '" + option + "' is not understood here, or lacks its value\n"), told);
    }

    /** A script's variable that was never set must not mean the machine's own instance. */
    @Test
    void anEmptyPlaceIsAMistake() throws Exception {
        assertLacksItsValue("--state-dir", "--state-dir", "", "status");
        assertLacksItsValue("--connect", "--state-dir", "/tmp", "agent", "--connect", "");
    }
}
