package org.blktrack.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.blktrack.model.ExitStatus;
import org.blktrack.model.Granularity;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code blktrack selftest}: writes to a loop device from several threads, takes checkpoints meanwhile, and holds every
 * write that was made against every answer that was given.
 */
@Command(name = "selftest", description = "Prove on this machine's own kernel that no write is missed.", mixinStandardHelpOptions = true)
final class SelftestCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--minutes", paramLabel = "N", defaultValue = "1", description = "How long to write; default ${DEFAULT-VALUE}.")
    private double minutes;

    @Option(names = "--seed", paramLabel = "N", description = "Of the random writes; default another each time.")
    private Long seed;

    @Option(names = "--granularity", paramLabel = "SIZE", defaultValue = "64KiB", description = "As for 'enable'; default ${DEFAULT-VALUE}.")
    private String granularity;

    @Override
    public Integer call() throws Exception {
        if (!(minutes > 0)) {
            throw new ParameterException(spec.commandLine(), "--minutes " + minutes + ": a test that writes nothing proves nothing; give it more than 0");
        }
        PrintWriter out = spec.commandLine().getOut();
        long chosen = seed == null ? System.nanoTime() & 0xffffff : seed;
        out.printf("writing for %s to a loop device with a private daemon, seed %d%n", duration(minutes), chosen);
        out.flush();
        SelftestReport report;
        try (SelftestBench bench = SelftestBench.set(Granularity.parse(granularity))) {
            report = new SelftestRun(bench, chosen, Math.round(minutes * 60_000), spec.commandLine().getErr()).run();
        }
        out.printf("%,d writes, %,d checkpoints. A granule counts once between two checkpoints, however often it was written:%n"
                + "%,d reported, among them %,d of the %,d that were written; missed: %,d%n", report.writes(), report.checkpoints(),
                report.reported(), report.written() - report.missed(), report.written(), report.missed());
        out.println(report.missed() == 0 ? "nothing was missed" : "MISSED WRITES: do not rely on blktrack here, and please report it");
        out.flush();
        return report.missed() == 0 ? ExitStatus.DONE.code() : ExitStatus.FAILED.code();
    }

    /** For people: what is shorter than a minute in seconds. */
    static String duration(double minutes) {
        return minutes < 1 ? String.format("%.1f seconds", minutes * 60) : String.format(minutes == 1 ? "%.0f minute" : "%.1f minutes", minutes);
    }
}
