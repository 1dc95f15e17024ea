package org.blktrack.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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

    private static int helper(String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of(HELPER.toString()));
        command.addAll(List.of(words));
        return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor();
    }

    @Test
    void anEmptyPlaceIsAMistake() throws Exception {
        assertEquals(2, helper("--state-dir", "", "status"));
        assertEquals(2, helper("--state-dir", "/tmp", "agent", "--connect", ""));
    }
}
