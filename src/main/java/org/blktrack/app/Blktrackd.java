package org.blktrack.app;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.blktrack.boot.BootIntegration;
import org.blktrack.bootscript.Tree;
import org.blktrack.daemon.Daemon;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.Environment;
import org.blktrack.model.ExitStatus;
import org.blktrack.model.Places;

/** Entry point of {@code sbin/blktrackd}. Few options, so they are read by hand: the daemon stays small. */
public final class Blktrackd {
    private static final String USAGE = """
            Usage: blktrackd [--foreground] [--state-dir DIR] [--socket PATH]
            Persistent changed-block tracking: judges and stores what the kernel tracks, and answers on a varlink socket.
              --foreground      stay in the terminal (it never leaves it; service managers like it that way)
              --state-dir DIR   records and checkpoint files; default /var/lib/blktrack, or BLKTRACK_STATE_DIR
              --socket PATH     where to answer; default /run/blktrack/org.blktrack.Tracker, DIR/run/… beside it, or BLKTRACK_SOCKET
            The helper is found beside it, or where BLKTRACK_HELPER says.""";

    private Blktrackd() {}

    public static void main(String[] args) {
        int status = run(args);
        // A clean end comes through the shutdown hook, where exit() would wait for itself.
        if (status != ExitStatus.DONE.code()) {
            System.exit(status);
        }
    }

    private static int run(String[] args) {
        String stateDir = null;
        String socket = null;
        for (int i = 0; i < args.length; i++) {
            boolean hasValue = i + 1 < args.length && !args[i + 1].isEmpty();
            switch (args[i]) {
                case "--foreground" -> { }
                case "--help", "-h" -> {
                    System.out.println(USAGE);
                    return ExitStatus.DONE.code();
                }
                case "--version", "-V" -> {
                    System.out.println("blktrackd 0.1.0");
                    return ExitStatus.DONE.code();
                }
                case "--state-dir", "--socket" -> {
                    if (!hasValue) {
                        return usage(args[i] + " needs a value");
                    }
                    if (args[i].equals("--state-dir")) {
                        stateDir = args[++i];
                    } else {
                        socket = args[++i];
                    }
                }
                default -> {
                    return usage("unknown option: " + args[i]);
                }
            }
        }
        return serve(Places.chosen(stateDir, socket));
    }

    private static int serve(Places places) {
        try {
            new Daemon(places, Path.of(Environment.getOr("BLKTRACK_HELPER", "/sbin/blktrack-helper")),
                    () -> places.isDefault() && imagesAreBehind()).run();
            return ExitStatus.DONE.code();
        } catch (BlktrackException e) {
            System.err.println("blktrackd: " + e.getMessage());
            if (e.remedy() != null) {
                System.err.println("  " + e.remedy());
            }
            return e.status().code();
        }
    }

    private static boolean imagesAreBehind() {
        try {
            return BootIntegration.of(Tree.at(Path.of("/")), null).imagesAreBehind();
        } catch (BlktrackException | UncheckedIOException untold) {
            // What can't be told is not promised.
            return true;
        }
    }

    private static int usage(String what) {
        System.err.println("blktrackd: " + what + "\n" + USAGE);
        return ExitStatus.USAGE.code();
    }
}
