package org.blktrack.app;

import org.blktrack.cli.BlktrackCommand;
import picocli.AutoComplete;

/** Run by the build: prints the completion that bash sources for {@code blktrack}. */
public final class BashCompletion {
    private BashCompletion() {}

    public static void main(String[] args) {
        System.out.print(AutoComplete.bash("blktrack", BlktrackCommand.commandLine()));
    }
}
