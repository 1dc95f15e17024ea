package org.blktrack.cli;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.blktrack.boot.BootIntegration;
import org.blktrack.boot.BootReport;
import org.blktrack.boot.HandLines;
import org.blktrack.boot.HookState;
import org.blktrack.boot.InitName;
import org.blktrack.bootscript.Tree;
import org.blktrack.model.ExitStatus;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code blktrack boot}: the hooks that start tracking before the first write and save the record after the last. */
@Command(name = "boot", description = "Put the boot and shutdown hooks in place, and keep them right.", mixinStandardHelpOptions = true)
public final class BootCommand implements Runnable {
    private static final Gson GSON = new GsonBuilder().serializeNulls().create();

    @Spec
    private CommandSpec spec;

    /** What every subcommand takes. */
    static final class Target {
        @Option(names = "--root", paramLabel = "DIR", description = "Work on the system whose tree lies here; the running one is not touched.")
        private Path root = Path.of("/");

        @Option(names = "--init", paramLabel = "NAME", description = "Go by this init system instead of recognising one.")
        private String init;

        @Option(names = "--json", description = "Print JSON.")
        private boolean json;

        private BootIntegration integration() {
            return BootIntegration.of(tree(), init == null ? null : InitName.named(init));
        }

        private Tree tree() {
            return Tree.at(root);
        }
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Which command? 'blktrack boot --help' lists them.");
    }

    @Command(description = "Put both hooks in place, or neither; status 6 where one does not work even so.", mixinStandardHelpOptions = true)
    int install(
            @Mixin Target target,
            @Option(names = "--hooks-only", description = "Also where no driver supports the kernel or the helper is not there yet.") boolean hooksOnly,
            @Option(names = "--dry-run", description = "Print what would change as unified diffs; change nothing.") boolean dryRun) {
        BootReport report = dryRun ? target.integration().previewInstall(hooksOnly) : target.integration().install(hooksOnly);
        print(target, report, dryRun);
        return dryRun ? ExitStatus.DONE.code() : judged(target, report);
    }

    @Command(description = "Tell the init system and how each hook stands.", mixinStandardHelpOptions = true)
    int status(@Mixin Target target) {
        return told(target, report -> {
            out().println("init system: " + report.init() + " (" + String.join(", ", report.places()) + ")");
            out().println("installed: " + (report.installed() ? "yes" : "no"));
            report.notes().forEach(out()::println);
            report.hooks().forEach(hook -> out().println(hook.line()));
        }, false);
    }

    @Command(description = "Tell in one line per hook whether it is in place; status 6 where one is not.", mixinStandardHelpOptions = true)
    int verify(@Mixin Target target) {
        return told(target, report -> report.hooks().forEach(hook -> out().println(hook.line())), true);
    }

    @Command(description = "Put back what an update took away; status 6 where a hook does not work even so.", mixinStandardHelpOptions = true)
    int reapply(
            @Mixin Target target,
            @Option(names = "--quiet", description = "Print nothing where nothing was to be done, and all works.") boolean quiet,
            @Option(names = "--dry-run", description = "Print what would change as unified diffs; change nothing.") boolean dryRun) {
        BootReport report = dryRun ? target.integration().previewReapply() : target.integration().reapply();
        if (!quiet || !report.changes().isEmpty()) {
            print(target, report, dryRun);
        }
        return dryRun ? ExitStatus.DONE.code() : judged(target, report);
    }

    @Command(description = "Take the hooks away, without a trace.", mixinStandardHelpOptions = true)
    int remove(
            @Mixin Target target,
            @Option(names = "--dry-run", description = "Print what would change as unified diffs; change nothing.") boolean dryRun) {
        print(target, dryRun ? target.integration().previewRemove() : target.integration().remove(), dryRun);
        return ExitStatus.DONE.code();
    }

    @Command(description = "Print what to add by hand, and where.", mixinStandardHelpOptions = true)
    int lines(@Mixin Target target) {
        InitName init = target.integration().init();
        String text = HandLines.of(target.tree(), init);
        if (target.json) {
            JsonObject json = new JsonObject();
            json.addProperty("init", init.toString());
            json.addProperty("lines", text);
            printJson(json);
        } else {
            out().print(text);
            out().flush();
        }
        return ExitStatus.DONE.code();
    }

    /** Hooks that were put in place may still not work: what keeps them from it no installation mends. */
    private int judged(Target target, BootReport report) {
        if (!report.installed() || report.good()) {
            return ExitStatus.DONE.code();
        }
        if (!target.json) {
            PrintWriter err = spec.commandLine().getErr();
            report.hooks().stream().filter(hook -> !hook.works()).forEach(hook -> err.println(hook.line()));
            err.flush();
        }
        return ExitStatus.HOOK_MISSING.code();
    }

    private int told(Target target, java.util.function.Consumer<BootReport> text, boolean judge) {
        BootReport report = target.integration().verify();
        if (target.json) {
            printJson(GSON.toJsonTree(report).getAsJsonObject());
        } else {
            text.accept(report);
        }
        return judge && !report.good() ? ExitStatus.HOOK_MISSING.code() : ExitStatus.DONE.code();
    }

    private void print(Target target, BootReport report, boolean dryRun) {
        if (target.json) {
            printJson(GSON.toJsonTree(report).getAsJsonObject());
            return;
        }
        if (report.changes().isEmpty()) {
            out().println("Nothing to do on " + report.init() + ".");
        }
        report.changes().forEach(this::printBytes);
        if (!report.changes().isEmpty()) {
            // Not among the diffs, which are for patch(1).
            report.notes().forEach(spec.commandLine().getErr()::println);
            spec.commandLine().getErr().flush();
        }
        if (!dryRun) {
            report.hooks().stream().filter(HookState::works).forEach(hook -> out().println(hook.line()));
        }
    }

    /** The lines of a script are bytes in no encoding that is known, each a character here; a diff of them fits only as it was. */
    private void printBytes(String change) {
        out().flush();
        byte[] bytes = (change.endsWith("\n") ? change : change + "\n").getBytes(StandardCharsets.ISO_8859_1);
        System.out.write(bytes, 0, bytes.length);
        System.out.flush();
    }

    /** In ASCII, so that bytes of a script come through in every locale: {@code \u00e9} is the byte E9. */
    private void printJson(JsonObject body) {
        StringBuilder ascii = new StringBuilder();
        JsonOutput.text(body).chars().forEach(c -> ascii.append(c < 0x7f ? String.valueOf((char) c) : String.format("\\u%04x", c)));
        out().println(ascii);
        out().flush();
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
