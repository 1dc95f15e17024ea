package org.blktrack.app;

import org.blktrack.cli.BlktrackCommand;
import org.blktrack.cli.JsonOutput;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;
import picocli.CommandLine;

/** Entry point of {@code bin/blktrack}: the one place where a failure becomes text and an exit status. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        System.exit(run(args));
    }

    static int run(String... args) {
        return BlktrackCommand.commandLine(args)
                .setExecutionExceptionHandler(Main::report)
                .execute(args);
    }

    private static int report(Exception failure, CommandLine command, CommandLine.ParseResult parsed) throws Exception {
        if (!(failure instanceof BlktrackException refusal)) {
            throw failure;
        }
        System.err.println("blktrack: " + refusal.getMessage());
        if (refusal.remedy() != null) {
            System.err.println("  " + refusal.remedy());
        }
        ExitStatus status = refusal.status() == null ? ExitStatus.FAILED : refusal.status();
        if (parsed.originalArgs().contains("--json")) {
            JsonOutput.printFailure(command.getOut(), refusal, status);
        }
        return status.code();
    }
}
