package org.blktrack.cli;

import com.google.gson.JsonObject;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;
import org.blktrack.wire.VarlinkClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParentCommand;

/** {@code blktrack doctor}: what this machine supports, and what to do about what it doesn't. */
@Command(name = "doctor", description = "Show what this machine supports, and what to do about what it doesn't.",
        mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {
    @ParentCommand
    private BlktrackCommand root;

    @Mixin
    private ReplyOutput output;

    @Override
    public Integer call() {
        JsonObject report = checks();
        output.print(report, out -> print(out, Field.objects(report, "checks")));
        for (JsonObject each : Field.objects(report, "checks")) {
            if (Field.text(each, "ok", "").equals("no")) {
                return ExitStatus.KERNEL_UNSUPPORTED.code();
            }
        }
        return ExitStatus.DONE.code();
    }

    /** From the daemon; where none answers, or not this user, that is a finding as well, and the helper is asked directly. */
    private JsonObject checks() {
        try {
            return root.ask("Diagnose", new JsonObject());
        } catch (BlktrackException e) {
            if (e.status() != ExitStatus.DAEMON_UNREACHABLE && !e.reason().equals(VarlinkClient.NO_PRIVILEGE)) {
                throw e;
            }
            JsonObject report = OwnAgent.checks(root.places());
            JsonObject finding = new JsonObject();
            finding.addProperty("check", "daemon");
            finding.addProperty("ok", "warn");
            finding.addProperty("detail", e.getMessage());
            finding.addProperty("remedy", e.remedy());
            report.getAsJsonArray("checks").add(finding);
            return report;
        }
    }

    private static void print(PrintWriter out, List<JsonObject> checks) {
        for (JsonObject check : checks) {
            out.printf("%-5s %-24s %s%n", Field.text(check, "ok", "?"), Field.text(check, "check", "?"), Field.text(check, "detail", ""));
            String remedy = Field.text(check, "remedy", "");
            if (!remedy.isEmpty() && !Field.text(check, "ok", "").equals("yes")) {
                out.printf("      %-24s %s%n", "", remedy);
            }
        }
    }
}
