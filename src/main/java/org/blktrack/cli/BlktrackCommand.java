package org.blktrack.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The top-level {@code blktrack} command: it only holds the subcommands, one file each. */
@Command(
        name = "blktrack",
        description = "Persistent changed-block tracking for Linux.",
        mixinStandardHelpOptions = true,
        version = "blktrack 0.1.0",
        subcommands = {})
public final class BlktrackCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Which command? 'blktrack --help' lists them.");
    }
}
