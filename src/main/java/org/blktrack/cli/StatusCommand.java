package org.blktrack.cli;

import com.google.gson.JsonObject;
import java.io.PrintWriter;
import java.util.List;
import org.blktrack.model.Reason;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code blktrack status}: what is tracked, and whether it can be trusted. */
@Command(name = "status", description = "Show what is tracked, and whether it can be trusted.", mixinStandardHelpOptions = true)
final class StatusCommand implements Runnable {
    @ParentCommand
    private BlktrackCommand root;

    @Parameters(index = "0", arity = "0..1", paramLabel = "DEVICE", description = "One volume, by its device or its id; default all.")
    private String device;

    @Mixin
    private ReplyOutput output;

    @Override
    public void run() {
        JsonObject parameters = new JsonObject();
        if (device != null) {
            parameters.addProperty("device", DeviceParameter.volume(device));
        }
        JsonObject status = root.ask("GetStatus", parameters);
        output.print(status, out -> print(out, status));
    }

    private static void print(PrintWriter out, JsonObject status) {
        JsonObject daemon = Field.requiredObject(status, "daemon");
        JsonObject table = Field.requiredObject(status, "table");
        out.printf("blktrackd %s, kernel %s, tracking programs %s%n", Field.text(daemon, "version", "?"),
                Field.text(daemon, "kernel", "?"), Field.flag(daemon, "attached") ? "attached" : "not attached");
        out.printf("table     %s%s%s%n", Field.text(table, "state", "?"),
                Field.text(table, "path", "").isEmpty() ? "" : ", " + Field.text(table, "path", ""),
                Field.text(table, "reason", "").isEmpty() ? "" : " (" + Field.text(table, "reason", "") + ")");
        List<JsonObject> volumes = Field.objects(status, "volumes");
        if (volumes.isEmpty()) {
            out.println("no volume is tracked; 'blktrack enable DEVICE' starts one");
        }
        for (JsonObject each : volumes) {
            out.println();
            volume(out, each);
        }
    }

    private static void volume(PrintWriter out, JsonObject volume) {
        out.printf("%s  %s, %s in granules of %s%n", Field.text(volume, "device", "?"), Field.text(volume, "kind", "not tracked by the kernel"),
                Sizes.text(Field.number(volume, "sizeBytes")), Sizes.text(Field.number(volume, "granularityBytes")));
        line(out, "volume", Field.text(volume, "volumeId", "?"));
        line(out, "trust", trust(volume));
        JsonObject previous = Field.object(volume, "previous");
        if (previous != null && Field.text(volume, "reason", "").isEmpty()) {
            line(out, "before", "unknown until " + Times.text(Field.number(previous, "endedMs")) + ": " + explained(previous));
        }
        line(out, "change id", Field.text(volume, "changeId", "none") + "  (" + Field.number(volume, "checkpoints") + " in all)");
        JsonObject marked = Field.object(volume, "marked");
        if (marked != null) {
            line(out, "marked", Sizes.text(Field.number(marked, "dataBytes")) + " data, "
                    + Sizes.text(Field.number(marked, "discardedBytes")) + " discarded since then");
        }
        JsonObject audit = Field.object(volume, "audit");
        if (audit != null) {
            line(out, "audit", audit(audit));
        }
        line(out, "persistent", Persistence.isGiven(volume) ? "yes" : "no: " + Persistence.fault(volume));
    }

    private static String trust(JsonObject volume) {
        return Field.text(volume, "reason", "").isEmpty()
                ? "COMPLETE since " + Times.text(Field.number(volume, "seriesStartedMs")) : "UNKNOWN: " + explained(volume);
    }

    /** Name, meaning and evidence of a reason. */
    private static String explained(JsonObject holder) {
        String reason = Field.text(holder, "reason", "?");
        String evidence = Field.text(holder, "evidence", "");
        String meaning = Reason.meaningOf(reason);
        return reason + (meaning.equals(reason) ? "" : ", " + meaning) + (evidence.isEmpty() ? "" : " (" + evidence + ")");
    }

    private static String audit(JsonObject audit) {
        String grade = Field.text(audit, "grade", "?");
        if (grade.equals("NONE")) {
            return String.format("NONE: %d sectors written and %d discarded counted, the kernel keeps no accounts of this disk; %d skipped",
                    Field.number(audit, "countedWrittenSectors"), Field.number(audit, "countedDiscardedSectors"), Field.number(audit, "skipped"));
        }
        return String.format("%s: %d sectors written and %d discarded counted, the kernel says %d and %d; %d in flight, %d skipped",
                grade, Field.number(audit, "countedWrittenSectors"),
                Field.number(audit, "countedDiscardedSectors"), Field.number(audit, "statWrittenSectors"),
                Field.number(audit, "statDiscardedSectors"), Field.number(audit, "inFlight"), Field.number(audit, "skipped"));
    }

    private static void line(PrintWriter out, String name, String value) {
        out.printf("  %-11s%s%n", name, value);
    }
}
