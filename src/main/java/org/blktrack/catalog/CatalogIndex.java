package org.blktrack.catalog;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;

/**
 * The signed head of a catalogue. Layout and meaning: docs/catalogue.md.
 *
 * @param format {@link #FORMAT}
 * @param name which catalogue this is; with the key it tells apart whose versions are compared
 * @param version goes up with every change
 * @param expires ISO-8601, UTC
 * @param files all the files that hold rows
 */
public record CatalogIndex(int format, String name, long version, String expires, List<Entry> files) {
    public static final int FORMAT = 1;
    public static final String FILE = "index.json";
    public static final String SIGNATURE = "index.json.sig";
    /** What is longer is no index but an attempt to fill memory or disk. */
    public static final int MAX_BYTES = 4 << 20;
    /** A million rows fit. */
    public static final long MAX_TOTAL_BYTES = 256L << 20;

    /**
     * @param path relative to the index, without {@code ..}
     * @param sha256 lower-case hex
     * @param size in bytes
     */
    public record Entry(String path, String sha256, long size) {}

    /** @throws CatalogRefusal BAD_INDEX or BAD_PATH */
    static CatalogIndex parse(byte[] json) {
        try {
            CatalogIndex index = new Gson().fromJson(new String(json, StandardCharsets.UTF_8), CatalogIndex.class);
            if (index == null || index.format != FORMAT || index.name == null || index.version < 1 || index.files == null) {
                throw CatalogRefusal.of("BAD_INDEX", "the index is not of format " + FORMAT);
            }
            index.expiry();
            index.files.forEach(CatalogIndex::check);
            if (index.files.stream().mapToLong(Entry::size).sum() > MAX_TOTAL_BYTES) {
                throw CatalogRefusal.of("TOO_LARGE", "the catalogue's files are larger than " + MAX_TOTAL_BYTES + " bytes");
            }
            return index;
        } catch (JsonParseException e) {
            throw CatalogRefusal.of("BAD_INDEX", "the index is no valid JSON: " + e.getMessage());
        }
    }

    private static void check(Entry entry) {
        if (entry == null || entry.path == null || entry.sha256 == null || entry.size < 0 || entry.size > MAX_TOTAL_BYTES
                || !entry.sha256.matches("[0-9a-f]{64}")) {
            throw CatalogRefusal.of("BAD_INDEX", "the index has a malformed entry: " + entry);
        }
        // Letters, digits, dot, dash and underscore only: neither "..", a scheme, a query nor an escape gets through.
        if (!entry.path.matches("[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")) {
            throw CatalogRefusal.of("BAD_PATH", "the index names a path that may leave the catalogue: " + entry.path);
        }
    }

    Instant expiry() {
        try {
            return Instant.parse(expires);
        } catch (DateTimeParseException | NullPointerException e) {
            throw CatalogRefusal.of("BAD_INDEX", "the index has no valid time of expiry");
        }
    }

    byte[] toJson() {
        Gson gson = new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();
        return (gson.toJson(this) + "\n").getBytes(StandardCharsets.UTF_8);
    }
}
