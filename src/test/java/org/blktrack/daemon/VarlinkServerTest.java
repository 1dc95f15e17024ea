package org.blktrack.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;
import org.blktrack.track.Tracker;
import org.blktrack.wire.VarlinkClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The socket as another program meets it: bytes in, bytes out. */
class VarlinkServerTest {
    /** Of the form of a change id, and none. */
    private static final String NOBODYS = "0".repeat(32);

    @TempDir
    Path folder;

    private Machine machine;
    private VarlinkServer server;
    private SocketChannel client;
    private boolean imagesBehind;

    @BeforeEach
    void serve() throws IOException {
        machine = new Machine(folder);
        Tracker tracker = machine.daemon();
        Files.createDirectories(machine.places.runDir());
        server = VarlinkServer.listen(machine.places.socket(), new TrackerService(tracker, machine.kernel, machine.places, () -> imagesBehind));
        Thread thread = new Thread(server::serve);
        thread.setDaemon(true);
        thread.start();
        client = SocketChannel.open(UnixDomainSocketAddress.of(machine.places.socket()));
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        server.close();
    }

    private void send(String message) throws IOException {
        client.write(ByteBuffer.wrap((message + "\0").getBytes(StandardCharsets.UTF_8)));
    }

    private JsonObject receive() throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        ByteBuffer one = ByteBuffer.allocate(1);
        while (client.read(one.clear()) == 1 && one.get(0) != 0) {
            text.write(one.get(0));
        }
        return text.size() == 0 ? null : JsonParser.parseString(text.toString(StandardCharsets.UTF_8)).getAsJsonObject();
    }

    private JsonObject ask(String message) throws IOException {
        send(message);
        return receive();
    }

    private JsonObject call(String method, String parameters) throws IOException {
        return ask("{\"method\":\"org.blktrack.Tracker." + method + "\",\"parameters\":" + parameters + "}");
    }

    @Test
    void theSocketIsForItsGroupAlone() throws IOException {
        assertEquals("rw-rw----", PosixFilePermissions.toString(Files.getPosixFilePermissions(machine.places.socket())));
    }

    @Test
    void describesItself() throws IOException {
        JsonObject info = ask("{\"method\":\"org.varlink.service.GetInfo\"}").getAsJsonObject("parameters");
        assertTrue(info.getAsJsonArray("interfaces").toString().contains("org.blktrack.Tracker"));
        for (String name : new String[] {"org.blktrack.Tracker", "org.varlink.service"}) {
            String text = ask("{\"method\":\"org.varlink.service.GetInterfaceDescription\",\"parameters\":{\"interface\":\"" + name + "\"}}")
                    .getAsJsonObject("parameters").get("description").getAsString();
            new InterfaceParser(text).parse(name);
        }
        assertEquals("org.varlink.service.InterfaceNotFound",
                ask("{\"method\":\"org.varlink.service.GetInterfaceDescription\",\"parameters\":{\"interface\":\"x.y\"}}").get("error").getAsString());
    }

    @Test
    void aRangeComesInPartsAndTheLastOneSaysSo() throws IOException {
        call("Enable", "{\"device\":\"/dev/a\",\"granularityBytes\":4096}");
        String first = call("CreateCheckpoint", "{\"device\":\"/dev/a\"}").getAsJsonObject("parameters").get("changeId").getAsString();
        machine.kernel.volume("/dev/a").write(3, 5);
        machine.kernel.volume("/dev/a").discarded.set(4, 9);
        send("{\"method\":\"org.blktrack.Tracker.GetChanges\",\"more\":true,\"parameters\":{\"device\":\"/dev/a\",\"since\":\"" + first + "\"}}");
        JsonObject part = receive();
        assertTrue(part.get("continues").getAsBoolean());
        assertEquals("[{\"offsetBytes\":12288,\"lengthBytes\":8192,\"kind\":\"data\"},{\"offsetBytes\":20480,\"lengthBytes\":16384,\"kind\":\"discarded\"}]",
                part.getAsJsonObject("parameters").getAsJsonArray("extents").toString());
        JsonObject last = receive();
        assertFalse(last.has("continues"));
        assertTrue(last.getAsJsonObject("parameters").get("complete").getAsBoolean());
    }

    @Test
    void whatIsNotKnownIsNeverAnEmptyList() throws IOException {
        call("Enable", "{\"device\":\"/dev/a\"}");
        send("{\"method\":\"org.blktrack.Tracker.GetChanges\",\"more\":true,\"parameters\":{\"device\":\"/dev/a\",\"since\":\"" + NOBODYS + "\"}}");
        JsonObject answer = receive().getAsJsonObject("parameters");
        assertFalse(answer.get("complete").getAsBoolean());
        assertEquals("UNKNOWN_CHANGE_ID", answer.get("reason").getAsString());
        assertTrue(answer.get("extents").isJsonNull());
    }

    @Test
    void errorsHaveNames() throws IOException {
        assertEquals("org.varlink.service.MethodNotFound", call("Nothing", "{}").get("error").getAsString());
        assertEquals("org.varlink.service.InterfaceNotFound", ask("{\"method\":\"a.b.C\"}").get("error").getAsString());
        assertEquals("org.varlink.service.InvalidParameter", call("Disable", "{}").get("error").getAsString());
        assertEquals("org.varlink.service.InvalidParameter", call("Enable", "{\"device\":\"/dev/a\",\"granularityBytes\":1.5}").get("error").getAsString());
        assertEquals("org.varlink.service.ExpectedMore", call("GetChanges", "{\"device\":\"/dev/a\",\"since\":\"" + NOBODYS + "\"}").get("error").getAsString());
        JsonObject failed = call("Disable", "{\"device\":\"/dev/a\"}");
        assertEquals("org.blktrack.Tracker.Failed", failed.get("error").getAsString());
        assertEquals(5, failed.getAsJsonObject("parameters").get("status").getAsInt());
        assertEquals("NOT_TRACKED", failed.getAsJsonObject("parameters").get("name").getAsString());
    }

    private String invalidParameter(String message) throws IOException {
        JsonObject reply = ask(message);
        assertEquals("org.varlink.service.InvalidParameter", reply.has("error") ? reply.get("error").getAsString() : null, message);
        return reply.getAsJsonObject("parameters").get("parameter").getAsString();
    }

    private String invalidParameter(String method, String parameters) throws IOException {
        return invalidParameter("{\"method\":\"org.blktrack.Tracker." + method + "\",\"more\":true,\"parameters\":" + parameters + "}");
    }

    /** A client that misspells {@code until} must not be given a preview. */
    @Test
    void aParameterThatTheMethodDoesNotHave() throws IOException {
        call("Enable", "{\"device\":\"/dev/a\"}");
        assertEquals("Until", invalidParameter("GetChanges", "{\"device\":\"/dev/a\",\"since\":\"" + NOBODYS + "\",\"Until\":\"" + NOBODYS + "\"}"));
        for (String method : List.of("GetStatus", "Enable", "Disable", "CreateCheckpoint", "ListCheckpoints", "DeleteCheckpoint", "GetChanges", "Diagnose")) {
            assertEquals("Device", invalidParameter(method, "{\"Device\":\"/dev/a\"}"));
        }
        assertEquals("x", invalidParameter("{\"method\":\"org.varlink.service.GetInfo\",\"parameters\":{\"x\":1}}"));
        assertEquals("x", invalidParameter("{\"method\":\"org.varlink.service.GetInterfaceDescription\",\"parameters\":{\"interface\":\"x.y\",\"x\":1}}"));
        assertEquals("parametres", invalidParameter("{\"method\":\"org.blktrack.Tracker.GetStatus\",\"parametres\":{\"device\":\"/dev/a\"}}"));
    }

    @Test
    void aParameterOfAnotherType() throws IOException {
        for (String flag : List.of("more", "oneway", "upgrade")) {
            for (String value : List.of("\"yes\"", "1", "{}")) {
                assertEquals(flag, invalidParameter("{\"method\":\"org.blktrack.Tracker.GetStatus\",\"" + flag + "\":" + value + "}"));
            }
        }
        assertEquals("upgrade", invalidParameter("{\"method\":\"org.blktrack.Tracker.GetStatus\",\"upgrade\":true}"));
        assertEquals("method", invalidParameter("{\"method\":7.5}"));
        assertEquals("interface", invalidParameter("{\"method\":\"org.varlink.service.GetInterfaceDescription\",\"parameters\":{\"interface\":7}}"));
        assertEquals("device", invalidParameter("GetStatus", "{\"device\":7}"));
        assertEquals("granularityBytes", invalidParameter("Enable", "{\"device\":\"/dev/a\",\"granularityBytes\":\"65536\"}"));
        assertEquals("trustOffline", invalidParameter("Enable", "{\"device\":\"/dev/a\",\"trustOffline\":\"yes\"}"));
    }

    /** What a script's variable that was never set, or a program's own working folder, would make of it. */
    @Test
    void aDeviceIsAPathFromTheRootOrAVolumeId() throws IOException {
        call("Enable", "{\"device\":\"/dev/a\"}");
        for (String device : List.of("", "a", "dev/a", "./a", "A:b")) {
            assertEquals("device", invalidParameter("GetStatus", "{\"device\":\"" + device + "\"}"), device);
        }
        assertEquals("device", invalidParameter("Enable", "{\"device\":\"partuuid:a\"}"), "what is not there yet has no id that is known");
        assertTrue(call("GetStatus", "{\"device\":\"partuuid:a\"}").has("parameters"));
    }

    @Test
    void aChangeIdHasItsForm() throws IOException {
        String id = call("Enable", "{\"device\":\"/dev/a\"}").getAsJsonObject("parameters").getAsJsonObject("volume").get("changeId").getAsString();
        for (String bad : List.of("", "00", id + "0", id.substring(1) + "A", id.substring(1) + " ")) {
            assertEquals("since", invalidParameter("GetChanges", "{\"device\":\"/dev/a\",\"since\":\"" + bad + "\"}"));
            assertEquals("until", invalidParameter("GetChanges", "{\"device\":\"/dev/a\",\"since\":\"" + id + "\",\"until\":\"" + bad + "\"}"));
            assertEquals("changeId", invalidParameter("DeleteCheckpoint", "{\"device\":\"/dev/a\",\"changeId\":\"" + bad + "\"}"));
        }
    }

    @Test
    void whatIsNearlyJsonIsNone() throws IOException {
        for (String nearly : List.of("{method:'org.blktrack.Tracker.GetStatus'}", "{'method':'org.blktrack.Tracker.GetStatus'}",
                "{\"method\":\"org.blktrack.Tracker.GetStatus\";}", "{\"method\":\"org.blktrack.Tracker.GetStatus\"} {}",
                "{\"method\"=\"org.blktrack.Tracker.GetStatus\"}", "{\"method\":\"org.blktrack.Tracker.GetStatus\",\"more\":TRUE}",
                "/* x */{\"method\":\"org.blktrack.Tracker.GetStatus\"}", "{\"method\":\"org.blktrack.Tracker.GetStatus\",}")) {
            send(nearly);
            assertNull(receive(), nearly);
            client.close();
            client = connect();
        }
    }

    /** A record that ended with its device is no record that outlives anything. */
    @Test
    void whatIsGoneDoesNotPersist() throws IOException {
        machine.kernel.persistent = true;
        call("Enable", "{\"device\":\"/dev/a\"}");
        assertEquals("true null", status());
        for (String verdict : List.of("VOLUME_MISSING", "DEVICE_REPLACED")) {
            machine.kernel.volume(Machine.A).verdict = verdict;
            machine.kernel.gone = true;
            assertEquals("false \"" + verdict + "\"", status());
            machine.kernel.gone = false;
            assertEquals("true null", status());
        }
    }

    private static String persistence(JsonObject volume) {
        return volume.get("persistent") + " " + volume.get("persistentReason");
    }

    private String status() throws IOException {
        return persistence(call("GetStatus", "{}").getAsJsonObject("parameters").getAsJsonArray("volumes").get(0).getAsJsonObject());
    }

    @Test
    void imagesThatDoNotKnowOfTheVolumeKeepNoRecord() throws IOException {
        machine.kernel.persistent = true;
        imagesBehind = true;
        JsonObject enabled = call("Enable", "{\"device\":\"/dev/a\"}").getAsJsonObject("parameters").getAsJsonObject("volume");
        assertEquals("false \"IMAGES_BEHIND\"", persistence(enabled));
        assertEquals("false \"IMAGES_BEHIND\"", status());
        imagesBehind = false;
        assertEquals("true null", status());
        machine.kernel.persistent = false;
        imagesBehind = true;
        assertEquals("false \"HOOKS_MISSING\"", status(), "the helper's own reason goes first");
        machine.kernel.takeAway(Machine.A);
        assertEquals("false \"VOLUME_MISSING\"", status(), "nobody can tell of a disk that is away");
    }

    @Test
    void whoRequiresPersistenceIsRefusedWhileImagesAreBehind() throws IOException {
        machine.kernel.persistent = true;
        imagesBehind = true;
        JsonObject refusal = call("Enable", "{\"device\":\"/dev/a\",\"requirePersistent\":true}").getAsJsonObject("parameters");
        assertEquals("IMAGES_BEHIND", refusal.get("name").getAsString());
        assertEquals(5, refusal.get("status").getAsInt());
        assertTrue(refusal.get("remedy").getAsString().contains("blktrack boot reapply"), refusal.toString());
        assertTrue(machine.kernel.volumes.isEmpty());
        imagesBehind = false;
        assertEquals("true null", persistence(call("Enable", "{\"device\":\"/dev/a\",\"requirePersistent\":true}")
                .getAsJsonObject("parameters").getAsJsonObject("volume")));
    }

    @Test
    void anIdThatWasGivenUpIsNotShown() throws IOException {
        call("Enable", "{\"device\":\"/dev/a\"}");
        String id = call("CreateCheckpoint", "{\"device\":\"/dev/a\"}").getAsJsonObject("parameters").get("changeId").getAsString();
        assertEquals(id, shownId());
        call("DeleteCheckpoint", "{\"device\":\"/dev/a\",\"changeId\":\"" + id + "\"}");
        assertNull(shownId());
    }

    private String shownId() throws IOException {
        JsonObject volume = call("GetStatus", "{\"device\":\"/dev/a\"}").getAsJsonObject("parameters").getAsJsonArray("volumes").get(0).getAsJsonObject();
        return volume.has("changeId") && !volume.get("changeId").isJsonNull() ? volume.get("changeId").getAsString() : null;
    }

    @Test
    void aGranularityIsNamedAsItWasAsked() throws IOException {
        String message = call("Enable", "{\"device\":\"/dev/a\",\"granularityBytes\":4295032832}").getAsJsonObject("parameters").get("message").getAsString();
        assertTrue(message.contains("4295032832"), message);
    }

    @Test
    void aCallIsShort() throws IOException {
        assertEquals("NO_SUCH_DEVICE", call("GetStatus", "{\"device\":\"/" + "x".repeat(VarlinkServer.LARGEST_CALL / 2) + "\"}")
                .getAsJsonObject("parameters").get("name").getAsString());
        String large = "{\"method\":\"org.blktrack.Tracker.GetStatus\",\"x\":\"" + "x".repeat(VarlinkServer.LARGEST_CALL) + "\"}";
        assertThrows(IOException.class, () -> {
            if (ask(large) == null) {
                throw new IOException("hung up");
            }
        });
        client = SocketChannel.open(UnixDomainSocketAddress.of(machine.places.socket()));
        assertTrue(call("GetStatus", "{}").has("parameters"));
    }

    @Test
    void whoFindsNoPlaceIsToldWhy() throws IOException {
        assertTrue(call("GetStatus", "{}").has("parameters"));      // the first connection has its place
        List<SocketChannel> others = new ArrayList<>();
        try {
            for (int i = 1; i < VarlinkServer.MOST_CONNECTIONS; i++) {
                others.add(SocketChannel.open(UnixDomainSocketAddress.of(machine.places.socket())));
            }
            BlktrackException refusal = assertThrows(BlktrackException.class, () -> {
                try (VarlinkClient late = VarlinkClient.connect(machine.places.socket())) {
                    late.call("GetStatus", new JsonObject());
                }
            });
            assertEquals("BUSY", refusal.reason());
            assertEquals(ExitStatus.BUSY, refusal.status());
        } finally {
            for (SocketChannel other : others) {
                other.close();
            }
        }
    }

    private SocketChannel connect() throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(machine.places.socket()));
    }

    @Test
    void silentConnectionsMakeRoom() throws Exception {
        List<SocketChannel> silent = new ArrayList<>();
        try {
            for (int i = 0; i < 2 * VarlinkServer.MOST_CONNECTIONS; i++) {
                silent.add(connect());
            }
            Thread.sleep(1500);
            for (int i = 0; i < 3; i++) {
                try (VarlinkClient late = VarlinkClient.connect(machine.places.socket())) {
                    assertTrue(late.call("GetStatus", new JsonObject()).has("volumes"));
                }
            }
        } finally {
            for (SocketChannel each : silent) {
                each.close();
            }
        }
    }

    /** Every second granule: millions of bytes, more than a socket takes. */
    private String largeAnswer() throws IOException {
        machine.kernel.deviceSectors = 1 << 21;
        call("Enable", "{\"device\":\"/dev/a\",\"granularityBytes\":4096}");
        String first = call("CreateCheckpoint", "{\"device\":\"/dev/a\"}").getAsJsonObject("parameters").get("changeId").getAsString();
        for (int i = 0; i < 200_000; i += 2) {
            machine.kernel.volume("/dev/a").write(i, i + 1);
        }
        return "{\"method\":\"org.blktrack.Tracker.GetChanges\",\"more\":true,\"parameters\":{\"device\":\"/dev/a\",\"since\":\"" + first + "\"}}";
    }

    @Test
    void whoTakesNothingIsHungUpOn() throws Exception {
        send(largeAnswer());
        long end = System.nanoTime() + 10_000_000_000L;
        Thread.sleep(300);
        server.hangUpOnStalled(60_000_000_000L);
        Thread.sleep(300);
        server.hangUpOnStalled(200_000_000L);
        boolean whole = false;
        try {
            for (JsonObject reply = receive(); reply != null && System.nanoTime() < end; reply = receive()) {
                whole |= !reply.has("continues");
            }
        } catch (com.google.gson.JsonParseException cutShort) {
            // What the socket held ends anywhere.
        }
        assertFalse(whole);
        client = connect();
        assertTrue(call("GetStatus", "{}").has("parameters"));
    }

    @Test
    void answersThatNobodyTakesLeaveRoomForStatus() throws Exception {
        String question = largeAnswer();
        List<SocketChannel> greedy = new ArrayList<>();
        SocketChannel own = client;
        try {
            for (int i = 0; i < TrackerService.MOST_ANSWERS; i++) {
                client = connect();
                greedy.add(client);
                send(question);
            }
            Thread.sleep(1000);
            client = own;
            assertTrue(call("GetStatus", "{}").has("parameters"));
            JsonObject refusal = ask(question);
            assertEquals("BUSY", refusal.getAsJsonObject("parameters").get("name").getAsString());
            assertEquals(11, refusal.getAsJsonObject("parameters").get("status").getAsInt());
            server.hangUpOnStalled(500_000_000L);
            assertTrue(ask(question).get("continues").getAsBoolean());
        } finally {
            for (SocketChannel each : greedy) {
                each.close();
            }
        }
    }

    @Test
    void aReplyIsBounded() throws Exception {
        send(largeAnswer());
        int extents = 0;
        for (JsonObject reply = receive(); reply.has("continues"); reply = receive()) {
            int part = reply.getAsJsonObject("parameters").getAsJsonArray("extents").size();
            assertTrue(part <= 4096, part + " extents");
            extents += part;
        }
        assertEquals(100_000, extents);
    }

    @Test
    void aRemovedSocketComesBack() throws IOException {
        assertTrue(call("GetStatus", "{}").has("parameters"));      // accepted, and not only on its way
        Object before = Files.getAttribute(machine.places.socket(), "unix:ino");
        server.tend();
        assertEquals(before, Files.getAttribute(machine.places.socket(), "unix:ino"));
        Files.delete(machine.places.socket());
        server.tend();
        assertTrue(call("GetStatus", "{}").has("parameters"), "who is connected stays so");
        client = connect();
        assertTrue(call("GetStatus", "{}").has("parameters"));
        theSocketIsForItsGroupAlone();
        Files.delete(machine.places.socket());
        Files.createFile(machine.places.socket());
        server.tend();
        client = connect();
        assertTrue(call("GetStatus", "{}").has("parameters"));
    }

    @Test
    void anotherDaemonsSocketIsLeftAlone() throws IOException {
        Files.delete(machine.places.socket());
        try (java.nio.channels.ServerSocketChannel other = java.nio.channels.ServerSocketChannel.open(java.net.StandardProtocolFamily.UNIX)) {
            other.bind(UnixDomainSocketAddress.of(machine.places.socket()));
            assertEquals("BUSY", assertThrows(BlktrackException.class, server::tend).reason());
            server.close();
            assertTrue(Files.exists(machine.places.socket()));
        }
    }

    @Test
    void nonsenseEndsTheConnectionAndNothingElse() throws IOException {
        send("this is no JSON");
        assertNull(receive());
        client = SocketChannel.open(UnixDomainSocketAddress.of(machine.places.socket()));
        assertTrue(call("GetStatus", "{}").has("parameters"));
    }
}
