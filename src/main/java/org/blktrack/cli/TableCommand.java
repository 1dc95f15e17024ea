package org.blktrack.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code blktrack table}: it only holds its subcommand. */
@Command(name = "table", description = "Look at a tracking table.", mixinStandardHelpOptions = true, subcommands = TableShowCommand.class)
final class TableCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Which table command? 'blktrack table --help' lists them.");
    }
}
