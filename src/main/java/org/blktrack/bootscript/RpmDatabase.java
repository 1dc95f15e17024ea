package org.blktrack.bootscript;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A copy of a tree's package database, to ask rpm of. rpm is never given the tree itself: it would follow links out of it, and
 * sqlite keeps its locks in files beside the database even where it is only read.
 */
final class RpmDatabase implements AutoCloseable {
    private static final String PLACE = "var/lib/rpm/";

    /** What a query by name reads, for each of rpm's formats: the one of Berkeley DB, ndb and sqlite. */
    private static final List<String> FILES =
            List.of("Packages", "Name", "Packages.db", "Index.db", "rpmdb.sqlite", "rpmdb.sqlite-wal");

    private final Path copy;

    private RpmDatabase(Path copy) {
        this.copy = copy;
    }

    /** @return nothing where the tree has no package database */
    static Optional<RpmDatabase> copyOf(Tree tree) throws IOException {
        Map<String, Path> files = new LinkedHashMap<>();
        for (String name : FILES) {
            Path file = tree.resolve(PLACE + name);
            if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                files.put(name, file);
            }
        }
        if (files.isEmpty()) {
            return Optional.empty();
        }
        RpmDatabase database = new RpmDatabase(Files.createTempDirectory("blktrack-rpm"));
        try {
            for (Map.Entry<String, Path> file : files.entrySet()) {
                Files.copy(file.getValue(), database.copy.resolve(file.getKey()), LinkOption.NOFOLLOW_LINKS);
            }
        } catch (IOException failure) {
            database.close();
            throw failure;
        }
        return Optional.of(database);
    }

    /**
     * @param format {@code --qf} and a format, or {@code --dump}
     * @return nothing where there is no rpm, or no such package
     */
    Optional<String> query(String name, String... format) throws IOException {
        List<String> words = new ArrayList<>(List.of("rpm", "--dbpath", copy.toString(), "-q"));
        words.addAll(List.of(format));
        words.add(name);
        ProcessBuilder rpm = new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.DISCARD);
        // Variables of the caller's, and macros in his home directory, could send rpm elsewhere.
        rpm.environment().clear();
        rpm.environment().putAll(Map.of("PATH", "/usr/bin:/bin", "HOME", copy.toString(), "LC_ALL", "C"));
        Subprocess answer = Subprocess.run(rpm, new byte[0]);
        return answer.status() == 0 ? Optional.of(answer.output().strip()) : Optional.empty();
    }

    @Override
    public void close() {
        try (Stream<Path> all = Files.walk(copy)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
