package org.blktrack.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.blktrack.bootscript.CatalogueRow;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.Digest;
import org.blktrack.model.ExitStatus;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What someone who holds the server, the way there or an old key may do to a catalogue. */
class CatalogAttackTest {
    @TempDir
    Path base;

    private TestCatalog catalog;

    @BeforeEach
    void publish() throws IOException, InterruptedException {
        catalog = new TestCatalog(base);
        catalog.publish(5, TestCatalog.row(10));
    }

    private void assertRefused(String reason) {
        BlktrackException refusal = assertThrows(BlktrackException.class, () -> catalog.load());
        assertEquals(reason, refusal.reason(), refusal.getMessage());
        assertEquals(ExitStatus.REFUSED, refusal.status());
    }

    @Test
    void anHonestCatalogueIsTaken() {
        RemoteCatalog.Checked checked = catalog.load();
        assertEquals(List.of(TestCatalog.row(10)), checked.rows());
        assertEquals(5, checked.index().version());
        assertEquals(checked, catalog.load(), "the same version again is fine");
        catalog.publish(6, TestCatalog.row(11));
        assertEquals(List.of(TestCatalog.row(11)), catalog.load().rows());
    }

    /** The signature is plain Ed25519 over the index's bytes: openssl agrees. */
    @Test
    void opensslAgreesWithTheSignature() throws IOException, InterruptedException {
        String json = Files.readString(catalog.directory.resolve("index.json.sig"));
        String base64 = json.replaceAll("(?s).*\"signature\": \"([^\"]+)\".*", "$1");
        Path raw = Files.write(base.resolve("raw.sig"), java.util.Base64.getDecoder().decode(base64));
        TestCatalog.run("openssl", "pkeyutl", "-verify", "-pubin", "-inkey", catalog.keys.resolve("vendor.pub").toString(),
                "-rawin", "-in", catalog.directory.resolve("index.json").toString(), "-sigfile", raw.toString());
    }

    @Test
    void missingSignature() throws IOException {
        Files.delete(catalog.directory.resolve("index.json.sig"));
        assertRefused("NO_SIGNATURE");
    }

    @Test
    void changedIndex() throws IOException {
        Path index = catalog.directory.resolve("index.json");
        Files.writeString(index, Files.readString(index).replace("\"version\": 5", "\"version\": 9"));
        assertRefused("BAD_SIGNATURE");
    }

    @Test
    void damagedSignatureFile() throws IOException {
        for (String text : List.of("", "{}", "null", "not json", "{\"signatures\": [null]}", "[]")) {
            Files.writeString(catalog.directory.resolve("index.json.sig"), text);
            BlktrackException refusal = assertThrows(BlktrackException.class, () -> catalog.load(), text);
            assertEquals(ExitStatus.REFUSED, refusal.status());
        }
    }

    @Test
    void signedByAStranger() throws IOException, InterruptedException {
        TestCatalog stranger = new TestCatalog(Files.createDirectory(base.resolve("stranger")));
        stranger.publish(9, TestCatalog.row(3));
        BlktrackException refusal = assertThrows(BlktrackException.class, () -> catalog.load(new DirectorySource(stranger.directory)));
        assertEquals("UNKNOWN_KEY", refusal.reason());
    }

    @Test
    void noKeyToCheckWith() throws IOException {
        Files.delete(catalog.keys.resolve("vendor.pub"));
        assertRefused("NO_KEYS");
    }

    @Test
    void olderThanSeen() {
        catalog.load();
        Path old = base.resolve("old");
        copy(catalog.directory, old);
        catalog.publish(7, TestCatalog.row(10));
        catalog.load();
        BlktrackException refusal = assertThrows(BlktrackException.class, () -> catalog.load(new DirectorySource(old)));
        assertEquals("ROLLBACK", refusal.reason());
    }

    private static void copy(Path from, Path to) {
        try {
            TestCatalog.run("cp", "-r", from.toString(), to.toString());
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void twoIndexesWithOneVersion() throws IOException {
        catalog.load();
        catalog.forge("\"expires\": \"2026-12-01", "\"expires\": \"2026-12-02");
        assertRefused("EQUIVOCATION");
    }

    @Test
    void damagedRecordOfVersionsIsNotTakenForAnEmptyOne() throws IOException {
        catalog.load();
        for (String text : List.of("{ broken", "", "null", " \n", "[]")) {
            assertDamaged(text);
        }
    }

    @Test
    void partsOfTheRecordOfVersionsLost() throws IOException {
        catalog.load();
        String whole = Files.readString(catalog.seen);
        String entry = whole.replaceAll("(?s).*\"([0-9a-f]{16} test)\".*", "$1");
        for (String value : List.of("null", "{}", "{\"version\": 5}", "{\"sha256\": \"00\"}", "{\"version\": 0, \"sha256\": \"00\"}")) {
            assertDamaged("{\"" + entry + "\": " + value + "}");
        }
        assertDamaged(whole.replace("\"name\"", "\"x\""));
    }

    /** Both are signed by one key: a test catalogue must not pass for the one that a machine has chosen. */
    @Test
    void anotherCatalogueOfTheSameVendor() throws IOException {
        catalog.load();
        catalog.forge("\"name\": \"test\"", "\"name\": \"testing\"");
        assertRefused("OTHER_CATALOG");
        BlktrackException refusal = assertThrows(BlktrackException.class,
                () -> catalog.load(new DirectorySource(catalog.directory.resolve("../catalog"))), "the same place, written otherwise");
        assertEquals("OTHER_CATALOG", refusal.reason());
        Path elsewhere = base.resolve("elsewhere");
        copy(catalog.directory, elsewhere);
        assertEquals("testing", catalog.load(new DirectorySource(elsewhere)).index().name(), "its own address");
        Files.writeString(catalog.seen, Files.readString(catalog.seen).replace("at " + catalog.directory, "at /another"));
        assertEquals("testing", catalog.load().index().name(), "as the message says");
    }

    private void assertDamaged(String record) throws IOException {
        Files.writeString(catalog.seen, record);
        assertEquals(ExitStatus.STATE_CORRUPT, assertThrows(BlktrackException.class, () -> catalog.load()).status());
    }

    @Test
    void expired() {
        catalog.publish(6, TestCatalog.NOW, TestCatalog.row(10));
        assertRefused("EXPIRED");
        catalog.publish(7, TestCatalog.NOW.minus(Duration.ofDays(1)), TestCatalog.row(10));
        assertRefused("EXPIRED");
        assertFalse(Files.exists(catalog.seen), "what was refused was not noted");
    }

    @Test
    void exchangedFile() throws IOException {
        Path file = catalog.onlyFile();
        Files.writeString(file, Files.readString(file).replace("\"line\":10", "\"line\":12"));
        assertRefused("WRONG_HASH");
    }

    @Test
    void fileOfAnotherSize() throws IOException {
        Path file = catalog.onlyFile();
        byte[] content = Files.readAllBytes(file);
        Files.write(file, java.util.Arrays.copyOf(content, content.length - 1));
        assertRefused("WRONG_SIZE");
        Files.write(file, content);
        Files.writeString(file, " ", StandardOpenOption.APPEND);
        assertRefused("TOO_LARGE");
        Files.delete(file);
        assertRefused("WRONG_SIZE");
    }

    @Test
    void pathsThatLeaveTheTree() throws IOException {
        String honest = "\"path\": \"files/" + catalog.onlyFile().getFileName();
        String last = honest;
        for (String path : List.of("../outside.json", "files/../../outside.json", "/etc/passwd", "file:///etc/passwd",
                "http://elsewhere/x.json", "//elsewhere/x.json", "..\\\\outside.json", "files/%2e%2e/x", "x?y", "", ".", "a//b")) {
            String forged = "\"path\": \"" + path;
            catalog.forge(last, forged);
            last = forged;
            assertRefused("BAD_PATH");
        }
    }

    @Test
    void linkThatLeavesTheTree() throws IOException {
        Path file = catalog.onlyFile();
        Path outside = base.resolve("outside.json");
        Files.move(file, outside);
        Files.createSymbolicLink(file, outside);
        assertRefused("BAD_PATH");
    }

    @Test
    void hugeIndex() throws IOException {
        Files.write(catalog.directory.resolve("index.json"), new byte[CatalogIndex.MAX_BYTES + 1]);
        assertRefused("TOO_LARGE");
    }

    @Test
    void indexThatPromisesTooMuch() throws IOException {
        long size = Files.size(catalog.onlyFile());
        catalog.forge("\"size\": " + size, "\"size\": " + (1L << 40));
        assertRefused("BAD_INDEX");
    }

    @Test
    void malformedIndexes() throws IOException {
        Path index = catalog.directory.resolve("index.json");
        for (String text : List.of("", "null", "[]", "{}", "{\"format\": 2}", "{\"format\": 1, \"name\": \"x\", \"version\": 1}",
                "{\"format\": 1, \"name\": \"x\", \"version\": 6, \"expires\": \"soon\", \"files\": []}",
                "{\"format\": 1, \"name\": \"x\", \"version\": 6, \"expires\": \"2027-01-01T00:00:00Z\", \"files\": [null]}")) {
            Files.writeString(index, text);
            catalog.sign();
            assertRefused("BAD_INDEX");
        }
    }

    @Test
    void malformedRows() {
        for (CatalogueRow row : List.of(
                new CatalogueRow("halt", "0".repeat(64), 0, "stop", List.of()),
                new CatalogueRow("halt", "0".repeat(64), 10, "start", List.of()),
                new CatalogueRow("halt", "0".repeat(64), 10, "rm -rf /", List.of()),
                new CatalogueRow("../halt", "0".repeat(64), 10, "stop", List.of()),
                new CatalogueRow("halt", "short", 10, "stop", List.of()))) {
            assertThrows(IllegalArgumentException.class, () -> catalog.publish(8, row));
        }
    }

    @Test
    void malformedRowsFromElsewhere() throws IOException {
        Path file = catalog.onlyFile();
        byte[] forged = Files.readString(file).replace("\"line\":10", "\"line\":-1").getBytes();
        String before = file.getFileName().toString().replace(".json", "");
        long size = Files.size(file);
        Files.write(file, forged);
        catalog.forge("\"sha256\": \"" + before, "\"sha256\": \"" + Digest.sha256(forged));
        catalog.forge("\"size\": " + size, "\"size\": " + forged.length);
        assertRefused("BAD_ROW");
    }

    @Test
    void thePublisherIsHeldToTheRulesToo() throws IOException, InterruptedException {
        assertEquals("ROLLBACK", assertThrows(BlktrackException.class, () -> catalog.publish(5, TestCatalog.row(1 + 1))).reason());
        assertThrows(IllegalArgumentException.class, () -> catalog.publish(6, TestCatalog.row(2), TestCatalog.row(3)));
        Path other = base.resolve("other.pem");
        TestCatalog.makeKey(other, base.resolve("other.pub"));
        assertThrows(BlktrackException.class,
                () -> CatalogPublisher.sign(catalog.directory, List.of(other), List.of(catalog.keys.resolve("vendor.pub"))));
    }

    /** While keys are being changed an index has two signatures, and the file that holds them is not signed itself. */
    @Test
    void anOlderIndexUnderTheOtherOfTwoKeys() throws IOException, InterruptedException {
        Path second = base.resolve("second.pem");
        TestCatalog.makeKey(second, catalog.keys.resolve("second.pub"));
        List<Path> keys = List.of(base.resolve("secret.pem"), second);
        List<Path> open = List.of(catalog.keys.resolve("vendor.pub"), catalog.keys.resolve("second.pub"));
        CatalogPublisher.sign(catalog.directory, List.of(second), List.of(open.get(1)));
        byte[] old = Files.readAllBytes(catalog.directory.resolve("index.json"));
        byte[] oldSignature = Files.readAllBytes(catalog.directory.resolve("index.json.sig"));
        catalog.publish(6, TestCatalog.row(11));
        catalog.load();
        Files.write(catalog.directory.resolve("index.json"), old);
        Files.write(catalog.directory.resolve("index.json.sig"), oldSignature);
        assertRefused("ROLLBACK");
        // The first key is withdrawn when machines have seen an index that both signed.
        catalog.publish(8, TestCatalog.row(12));
        CatalogPublisher.sign(catalog.directory, keys, open);
        catalog.load();
        Files.delete(open.get(0));
        Files.write(catalog.directory.resolve("index.json"), old);
        Files.write(catalog.directory.resolve("index.json.sig"), oldSignature);
        assertRefused("ROLLBACK");
    }

    /** A machine that never trusted both keys at once: the administrator puts the new one in the old one's place. */
    @Test
    void anOlderIndexAfterTheTrustedKeyWasExchanged() throws IOException, InterruptedException {
        Path second = base.resolve("second.pem");
        Path secondOpen = base.resolve("second.pub");
        TestCatalog.makeKey(second, secondOpen);
        List<Path> keys = List.of(base.resolve("secret.pem"), second);
        Path first = catalog.keys.resolve("vendor.pub");
        catalog.publish(6, TestCatalog.row(11));
        CatalogPublisher.sign(catalog.directory, keys, List.of(first, secondOpen));
        Path old = base.resolve("old");
        copy(catalog.directory, old);
        catalog.publish(7, TestCatalog.row(12));
        CatalogPublisher.sign(catalog.directory, keys, List.of(first, secondOpen));
        catalog.load();
        Files.delete(first);
        Files.copy(secondOpen, catalog.keys.resolve("second.pub"));
        String known = Files.readString(catalog.seen);
        BlktrackException elsewhere = assertThrows(BlktrackException.class, () -> catalog.load(new DirectorySource(old)));
        assertEquals("ROLLBACK", elsewhere.reason(), "from another mirror");
        TestCatalog.run("cp", "-rT", old.toString(), catalog.directory.toString());
        assertRefused("ROLLBACK");
        assertEquals(known, Files.readString(catalog.seen));
    }

    /** The signature file is not signed itself: anybody may add lines to it. */
    @Test
    void aStrangersSignatureBesideARightOneDoesNothing() throws IOException, InterruptedException {
        Path stranger = base.resolve("stranger.pem");
        Path strangerOpen = base.resolve("stranger.pub");
        TestCatalog.makeKey(stranger, strangerOpen);
        catalog.load();
        String known = Files.readString(catalog.seen);
        Path index = catalog.directory.resolve("index.json");
        byte[] honest = Files.readAllBytes(index);
        byte[] signature = Files.readAllBytes(catalog.directory.resolve("index.json.sig"));
        catalog.forge("\"version\": 5", "\"version\": 999999");
        CatalogPublisher.sign(catalog.directory, List.of(stranger), List.of(strangerOpen));
        String forged = Files.readString(catalog.directory.resolve("index.json.sig"));
        assertRefused("UNKNOWN_KEY");
        String line = forged.replaceAll("(?s).*(\\{\\s*\"keyId.*?\\}).*", "$1");
        String both = new String(signature).replace("\"signatures\": [", "\"signatures\": [" + line + ",");
        Files.writeString(catalog.directory.resolve("index.json.sig"), both);
        assertRefused("BAD_SIGNATURE");
        Files.write(index, honest);
        assertEquals(5, catalog.load().index().version());
        assertEquals(known, Files.readString(catalog.seen), "nothing under the stranger's id");
    }

    /** Two vendors need two names; what one of them has published says nothing of the other's. */
    @Test
    void versionsOfAnotherNameDoNotCount() throws IOException {
        catalog.load();
        Files.writeString(catalog.seen, Files.readString(catalog.seen).replaceFirst("\\{", "{\"0123456789abcdef big test\": {\"version\": 99, \"sha256\": \"00\"},"));
        assertEquals(5, catalog.load().index().version());
    }

    @Test
    void rowsThatContradictEachOther() throws IOException {
        catalog.load();
        String known = Files.readString(catalog.seen);
        Path file = catalog.onlyFile();
        String row = Files.readString(file).replaceAll("(?s).*(\\{\"file.*\\})\\s*\\].*", "$1");
        byte[] forged = Files.readString(file).replace(row, row + ",\n" + row.replace("\"line\":10", "\"line\":12")).getBytes();
        String before = file.getFileName().toString().replace(".json", "");
        long size = Files.size(file);
        Files.write(file, forged);
        catalog.forge("\"sha256\": \"" + before, "\"sha256\": \"" + Digest.sha256(forged));
        catalog.forge("\"size\": " + size, "\"size\": " + forged.length);
        catalog.forge("\"version\": 5", "\"version\": 6");
        assertRefused("BAD_ROW");
        assertEquals(known, Files.readString(catalog.seen), "what was refused was not noted");
        BlktrackException check = assertThrows(BlktrackException.class,
                () -> CatalogPublisher.check(catalog.directory.toString(), catalog.keys, null, TestCatalog.CLOCK));
        assertEquals("BAD_ROW", check.reason());
    }

    @Test
    void aPipeInPlaceOfAFileIsNotWaitedFor() throws IOException, InterruptedException {
        Files.delete(catalog.directory.resolve("index.json"));
        TestCatalog.run("mkfifo", catalog.directory.resolve("index.json").toString());
        assertEquals("CATALOG_UNREACHABLE", assertThrows(BlktrackException.class, () -> catalog.load()).reason());
        TestCatalog.run("mkfifo", catalog.seen.toString());
        SeenVersions seen = new SeenVersions(catalog.seen, true);
        assertEquals("BAD_STATE",
                assertThrows(BlktrackException.class, () -> seen.check("x", new SeenVersions.Seen(1, ""))).reason());
        assertEquals("BAD_CONFIG", assertThrows(BlktrackException.class, () -> CatalogConfig.read(catalog.seen)).reason());
    }

    @Test
    void keysThatOthersCanChangeAreNotTrusted() throws IOException {
        assertEquals(1, CatalogConfig.trustedKeys(catalog.keys).size());
        for (Path path : List.of(catalog.keys, catalog.keys.resolve("vendor.pub"))) {
            var before = Files.getPosixFilePermissions(path);
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxrwxr-x"));
            BlktrackException refusal = assertThrows(BlktrackException.class, () -> CatalogConfig.trustedKeys(catalog.keys));
            assertEquals("KEYS_WRITABLE", refusal.reason());
            Files.setPosixFilePermissions(path, before);
        }
    }

    @Test
    void whatIsNoAddressIsWrongUsage() {
        CatalogConfig config = new CatalogConfig(null, null);
        for (String where : List.of("", "http://", "http:///x", "http://a b", "ftp://x/y", "file:x", "https://h/p?q", "http://h/p#f")) {
            BlktrackException usage = assertThrows(BlktrackException.class, () -> config.source(where, Map.of()), where);
            assertEquals(ExitStatus.USAGE, usage.status(), where);
        }
        assertInstanceOf(HttpSource.class, config.source("HTTP://127.0.0.1/x", Map.of()));
        assertInstanceOf(DirectorySource.class, config.source("file:///x", Map.of()));
        for (String proxy : List.of("garbage::", "socks5://h:1", "http://h:99999")) {
            EnvironmentProxies proxies = new EnvironmentProxies(Map.of("all_proxy", proxy));
            assertEquals("BAD_PROXY",
                    assertThrows(BlktrackException.class, () -> proxies.select(URI.create("http://h/"))).reason());
        }
    }
}
