package org.blktrack.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.blktrack.bootscript.Catalogue;
import org.blktrack.bootscript.CatalogueRow;
import org.blktrack.bootscript.RowMaker;
import org.blktrack.bootscript.Script;
import org.blktrack.catalog.CatalogIndex;
import org.blktrack.catalog.CatalogPublisher;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code blktrack catalog}: for the vendor who publishes patches for boot scripts. */
@Command(
        name = "catalog",
        description = "Make, sign and check a catalogue of boot-script patches.",
        mixinStandardHelpOptions = true)
public final class CatalogCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Which one: build, sign or check?");
    }

    @Command(name = "build", description = "Write a catalogue's tree, unsigned.", mixinStandardHelpOptions = true)
    int build(
            @Parameters(paramLabel = "DIR", description = "Where to write it.") Path directory,
            @Option(names = "--name", paramLabel = "NAME", required = true, description = "The catalogue's name; never changes.") String name,
            @Option(names = "--version-number", paramLabel = "N", required = true, description = "Above the last one.") long version,
            @Option(names = "--days", paramLabel = "DAYS", defaultValue = "90", description = "Days until it expires (${DEFAULT-VALUE}).") int days,
            @Option(names = "--rows", paramLabel = "FILE", description = "A document of rows; may be repeated.") List<Path> rows,
            @Option(names = "--script", paramLabel = "NAME=FILE",
                    description = "A pristine rc.sysinit or halt to make a row from; may be repeated.") List<String> scripts) {
        if (version < 1 || days < 1) {
            throw new ParameterException(spec.commandLine(), "--version-number and --days begin at 1");
        }
        List<CatalogueRow> all = new ArrayList<>();
        for (Path file : rows == null ? List.<Path>of() : rows) {
            all.addAll(parse(file));
        }
        for (String script : scripts == null ? List.<String>of() : scripts) {
            all.add(row(script));
        }
        try {
            CatalogIndex index = CatalogPublisher.build(directory, name, version, Instant.now().plus(Duration.ofDays(days)), all);
            print(all.size() + " rows, expires " + index.expires());
            return ExitStatus.DONE.code();
        } catch (IllegalArgumentException e) {
            throw new BlktrackException(ExitStatus.FAILED, "BAD_ROWS", "can't build the catalogue: " + e.getMessage(), null, e);
        }
    }

    private List<CatalogueRow> parse(Path file) {
        try {
            return Catalogue.parse(Files.readString(file));
        } catch (IOException | IllegalArgumentException e) {
            throw new BlktrackException(ExitStatus.FAILED, "BAD_ROWS", "can't use the rows in " + file + ": " + e.getMessage(),
                    null, e);
        }
    }

    private CatalogueRow row(String script) {
        int equals = script.indexOf('=');
        try {
            return RowMaker.row(Script.named(script.substring(0, Math.max(0, equals))), Path.of(script.substring(equals + 1)));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--script takes rc.sysinit=FILE or halt=FILE, not " + script);
        }
    }

    @Command(name = "sign", description = "Sign a catalogue's index.", mixinStandardHelpOptions = true)
    int sign(
            @Parameters(paramLabel = "DIR", description = "The catalogue.") Path directory,
            @Option(names = "--key", paramLabel = "PRIVATE=PUBLIC", required = true,
                    description = "PEM files of an Ed25519 key pair; may be repeated.") Map<Path, Path> keys) {
        CatalogPublisher.sign(directory, List.copyOf(keys.keySet()), keys.keySet().stream().map(keys::get).toList());
        print("signed with " + keys.size() + (keys.size() == 1 ? " key" : " keys"));
        return ExitStatus.DONE.code();
    }

    @Command(name = "check", description = "Check a catalogue as a machine would.", mixinStandardHelpOptions = true)
    int check(
            @Parameters(paramLabel = "URL", description = "An address or a directory.") String where,
            @Option(names = "--keys", paramLabel = "DIR", defaultValue = "/etc/blktrack/keys.d",
                    description = "Public keys to trust (${DEFAULT-VALUE}).") Path keys,
            @Option(names = "--ca", paramLabel = "FILE", description = "Certificate authorities to trust, PEM.") Path ca) {
        print(CatalogPublisher.check(where, keys, ca, Clock.systemUTC()));
        return ExitStatus.DONE.code();
    }

    private void print(String line) {
        spec.commandLine().getOut().println(line);
        spec.commandLine().getOut().flush();
    }
}
