package org.blktrack.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import com.sun.nio.file.ExtendedOpenOption;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.BitSet;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;
import org.blktrack.model.Places;
import org.blktrack.wire.VarlinkClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The daemon, the real helper, this machine's kernel, and a loop device. */
@Tag("native")
class NativeTest {
    private static final Path HELPER = Path.of("target/native/blktrack-helper").toAbsolutePath();
    private static final long SIZE = 64L << 20;
    private static final int GRANULE = 64 << 10;
    private static final int BLOCK = 4096;

    @TempDir
    Path folder;

    private String device;
    private Places places;
    private Process daemon;

    @BeforeEach
    void set() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "needs root");
        assumeTrue(Files.isReadable(Path.of("/sys/kernel/btf/vmlinux")), "needs a kernel with BTF");
        assumeTrue(Files.isExecutable(HELPER), "needs " + HELPER + ", which the build makes");
        Path image = folder.resolve("image");
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(SIZE);
        }
        device = run("losetup", "--find", "--show", image.toString());
        places = Places.of(folder.resolve("state").toString(), null);
        start();
    }

    private void start() throws Exception {
        daemon = launch();
        for (int i = 0; i < 200; i++) {
            try (VarlinkClient client = VarlinkClient.connect(places.socket())) {
                return;
            } catch (BlktrackException notYet) {
                assertTrue(daemon.isAlive(), () -> "the daemon ended: " + log());
                Thread.sleep(50);
            }
        }
        throw new IllegalStateException("the daemon does not answer: " + log());
    }

    private Process launch() throws IOException {
        ProcessBuilder builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin/java").toString(), "-cp",
                System.getProperty("java.class.path"), "org.blktrack.app.Blktrackd", "--foreground", "--state-dir", places.stateDir().toString(),
                "--socket", places.socket().toString());
        builder.environment().put("BLKTRACK_HELPER", HELPER.toString());
        return builder.redirectErrorStream(true).redirectOutput(folder.resolve("log").toFile()).start();
    }

    private String log() {
        try {
            return Files.readString(folder.resolve("log"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    @AfterEach
    void clear() throws Exception {
        if (daemon != null) {
            daemon.destroyForcibly().waitFor();
            new ProcessBuilder(HELPER.toString(), "--state-dir", places.stateDir().toString(), "stop").start().waitFor();
        }
        if (device != null) {
            run("losetup", "--detach", device);
        }
    }

    private static String run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim();
        assertEquals(0, process.waitFor(), text);
        return text;
    }

    private JsonObject call(String method) {
        JsonObject parameters = new JsonObject();
        parameters.addProperty("device", device);
        try (VarlinkClient client = VarlinkClient.connect(places.socket())) {
            return client.call(method, parameters);
        }
    }

    private BitSet changes(String since, String until) {
        JsonObject parameters = new JsonObject();
        parameters.addProperty("device", device);
        parameters.addProperty("since", since);
        parameters.addProperty("until", until);
        BitSet granules = new BitSet();
        try (VarlinkClient client = VarlinkClient.connect(places.socket())) {
            client.callMore("GetChanges", parameters, reply -> {
                assertTrue(reply.get("complete").getAsBoolean(), reply::toString);
                reply.getAsJsonArray("extents").forEach(each -> {
                    int first = (int) (each.getAsJsonObject().get("offsetBytes").getAsLong() / GRANULE);
                    granules.set(first, first + (int) (each.getAsJsonObject().get("lengthBytes").getAsLong() / GRANULE));
                });
            });
        }
        return granules;
    }

    private BitSet write(Random random, int writes) throws IOException {
        BitSet granules = new BitSet();
        ByteBuffer block = ByteBuffer.allocateDirect(2 * BLOCK).alignedSlice(BLOCK);
        try (FileChannel file = FileChannel.open(Path.of(device), StandardOpenOption.WRITE, ExtendedOpenOption.DIRECT)) {
            for (int i = 0; i < writes; i++) {
                long offset = (long) random.nextInt((int) (SIZE / BLOCK)) * BLOCK;
                file.write(block.clear().limit(BLOCK), offset);
                granules.set((int) (offset / GRANULE));
            }
        }
        return granules;
    }

    private String checkpoint() {
        return call("CreateCheckpoint").get("changeId").getAsString();
    }

    @Test
    void noRangeMissesAWriteAndAKilledDaemonLosesNothing() throws Exception {
        Random random = new Random(11);
        String start = call("Enable").getAsJsonObject("volume").get("changeId").getAsString();
        BitSet first = write(random, 40);
        String middle = checkpoint();
        BitSet second = write(random, 40);
        daemon.destroyForcibly().waitFor();
        BitSet unseen = write(random, 40);
        second.or(unseen);
        start();
        BitSet both = (BitSet) first.clone();
        both.or(second);
        assertHolds(second, changes(middle, null), both);
        String last = checkpoint();
        assertEquals(first, changes(start, middle));
        assertHolds(second, changes(middle, last), both);
        assertHolds(new BitSet(), changes(last, null), both);
        assertEquals(both, changes(start, null));
    }

    /**
     * A checkpoint of a volume that is not frozen carries what may have been in flight into the new epoch: more is told, never less, and
     * nothing that was never written.
     */
    private static void assertHolds(BitSet written, BitSet told, BitSet everWritten) {
        BitSet missed = (BitSet) written.clone();
        missed.andNot(told);
        assertEquals(new BitSet(), missed, "missed");
        BitSet made = (BitSet) told.clone();
        made.andNot(everWritten);
        assertEquals(new BitSet(), made, "never written");
    }

    @Test
    void aSecondDaemonOnTheSameStateIsRefused() throws Exception {
        Process second = launch();
        assertTrue(second.waitFor(30, TimeUnit.SECONDS));
        assertEquals(ExitStatus.BUSY.code(), second.exitValue(), log());
        assertTrue(daemon.isAlive());
    }

    @Test
    void aKilledAgentIsStartedAgain() throws Exception {
        String start = call("Enable").getAsJsonObject("volume").get("changeId").getAsString();
        daemon.children().forEach(ProcessHandle::destroyForcibly);
        BitSet written = write(new Random(3), 10);
        try {
            call("GetStatus");
        } catch (BlktrackException e) {
            assertEquals("AGENT_GONE", e.reason());
        }
        assertEquals(written, changes(start, null));
    }

    @Test
    void aStoppedAgentIsEndedSoonAndNamed() throws Exception {
        String start = call("Enable").getAsJsonObject("volume").get("changeId").getAsString();
        long agent = daemon.children().findFirst().orElseThrow().pid();
        run("kill", "-STOP", String.valueOf(agent));
        BitSet written = write(new Random(4), 10);
        BlktrackException told = assertTimeoutPreemptively(Duration.ofSeconds(10), () -> assertThrows(BlktrackException.class, () -> call("GetStatus")));
        assertEquals("AGENT_GONE", told.reason());
        assertTrue(told.getMessage().contains("(process " + agent + ") had been stopped by a signal"), told.getMessage());
        assertEquals(written, changes(start, null));
    }

    @Test
    void aDisabledVolumeIsGone() {
        call("Enable");
        call("Disable");
        assertTrue(call0("GetStatus").getAsJsonArray("volumes").isEmpty());
        assertFalse(call("Enable").getAsJsonObject("volume").get("series").isJsonNull());
    }

    private JsonObject call0(String method) {
        try (VarlinkClient client = VarlinkClient.connect(places.socket())) {
            return client.call(method, new JsonObject());
        }
    }
}
