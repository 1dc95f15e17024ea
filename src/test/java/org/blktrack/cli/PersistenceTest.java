package org.blktrack.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PersistenceTest {
    @ParameterizedTest
    @CsvSource({"IMAGES_BEHIND, blktrack boot reapply", "HOOKS_MISSING, blktrack boot install"})
    void whatCanBeMendedIsNamedWithTheCommand(String reason, String command) {
        String fault = fault(reason);
        assertTrue(fault.startsWith(reason + ", ") && fault.contains("'" + command + "'"), fault);
    }

    @Test
    void aNameFromANewerHelperStandsForItself() {
        assertEquals("NOT_HEARD_OF", fault("NOT_HEARD_OF"));
    }

    private static String fault(String reason) {
        JsonObject volume = new JsonObject();
        volume.addProperty("persistentReason", reason);
        return Persistence.fault(volume);
    }
}
