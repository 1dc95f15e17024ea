package org.blktrack.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever answers, it is never taken for an answer, nor for a defect. */
class VarlinkClientTest {
    @TempDir
    Path folder;

    private BlktrackException failure(String answer) throws IOException {
        Path socket = folder.resolve("socket");
        try (FakeDaemon daemon = new FakeDaemon(socket, answer); VarlinkClient client = VarlinkClient.connect(socket)) {
            BlktrackException failure = assertThrows(BlktrackException.class, () -> client.call("GetStatus", new JsonObject()));
            assertTrue(failure.getMessage().contains(socket.toString()), failure.getMessage());
            assertEquals(ExitStatus.DAEMON_UNREACHABLE, failure.status());
            return failure;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"hello", "", "null", "[]", "7", "\"text\"", "{\"parameters\":[]}", "{\"parameters\":null}", "{\"parameters\":\"text\"}",
        "{\"error\":{}}", "{\"error\":7}", "{\"continues\":{}}", "{\"error\":\"org.blktrack.Tracker.Failed\"}",
        "{\"error\":\"org.blktrack.Tracker.Failed\",\"parameters\":{\"status\":{},\"name\":\"X\",\"message\":\"x\"}}",
        "{\"error\":\"org.blktrack.Tracker.Failed\",\"parameters\":{\"status\":1,\"name\":null,\"message\":\"x\"}}"})
    void aMalformedReplyIsToldAsSuch(String reply) throws IOException {
        assertEquals("BAD_REPLY", failure(reply + "\0").reason());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{\"parameters\":{}}"})
    void aReplyThatIsCutShortIsNone(String reply) throws IOException {
        assertEquals("DAEMON_GONE", failure(reply).reason());
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "["})
    void aReplyWithoutAnEndIsNotWaitedFor(String endless) throws IOException {
        assertEquals("BAD_REPLY", failure(endless.repeat((16 << 20) + 1)).reason());
    }

    @ParameterizedTest
    @ValueSource(strings = {"[", "{\"parameters\":"})
    void aReplyThatIsNestedWithoutEndIsMalformed(String nested) throws IOException {
        assertEquals("BAD_REPLY", failure(nested.repeat(1 << 20) + "\0").reason());
    }
}
