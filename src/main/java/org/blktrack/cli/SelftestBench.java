package org.blktrack.cli;

import com.google.gson.JsonObject;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;
import org.blktrack.model.Granularity;
import org.blktrack.model.Places;
import org.blktrack.wire.VarlinkClient;

/** A loop device and a daemon of their own, removed again whatever happens. */
final class SelftestBench implements AutoCloseable {
    static final long SIZE_BYTES = 256L << 20;
    private static final long START_TIMEOUT_MS = 20_000;

    private final Path folder;
    private final Places places;
    private String device;
    private Process daemon;

    private SelftestBench(Path folder) {
        this.folder = folder;
        places = Places.of(folder.resolve("state").toString(), null);
    }

    static SelftestBench set(Granularity granularity) throws IOException {
        SelftestBench bench = new SelftestBench(Files.createTempDirectory(Path.of("/var/tmp"), "blktrack-"));
        try {
            bench.makeDevice();
            bench.startDaemon();
            JsonObject parameters = bench.parameters();
            parameters.addProperty("granularityBytes", granularity.bytes());
            bench.call("Enable", parameters);
            return bench;
        } catch (IOException | RuntimeException e) {
            bench.close();
            throw e;
        }
    }

    private void makeDevice() throws IOException {
        Path image = folder.resolve("image");
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(SIZE_BYTES);
        }
        device = run("losetup", "--find", "--show", "--direct-io=off", image.toString());
    }

    private void startDaemon() throws IOException {
        Path log = folder.resolve("daemon.log");
        daemon = new ProcessBuilder(Programs.daemon().toString(), "--foreground", "--state-dir", places.stateDir().toString(),
                "--socket", places.socket().toString())
                .redirectErrorStream(true).redirectOutput(log.toFile()).redirectInput(new File("/dev/null")).start();
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(START_TIMEOUT_MS);
        while (!Files.exists(places.socket())) {
            if (!daemon.isAlive() || System.nanoTime() > deadline) {
                throw new BlktrackException(ExitStatus.FAILED, "SELFTEST_DAEMON", "the private daemon did not start: " + Files.readString(log).trim(),
                        "'blktrack doctor' says what this machine lacks.");
            }
            pause();
        }
    }

    String device() {
        return device;
    }

    JsonObject parameters() {
        JsonObject parameters = new JsonObject();
        parameters.addProperty("device", device);
        return parameters;
    }

    JsonObject call(String method, JsonObject parameters) {
        try (VarlinkClient client = connect()) {
            return client.call(method, parameters);
        }
    }

    VarlinkClient connect() {
        return VarlinkClient.connect(places.socket());
    }

    /** Pins go with the helper's stop; then daemon, device and files. */
    @Override
    public void close() throws IOException {
        if (daemon != null) {
            try {
                call("Disable", parameters());
            } catch (BlktrackException notEnabled) {
                // What failed before is told already.
            }
            daemon.destroy();
            waitFor(daemon);
            quietly(Programs.helper().toString(), "--state-dir", places.stateDir().toString(), "stop");
        }
        if (device != null) {
            quietly("losetup", "--detach", device);
        }
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
        }
    }

    private static void quietly(String... command) {
        try {
            run(command);
        } catch (IOException | BlktrackException e) {
            System.err.println("blktrack: " + e.getMessage());
        }
    }

    private static String run(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim();
        if (waitFor(process) != 0) {
            throw new BlktrackException(ExitStatus.FAILED, "SELFTEST_SETUP", String.join(" ", List.of(command)) + " failed: " + text,
                    "The selftest needs root, loop devices and 256 MiB in /var/tmp.");
        }
        return text;
    }

    private static int waitFor(Process process) {
        try {
            return process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return -1;
        }
    }

    private static void pause() {
        try {
            Thread.sleep(50);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
