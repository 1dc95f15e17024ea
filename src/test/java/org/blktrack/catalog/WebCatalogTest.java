package org.blktrack.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The catalogue over HTTP and HTTPS, from a real nginx, directly and through a real proxy. */
class WebCatalogTest {
    private static final Duration SHORT = Duration.ofSeconds(2);

    @TempDir
    static Path base;

    private static WebServer server;
    private static TestCatalog catalog;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        assumeTrue(WebServer.isInstalled(), "SKIPPED: nginx or tinyproxy is not installed");
        catalog = new TestCatalog(base);
        catalog.publish(5, TestCatalog.row(10));
        server = new WebServer(base);
    }

    @AfterAll
    static void stop() throws InterruptedException {
        if (server != null) {
            server.close();
        }
    }

    private static CatalogSource source(String address, Path ca, Map<String, String> environment) {
        return new HttpSource(URI.create(address), new CatalogConfig(null, ca).client(environment), SHORT);
    }

    private static String plain(String path) {
        return "http://127.0.0.1:" + server.http + path;
    }

    private static String secure(String path) {
        return "https://127.0.0.1:" + server.https + path;
    }

    private static void assertTaken(CatalogSource source) {
        assertEquals(List.of(TestCatalog.row(10)), catalog.load(source).rows());
    }

    private static void assertFails(ExitStatus status, String reason, CatalogSource source) {
        BlktrackException failure = assertThrows(BlktrackException.class, () -> catalog.load(source));
        assertEquals(reason, failure.reason(), failure.getMessage());
        assertEquals(status, failure.status());
    }

    @Test
    void overHttpAndHttps() {
        assertTaken(source(plain("/catalog"), null, Map.of()));
        assertTaken(source(plain("/catalog/"), null, Map.of()));
        assertTaken(source(secure("/catalog"), server.authority, Map.of()));
    }

    @Test
    void throughAProxy() throws IOException {
        String proxy = "http://127.0.0.1:" + server.proxy;
        assertFalse(server.proxyLog().contains("GET " + plain("/catalog/index.json")), "not asked yet");
        assertTaken(source(plain("/catalog"), null, Map.of("http_proxy", proxy)));
        assertTrue(server.proxyLog().contains("GET " + plain("/catalog/index.json")), server.proxyLog());
        assertFalse(server.proxyLog().contains("CONNECT 127.0.0.1"), server.proxyLog());
        assertTaken(source(secure("/catalog"), server.authority, Map.of("HTTPS_PROXY", proxy)));
        assertTrue(server.proxyLog().contains("CONNECT 127.0.0.1:" + server.https), server.proxyLog());
    }

    @Test
    void pastAProxyThatIsNotMeant() {
        String nowhere = "http://127.0.0.1:1";
        assertTaken(source(plain("/catalog"), null, Map.of("http_proxy", nowhere, "no_proxy", "example.org, 127.0.0.1")));
        assertFails(ExitStatus.FAILED, "CATALOG_UNREACHABLE", source(plain("/catalog"), null, Map.of("http_proxy", nowhere)));
        assertFails(ExitStatus.FAILED, "CATALOG_UNREACHABLE", source(plain("/catalog"), null, Map.of("all_proxy", nowhere)));
    }

    @Test
    void tlsFailures() throws IOException, InterruptedException {
        assertFails(ExitStatus.REFUSED, "TLS", source(secure("/catalog"), null, Map.of()));
        assertFails(ExitStatus.REFUSED, "TLS",
                source("https://localhost:" + server.https + "/catalog", server.authority, Map.of()));
        Path other = base.resolve("other-ca.pem");
        TestCatalog.run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-subj", "/CN=another", "-keyout", "/dev/null", "-out", other.toString());
        assertFails(ExitStatus.REFUSED, "TLS", source(secure("/catalog"), other, Map.of()));
        assertFails(ExitStatus.REFUSED, "TLS", source("https://127.0.0.1:" + server.http + "/catalog", server.authority, Map.of()));
    }

    @Test
    void redirects() {
        assertTaken(source(plain("/moved"), null, Map.of()));
        assertTaken(source(secure("/moved"), server.authority, Map.of()));
        assertFails(ExitStatus.REFUSED, "REDIRECT", source(plain("/round"), null, Map.of()));
        assertFails(ExitStatus.REFUSED, "REDIRECT", source(secure("/to-http"), server.authority, Map.of()));
        assertFails(ExitStatus.REFUSED, "REDIRECT", source(plain("/to-https"), server.authority, Map.of()));
        assertFails(ExitStatus.REFUSED, "REDIRECT", source(plain("/to-file"), null, Map.of()));
    }

    @Test
    void aLongErrorPageIsAnErrorPage() throws IOException {
        Files.writeString(base.resolve("page.html"), "x".repeat(1 << 20));
        assertFails(ExitStatus.FAILED, "CATALOG_UNREACHABLE", source(plain("/lost"), null, Map.of()));
        assertEquals(Optional.empty(), source(plain("/lost"), null, Map.of()).fetch("index.json.sig", 1 << 16));
    }

    @Test
    void unreachable() throws IOException {
        assertFails(ExitStatus.FAILED, "CATALOG_UNREACHABLE", source("http://127.0.0.1:1/catalog", null, Map.of()));
        assertFails(ExitStatus.FAILED, "CATALOG_UNREACHABLE", source("http://no-such-host.invalid/", null, Map.of()));
        assertFails(ExitStatus.FAILED, "CATALOG_UNREACHABLE", source(plain("/nothing-here"), null, Map.of()));
        assertFails(ExitStatus.FAILED, "CATALOG_UNREACHABLE", source(plain("/broken"), null, Map.of()));
    }

    @Test
    void indexOverFourMebibytes() throws IOException {
        Path large = Files.createDirectories(base.resolve("large"));
        Files.write(large.resolve("index.json"), new byte[CatalogIndex.MAX_BYTES + 1]);
        assertFails(ExitStatus.REFUSED, "TOO_LARGE", source(plain("/large"), null, Map.of()));
    }

    @Test
    void exchangedOnTheServer() throws IOException, InterruptedException {
        Path copy = base.resolve("exchanged");
        TestCatalog.run("cp", "-r", catalog.directory.toString(), copy.toString());
        Path index = copy.resolve("index.json");
        Files.writeString(index, Files.readString(index).replace("test", "best"));
        assertFails(ExitStatus.REFUSED, "BAD_SIGNATURE", source(secure("/exchanged"), server.authority, Map.of()));
        Files.delete(copy.resolve("index.json.sig"));
        assertFails(ExitStatus.REFUSED, "NO_SIGNATURE", source(secure("/exchanged"), server.authority, Map.of()));
    }

    @Test
    void aServerThatHardlySendsAnything() throws IOException {
        Path padded = Files.createDirectories(base.resolve("catalog"));
        assertTrue(Files.size(padded.resolve("index.json")) > 200);
        assertFails(ExitStatus.REFUSED, "TOO_SLOW", slow(plain("/slow"), Duration.ofMillis(900)));
    }

    private static CatalogSource slow(String address, Duration patience) {
        return new HttpSource(URI.create(address), new CatalogConfig(null, null).client(Map.of()), patience);
    }

    /** Answers a byte a tenth of a second, so that no pause is ever long. */
    @Test
    void aServerThatDripsItsHeaders() throws IOException, InterruptedException {
        try (ServerSocket listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread thread = new Thread(() -> drip(listener));
            thread.setDaemon(true);
            thread.start();
            assertFails(ExitStatus.REFUSED, "TOO_SLOW",
                    source("http://127.0.0.1:" + listener.getLocalPort() + "/", null, Map.of()));
        }
    }

    private static void drip(ServerSocket listener) {
        try (Socket socket = listener.accept()) {
            for (byte b : ("HTTP/1.1 200 OK\r\nX-Long: " + "x".repeat(10_000)).getBytes()) {
                socket.getOutputStream().write(b);
                socket.getOutputStream().flush();
                Thread.sleep(100);
            }
        } catch (IOException | InterruptedException e) {
            // The client went away, as it should.
        }
    }

    /** The limits as they ship: 30 s. */
    @Test
    @Tag("long")
    void theRealPatienceIsThirtySeconds() throws IOException {
        Path large = Files.createDirectories(base.resolve("catalog"));
        Files.write(large.resolve("padding"), new byte[1 << 16]);
        CatalogSource source = new CatalogConfig(null, null).source(plain("/slow"), Map.of());
        long start = System.nanoTime();
        BlktrackException failure = assertThrows(BlktrackException.class, () -> source.fetch("padding", 1 << 20));
        assertEquals("TOO_SLOW", failure.reason());
        long seconds = Duration.ofNanos(System.nanoTime() - start).toSeconds();
        assertTrue(seconds >= 29 && seconds <= 35, seconds + " s");
    }

    /** Each of them comes soon enough; all of them together do not. */
    @Test
    void manySmallFilesAreAsSlowAsOneLargeOne() throws IOException {
        Files.write(Files.createDirectories(base.resolve("catalog")).resolve("small"), new byte[300]);
        CatalogSource source = slow(plain("/slow"), Duration.ofMillis(3500));
        BlktrackException failure = assertThrows(BlktrackException.class, () -> {
            for (int i = 0; i < 9; i++) {
                source.fetch("small", 1 << 20);
            }
            catalog.load(source);
        });
        assertEquals("TOO_SLOW", failure.reason(), failure.getMessage());
        assertEquals(ExitStatus.REFUSED, failure.status());
    }
}
