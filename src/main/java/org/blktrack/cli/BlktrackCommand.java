package org.blktrack.cli;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.blktrack.model.Places;
import org.blktrack.wire.VarlinkClient;
import picocli.CommandLine;
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
        version = "blktrack 0.1.0")
public final class BlktrackCommand implements Runnable {
    /** A command is called as its class is, without "Command". */
    private static final List<Class<?>> SUBCOMMANDS = List.of(
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
            CatalogCommand.class);

    @Spec
    private CommandSpec spec;

    private String stateDir;
    private String socket;

    @Option(names = "--state-dir", paramLabel = "DIR", scope = ScopeType.INHERIT,
            description = "The instance's state folder; default /var/lib/blktrack, or BLKTRACK_STATE_DIR.")
    private void setStateDir(String dir) {
        stateDir = notEmpty("--state-dir", dir);
    }

    @Option(names = "--socket", paramLabel = "PATH", scope = ScopeType.INHERIT,
            description = "Where its daemon answers; default that of the state folder, or BLKTRACK_SOCKET.")
    private void setSocket(String path) {
        socket = notEmpty("--socket", path);
    }

    /** A script's variable that was never set must not mean the machine's own instance. */
    private String notEmpty(String option, String value) {
        if (value.isEmpty()) {
            throw new ParameterException(spec.commandLine(), option + " needs a value, and was given an empty one");
        }
        return value;
    }

    /**
     * As much of the command line as the arguments can mean: that picocli looks at every command costs more time than a command takes. Where no
     * argument names one, all are there, for the help and for the error.
     */
    public static CommandLine commandLine(String... args) {
        CommandLine root = new CommandLine(new BlktrackCommand());
        Set<String> words = Set.copyOf(Arrays.asList(args));
        List<Class<?>> named = SUBCOMMANDS.stream().filter(command -> words.contains(nameOf(command))).toList();
        (named.isEmpty() ? SUBCOMMANDS : named).forEach(root::addSubcommand);
        return root;
    }

    private static String nameOf(Class<?> command) {
        return command.getSimpleName().replace("Command", "").toLowerCase(Locale.ROOT);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Which command? 'blktrack --help' lists them.");
    }

    /** Where the instance keeps its things that the options, or else the environment, name. */
    Places places() {
        return Places.chosen(stateDir, socket);
    }

    /** Whether the machine's own tracker is meant, which the boot images start, and not one beside it. */
    boolean isDefaultInstance() {
        return places().equals(Places.of(null, null));
    }

    VarlinkClient connect() {
        Places places = places();
        return VarlinkClient.connect(places.socket(), () ->
                System.err.println("blktrack: blktrackd at " + places.socket() + daemonProcess(places) + " has not answered for 5 s; waiting"));
    }

    /** Asks the daemon once. */
    JsonObject ask(String method, JsonObject parameters) {
        try (VarlinkClient client = connect()) {
            return client.call(method, parameters);
        }
    }

    /** By the lock of its state folder, which only root may read. */
    private String daemonProcess(Places places) {
        try {
            // A socket of another name may be that of another instance.
            boolean own = places.socket().equals(Places.of(places.stateDir().toString(), null).socket());
            String pid = own ? Files.readString(places.stateDir().resolve("daemon.lock")).trim() : "";
            return pid.isEmpty() ? "" : " (process " + pid + ")";
        } catch (IOException notForUs) {
            return "";
        }
    }
}
