package org.blktrack.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import com.sun.jna.Library;
import com.sun.jna.Native;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;
import org.junit.jupiter.api.Test;
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

    /** Calls of the C library that Java has not. */
    public interface C extends Library {
        /** Of the calling thread alone; with it go the capabilities to pass over a file's mode. */
        int setfsuid(int user);
    }

    private static BlktrackException unreachable(Path socket) {
        C library = Native.load("c", C.class);
        int user = library.setfsuid(65534);
        try {
            return assertThrows(BlktrackException.class, () -> VarlinkClient.connect(socket));
        } finally {
            library.setfsuid(user);
        }
    }

    /** Nobody is told to start a daemon that runs and does not answer him. */
    @Test
    void whoMayNotConnectIsToldSo() throws IOException {
        Path socket = folder.resolve("run/socket");
        Files.createDirectory(socket.getParent());
        try (FakeDaemon daemon = new FakeDaemon(socket, "{}\0")) {
            Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------")); // the thread keeps root's group
            for (String folderMode : List.of("rwxr-xr-x", "rwx------")) {
                Files.setPosixFilePermissions(socket.getParent(), PosixFilePermissions.fromString(folderMode));
                Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
                assumeTrue(Files.getAttribute(folder, "unix:uid").equals(0), "SKIPPED: needs root, to be somebody else");
                BlktrackException refusal = unreachable(socket);
                assertEquals("NO_PRIVILEGE", refusal.reason());
                assertEquals(ExitStatus.FAILED, refusal.status());
                assertTrue(refusal.getMessage().contains(socket.toString()) && refusal.remedy().contains("group blktrack"), refusal.remedy());
            }
        }
    }

    @Test
    void whereNobodyListensTheDaemonIsNotReachable() {
        BlktrackException refusal = assertThrows(BlktrackException.class, () -> VarlinkClient.connect(folder.resolve("socket")));
        assertEquals("DAEMON_NOT_REACHABLE", refusal.reason());
        assertEquals(ExitStatus.DAEMON_UNREACHABLE, refusal.status());
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
