package org.blktrack.bootscript;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.TreeMap;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.blktrack.model.Digest;

/** A directory laid out as the root of a machine with rc.sysinit and halt. */
final class Machine {
    static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-01T12:00:00Z"), ZoneOffset.UTC);

    private final Path root;

    Machine(Path root, Fixture sysinit, Fixture halt) {
        this.root = root;
        try {
            Files.createDirectories(root.resolve("etc/rc.d/init.d"));
            Files.createDirectories(root.resolve("etc/rc.d/rc0.d"));
            Files.createDirectories(root.resolve("var/lib/blktrack"));
            Files.createSymbolicLink(root.resolve("etc/rc.sysinit"), Path.of("rc.d/rc.sysinit"));
            Files.createSymbolicLink(root.resolve("etc/init.d"), Path.of("rc.d/init.d"));
            Files.createSymbolicLink(root.resolve("etc/rc.d/rc0.d/S01halt"), Path.of("../init.d/halt"));
            put(sysinit);
            put(halt);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A machine whose other script is a plain one. */
    static Machine with(Path root, Fixture fixture) {
        return fixture.script() == Script.HALT
                ? new Machine(root, Fixture.named("el6"), fixture)
                : new Machine(root, fixture, Fixture.named("el6-halt"));
    }

    static Machine plain(Path root) {
        return new Machine(root, Fixture.named("el6"), Fixture.named("el6-halt"));
    }

    Path root() {
        return root;
    }

    Path path(Script script) {
        return root.resolve(script.places().get(0));
    }

    byte[] read(Script script) {
        try {
            return Files.readAllBytes(path(script));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void put(Fixture fixture) throws IOException {
        put(fixture.script(), fixture.bytes());
    }

    void put(Script script, byte[] bytes) throws IOException {
        Files.write(path(script), bytes);
        Files.setPosixFilePermissions(path(script), PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    RedHatScripts scripts(CatalogueRow... known) {
        return new RedHatScripts(Tree.at(root), BashSyntax.onThisMachine(), new Catalogue(List.of(known)), true, CLOCK);
    }

    /** Every file with its mode and content, every link with its target. */
    SortedMap<String, String> everything() {
        SortedMap<String, String> all = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(root)) {
            for (Path path : paths.toList()) {
                String what = Files.isSymbolicLink(path) ? "-> " + Files.readSymbolicLink(path)
                        : Files.isDirectory(path) ? "directory"
                        : Digest.sha256(Files.readAllBytes(path)) + " " + Files.getAttribute(path, "unix:mode")
                                + " " + Files.getAttribute(path, "unix:uid") + " " + Files.getAttribute(path, "unix:gid");
                all.put(root.relativize(path).toString(), what);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all;
    }
}
