package org.blktrack.cli;

import org.blktrack.model.Places;
import org.blktrack.wire.VarlinkClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The top-level {@code blktrack} command: it holds the subcommands, one file each, and the options of all of them. */
@Command(
        name = "blktrack",
        description = "Persistent changed-block tracking for Linux.",
        mixinStandardHelpOptions = true,
        version = "blktrack 0.1.0",
        subcommands = {
            EnableCommand.class,
            DisableCommand.class,
            StatusCommand.class,
            CheckpointCommand.class,
            ChangesCommand.class,
            DoctorCommand.class,
            SelftestCommand.class,
            BootCommand.class,
            TableCommand.class,
            ModupdateCommand.class,
            CatalogCommand.class
        })
public final class BlktrackCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Option(names = "--state-dir", paramLabel = "DIR", scope = ScopeType.INHERIT,
            description = "The instance's state folder; default /var/lib/blktrack, or BLKTRACK_STATE_DIR.")
    private String stateDir;

    @Option(names = "--socket", paramLabel = "PATH", scope = ScopeType.INHERIT,
            description = "Where its daemon answers; default /run/blktrack/org.blktrack.Tracker, or BLKTRACK_SOCKET.")
    private String socket;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Which command? 'blktrack --help' lists them.");
    }

    /** Where the instance keeps its things that the options, or else the environment, name. */
    Places places() {
        return Places.of(stateDir != null ? stateDir : System.getenv("BLKTRACK_STATE_DIR"),
                socket != null ? socket : System.getenv("BLKTRACK_SOCKET"));
    }

    VarlinkClient connect() {
        return VarlinkClient.connect(places().socket());
    }
}
