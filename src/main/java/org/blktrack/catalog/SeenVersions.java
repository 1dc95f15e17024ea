package org.blktrack.catalog;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.reflect.TypeToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.blktrack.linux.AtomicFile;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;

/**
 * The newest index seen of each catalogue, so that an old one that was rightly signed in its day is not taken for the present
 * one. Kept by key and name, not by address: a mirror can't turn back the clock either.
 */
final class SeenVersions {
    private static final Gson JSON = new GsonBuilder().setPrettyPrinting().create();

    private final Path file;
    private final boolean keeping;

    /** Before an address; a key's id is hexadecimal digits, so no catalogue has such a key. */
    private static final String AT = "at ";

    /**
     * @param sha256 of the index, so that two indexes with one version are noticed
     * @param name of the catalogue, where the entry is an address's; else null
     */
    record Seen(long version, String sha256, String name) {
        Seen(long version, String sha256) {
            this(version, sha256, null);
        }

        private String nameIn(String entry) {
            return entry.startsWith(AT) ? name : entry.substring(entry.indexOf(' ') + 1);
        }

        private boolean isWhole(String entry) {
            return version >= 1 && sha256 != null && (name != null || !entry.startsWith(AT));
        }
    }

    /**
     * @param file need not exist; null knows nothing
     * @param keeping whether what is seen now is noted
     */
    SeenVersions(Path file, boolean keeping) {
        this.file = file;
        this.keeping = keeping;
    }

    /**
     * Holds an index against every one of that name that was ever kept, whatever key it was kept under: who leaves out a signature, or
     * waits until the administrator has put another key in a key's place, would pass with an older one. Only what a key that was trusted
     * then had signed was kept, so a stranger's signature has no say.
     *
     * @throws BlktrackException ROLLBACK where a newer one was seen, EQUIVOCATION where another one with this version was
     */
    void check(String name, Seen now) {
        read().forEach((entry, before) -> {
            if (before.nameIn(entry).equals(name)) {
                check(now, before, entry);
            }
        });
    }

    private void check(Seen now, Seen before, String entry) {
        String where = " (\"" + entry + "\" in " + file + ")";
        if (now.version < before.version) {
            throw CatalogRefusal.of("ROLLBACK", "index version " + now.version + " is older than version " + before.version
                    + ", which was seen before" + where);
        }
        if (now.version == before.version && !now.sha256.equals(before.sha256)) {
            throw CatalogRefusal.of("EQUIVOCATION", "there are two different indexes with version " + now.version + where);
        }
    }

    /**
     * One vendor's catalogues have one key: who holds the server could put an old or a test one of them in another's place.
     *
     * @param address where the index came from
     * @throws BlktrackException OTHER_CATALOG where one by another name was seen there first
     */
    void checkName(String address, String name) {
        Seen before = read().get(AT + address);
        if (before != null && !before.name.equals(name)) {
            throw CatalogRefusal.of("OTHER_CATALOG", address + " has the catalogue \"" + name + "\", and had \"" + before.name
                    + "\" before; if that is meant, delete \"" + AT + address + "\" from " + file);
        }
    }

    void keepName(String address, String name, Seen now) {
        keep(AT + address, new Seen(now.version, now.sha256, name));
    }

    void keep(String catalog, Seen now) {
        Map<String, Seen> all = read();
        if (!keeping || now.equals(all.put(catalog, now))) {
            return;
        }
        try {
            Files.createDirectories(file.getParent());
            AtomicFile.write(file, (JSON.toJson(all) + "\n").getBytes(StandardCharsets.UTF_8), 0644);
        } catch (IOException e) {
            throw new BlktrackException(ExitStatus.REFUSED, "NO_STATE",
                    "can't note the version of the catalogue in " + file + ": " + e.getMessage(), null, e);
        }
    }

    private Map<String, Seen> read() {
        if (file != null && Files.exists(file) && !Files.isRegularFile(file)) {
            throw damaged("it is no regular file", null); // reading a pipe would wait for ever
        }
        try {
            String text = file == null ? "{}" : Files.readString(file, StandardCharsets.UTF_8);
            // Gson takes an empty text for null, and an array for a map.
            if (!JsonParser.parseString(text).isJsonObject()) {
                throw damaged("it holds no JSON object", null);
            }
            Map<String, Seen> all = JSON.fromJson(text, new TypeToken<TreeMap<String, Seen>>() {}.getType());
            all.forEach((entry, seen) -> {
                if (seen == null || !seen.isWhole(entry)) {
                    throw damaged("\"" + entry + "\" has no version, hash or name", null);
                }
            });
            return all;
        } catch (NoSuchFileException e) {
            return new TreeMap<>();
        } catch (IOException | JsonParseException e) {
            throw damaged(e.getMessage(), e);
        }
    }

    /** Taking it for empty would let an old index pass. */
    private BlktrackException damaged(String why, Exception cause) {
        return new BlktrackException(ExitStatus.STATE_CORRUPT, "BAD_STATE", "can't read " + file + ": " + why,
                "Remove it if it is lost; the next index is then taken whatever its version.", cause);
    }
}
