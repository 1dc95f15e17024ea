package org.blktrack.bootscript;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Known files by their hash. The text form is JSON: {@code {"format": 1, "rows": [{"file", "sha256", "line", "hook",
 * "versions"}]}}; see docs/catalogue.md.
 */
public final class Catalogue {
    public static final int FORMAT = 1;
    private static final String ON_BOARD = "/org/blktrack/patches/initscripts.json";
    private static final int MAX_LINE = 100_000;

    private final Map<String, CatalogueRow> rows = new HashMap<>();

    /** As it stands in a file. */
    public record Document(int format, List<CatalogueRow> rows) {}

    /** @throws IllegalArgumentException where a row is malformed, or two rows of one file disagree */
    public Catalogue(List<CatalogueRow> rows) {
        for (CatalogueRow row : rows) {
            check(row);
            CatalogueRow other = this.rows.put(row.file() + " " + row.sha256(), row);
            if (other != null && other.line() != row.line()) {
                throw new IllegalArgumentException("two rows for " + row.file() + " " + row.sha256() + " disagree");
            }
        }
    }

    /** The catalogue that comes with the program, and is trusted as part of it. */
    public static Catalogue onBoard() {
        try (InputStream stream = Catalogue.class.getResourceAsStream(ON_BOARD)) {
            if (stream == null) {
                throw new IllegalStateException("the program was packaged without " + ON_BOARD);
            }
            return new Catalogue(rows(new InputStreamReader(stream, StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @throws IllegalArgumentException where the text is no such document */
    public static List<CatalogueRow> parse(String json) {
        return rows(new StringReader(json));
    }

    private static List<CatalogueRow> rows(Reader json) {
        try {
            Document document = new Gson().fromJson(json, Document.class);
            if (document == null || document.format() != FORMAT || document.rows() == null) {
                throw new IllegalArgumentException("no catalogue of format " + FORMAT);
            }
            document.rows().forEach(Catalogue::check);
            return document.rows();
        } catch (JsonParseException e) {
            throw new IllegalArgumentException("no valid JSON: " + e.getMessage(), e);
        }
    }

    private static void check(CatalogueRow row) {
        if (row == null || row.file() == null || row.sha256() == null || row.hook() == null) {
            throw new IllegalArgumentException("a row lacks file, sha256 or hook");
        }
        Script script = Script.named(row.file());
        if (!row.sha256().matches("[0-9a-f]{64}")
                || row.line() < 2
                || row.line() > MAX_LINE
                || !Set.of(script.hook().toString()).contains(row.hook())) {
            throw new IllegalArgumentException("a row for " + row.file() + " is malformed: " + row);
        }
    }

    Optional<CatalogueRow> find(Script script, String sha256) {
        return Optional.ofNullable(rows.get(script.fileName() + " " + sha256));
    }

    /** The rows of both; where they disagree on a file, these stay. */
    public Catalogue and(List<CatalogueRow> others) {
        List<CatalogueRow> all = new ArrayList<>(rows.values());
        others.stream().filter(row -> !rows.containsKey(row.file() + " " + row.sha256())).forEach(all::add);
        return new Catalogue(all);
    }

    public List<CatalogueRow> rows() {
        return List.copyOf(rows.values());
    }
}
