package org.blktrack.catalog;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.blktrack.bootscript.CatalogueRow;

/** A catalogue with keys of its own, made anew for each test. */
final class TestCatalog {
    static final Instant NOW = Instant.parse("2026-11-01T12:00:00Z");
    static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);

    final Path directory;
    final Path keys;
    final Path seen;
    private final Path secret;

    TestCatalog(Path base) throws IOException, InterruptedException {
        directory = base.resolve("catalog");
        keys = Files.createDirectories(base.resolve("keys.d"));
        seen = base.resolve("seen.json");
        secret = base.resolve("secret.pem");
        makeKey(secret, keys.resolve("vendor.pub"));
    }

    static void makeKey(Path secret, Path open) throws IOException, InterruptedException {
        run("openssl", "genpkey", "-algorithm", "ed25519", "-out", secret.toString());
        run("openssl", "pkey", "-in", secret.toString(), "-pubout", "-out", open.toString());
    }

    static void run(String... words) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes());
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", words) + ": " + said);
        }
    }

    static CatalogueRow row(int line) {
        return new CatalogueRow("halt", "0123456789abcdef".repeat(4), line, "stop", List.of("9.99"));
    }

    void publish(long version, CatalogueRow... rows) {
        publish(version, NOW.plus(Duration.ofDays(30)), rows);
    }

    void publish(long version, Instant expires, CatalogueRow... rows) {
        CatalogPublisher.build(directory, "test", version, expires, List.of(rows));
        sign();
    }

    void sign() {
        CatalogPublisher.sign(directory, List.of(secret), List.of(keys.resolve("vendor.pub")));
    }

    /** Puts another text in the index's place and signs that, as a thief of the key could. */
    void forge(String from, String to) throws IOException {
        String index = Files.readString(directory.resolve("index.json"));
        if (!index.contains(from)) {
            throw new IllegalArgumentException("the index holds no " + from);
        }
        Files.writeString(directory.resolve("index.json"), index.replace(from, to));
        sign();
    }

    Path onlyFile() throws IOException {
        try (var files = Files.list(directory.resolve("files"))) {
            return files.findFirst().orElseThrow();
        }
    }

    RemoteCatalog.Checked load(CatalogSource source) {
        return new RemoteCatalog(source, CatalogConfig.keys(keys), new SeenVersions(seen, true), CLOCK).load();
    }

    RemoteCatalog.Checked load() {
        return load(new DirectorySource(directory));
    }
}
