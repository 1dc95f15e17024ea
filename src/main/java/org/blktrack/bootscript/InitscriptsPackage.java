package org.blktrack.bootscript;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.Digest;

/**
 * The initscripts package of a tree, as rpm knows it. A script is customised where it differs from the digest that
 * {@code rpm -V} compares with, this program's own lines left out of account. {@code rpm -V} itself is not run: it would
 * follow the tree's links out of the tree.
 */
final class InitscriptsPackage {
    private static final String NAME = "initscripts";

    /** Fields of {@code rpm -q --dump}: path, size, mtime, digest, and more. */
    private static final int DUMP_DIGEST = 3;

    private final Tree tree;
    private final Catalogue catalogue;

    InitscriptsPackage(Tree tree, Catalogue catalogue) {
        this.tree = tree;
        this.catalogue = catalogue;
    }

    InitscriptsVersion read() {
        return byRpm().orElseGet(this::byFiles);
    }

    /** @return nothing where there is no rpm, no package database in the tree, or no such package */
    private Optional<InitscriptsVersion> byRpm() {
        try (RpmDatabase database = RpmDatabase.copyOf(tree).orElse(null)) {
            if (database == null) {
                return Optional.empty();
            }
            Optional<String> version = database.query(NAME, "--qf", "%{VERSION}-%{RELEASE}");
            if (version.isEmpty()) {
                return Optional.empty();
            }
            String dump = database.query(NAME, "--dump").orElse("");
            return Optional.of(new InitscriptsVersion(version.get(), "rpm", customised(dump)));
        } catch (IOException | UncheckedIOException | BlktrackException unreadable) {
            return Optional.empty();
        }
    }

    private InitscriptsVersion byFiles() {
        Set<String> versions = versionsByFiles();
        return versions.isEmpty()
                ? new InitscriptsVersion(null, "unknown", List.of())
                : new InitscriptsVersion(String.join(", ", versions), "files", List.of());
    }

    private List<String> customised(String dump) {
        Map<String, String> digests = new HashMap<>();
        dump.lines().map(line -> line.split(" ")).filter(fields -> fields.length > DUMP_DIGEST)
                .forEach(fields -> digests.put(fields[0], fields[DUMP_DIGEST]));
        List<String> changed = new ArrayList<>();
        for (Script script : Script.values()) {
            Optional<byte[]> pristine = withoutHook(script);
            String inside = pathOf(script);
            String digest = digests.get(inside);
            if (pristine.isPresent() && digest != null
                    && !digest.equals(Digest.of(digest.length() == 32 ? "MD5" : "SHA-256", pristine.get()))) {
                changed.add(script.fileName());
            }
        }
        return List.copyOf(changed);
    }

    private Set<String> versionsByFiles() {
        Set<String> common = null;
        for (Script script : Script.values()) {
            List<String> versions = withoutHook(script)
                    .flatMap(bytes -> catalogue.find(script, Digest.sha256(bytes)))
                    .map(CatalogueRow::versions)
                    .orElse(List.of());
            if (common == null) {
                common = new LinkedHashSet<>(versions);
            } else {
                common.retainAll(versions);
            }
        }
        return common;
    }

    private String pathOf(Script script) {
        try {
            return tree.inside(ScriptFile.locate(tree, script));
        } catch (ScriptFault fault) {
            return "";
        }
    }

    private Optional<byte[]> withoutHook(Script script) {
        try {
            ScriptFile file = ScriptFile.read(tree, script);
            ScriptText text = ScriptText.decode(file.bytes());
            return Optional.of(HookBlock.find(text, script.hook(), new StateDirectory(tree).receipt(script))
                    .map(block -> block.removedFrom(text).encode())
                    .orElse(file.bytes()));
        } catch (ScriptFault fault) {
            return Optional.empty();
        }
    }
}
