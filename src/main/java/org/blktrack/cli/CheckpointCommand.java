package org.blktrack.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code blktrack checkpoint}: holds create, list and delete. */
@Command(name = "checkpoint", description = "Create, list and delete checkpoints.", mixinStandardHelpOptions = true,
        subcommands = {CheckpointCreateCommand.class, CheckpointListCommand.class, CheckpointDeleteCommand.class})
final class CheckpointCommand implements Runnable {
    @ParentCommand
    BlktrackCommand root;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Which one: create, list or delete?");
    }
}
