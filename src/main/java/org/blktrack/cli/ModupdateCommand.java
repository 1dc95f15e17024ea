package org.blktrack.cli;

import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.Callable;
import org.blktrack.bootscript.Tree;
import org.blktrack.catalog.PatchUpdate;
import org.blktrack.model.ExitStatus;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code blktrack modupdate --patches}: finds and applies the patches that fit this machine's rc.sysinit and halt. */
@Command(
        name = "modupdate",
        description = "Find and apply the patches for this system's boot scripts.",
        mixinStandardHelpOptions = true)
public final class ModupdateCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--patches", description = "Patch rc.sysinit and halt (required).")
    private boolean patches;

    @Option(names = "--check", description = "Only tell whether a patch is there; change nothing.")
    private boolean check;

    @Option(names = "--catalog", paramLabel = "URL", description = "Ask this catalogue too: an address or a directory.")
    private String catalog;

    @Option(names = "--root", paramLabel = "DIR", description = "Work on the system whose root is DIR.", defaultValue = "/")
    private Path root;

    @Override
    public Integer call() {
        if (!patches) {
            throw new ParameterException(spec.commandLine(), "modupdate needs --patches");
        }
        PatchUpdate.Outcome outcome = new PatchUpdate(Tree.at(root), System.getenv(), Clock.systemUTC()).run(catalog, check);
        // Scripts are written against these lines, as against the exit statuses.
        spec.commandLine().getOut().println(switch (outcome) {
            case APPLIED -> "Successfully applied.";
            case AVAILABLE -> "A patch is available.";
            case UP_TO_DATE -> "Already up to date.";
            case NO_PATCH, NO_INIT -> "No patch files found for this system.";
            case NOT_NEEDED -> "No initscripts patch is needed on this system.";
        });
        spec.commandLine().getErr().println(switch (outcome) {
            case APPLIED -> "Tracking outlives a reboot from now on; 'blktrack boot verify' tells whether the hooks are in place.";
            case AVAILABLE -> "Run 'blktrack modupdate --patches' to apply it.";
            case UP_TO_DATE -> "Both hooks are in place; there is nothing to do.";
            case NO_PATCH -> "Run 'blktrack boot install': it makes the patch from the structure of the scripts.";
            case NO_INIT -> "No init system that blktrack knows starts this system, so nothing runs rc.sysinit and halt here;"
                    + " 'blktrack boot install --init NAME' takes your word for another.";
            case NOT_NEEDED -> "systemd starts this system: run 'blktrack boot install' for its hooks.";
        });
        spec.commandLine().getOut().flush();
        spec.commandLine().getErr().flush();
        return switch (outcome) {
            case NO_PATCH, NO_INIT -> ExitStatus.NO_PATCH.code();
            default -> ExitStatus.DONE.code();
        };
    }
}
