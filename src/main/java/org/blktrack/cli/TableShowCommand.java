package org.blktrack.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;
import org.blktrack.table.TableEntry;
import org.blktrack.table.TableReader;
import org.blktrack.table.TrackingTable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code blktrack table show}: reads a table offline, checks everything in it, and leaves it as it is. */
@Command(name = "show", description = "Read a tracking table offline and check everything in it.", mixinStandardHelpOptions = true)
final class TableShowCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "The table, such as /var/lib/blktrack/table.")
    private Path file;

    @Option(names = "--json", description = "JSON for programs.")
    private boolean json;

    @Override
    public Integer call() {
        TrackingTable table = TableReader.read(file);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {     // one document, the flaws in it
            JsonOutput.print(out, asJson(table));
            return (table.isSound() ? ExitStatus.DONE : ExitStatus.STATE_CORRUPT).code();
        }
        print(out, table);
        if (!table.isSound()) {
            TrackingTable.Flaw first = table.flaws().get(0);
            throw new BlktrackException(ExitStatus.STATE_CORRUPT, "TABLE_CORRUPT",
                    file + " is damaged: " + first.what() + " (byte " + first.offsetBytes() + ")",
                    "The next start says UNKNOWN and begins a new series; nothing has to be repaired by hand.");
        }
        return ExitStatus.DONE.code();
    }

    private void print(PrintWriter out, TrackingTable table) {
        out.println("table    " + file);
        out.println("state    " + name(table));
        out.println("uuid     " + table.uuid());
        out.println("written  " + Instant.ofEpochSecond(table.writtenAt()) + ", sequence " + table.sequence() + ", start " + table.starts());
        out.println("size     " + table.sizeBytes() + " bytes, " + table.entries().size() + " of " + table.places() + " places taken");
        if (!table.entries().isEmpty()) {
            TextTable rows = new TextTable("VOLUME", "DEVICE", ">BYTES", ">GRANULE", ">DATA", ">DISCARDED", "TRUST");
            for (TableEntry entry : table.entries()) {
                rows.add(entry.identity(), entry.device(), Long.toString(entry.sizeBytes()), Integer.toString(entry.granuleBytes()),
                        count(entry.dataGranules()), count(entry.discardGranules()),
                        trust(table, entry));
            }
            rows.print(out);
        }
        for (TrackingTable.Flaw flaw : table.flaws()) {
            out.println("damaged at byte " + flaw.offsetBytes() + ": " + flaw.what());
        }
        for (TrackingTable.Flaw warning : table.warnings()) {
            out.println("not whole at byte " + warning.offsetBytes() + ": " + warning.what());
        }
        out.flush();
    }

    private static String trust(TrackingTable table, TableEntry entry) {
        if (table.state() == TrackingTable.State.DIRTY) {
            return "not to be trusted: dirty";
        }
        return entry.reason().isEmpty() ? "COMPLETE" : "UNKNOWN: " + entry.reason();
    }

    private static String count(long granules) {
        return granules < 0 ? "-" : Long.toString(granules);
    }

    private static String name(TrackingTable table) {
        return table.state().name().toLowerCase(Locale.ROOT);
    }

    private JsonObject asJson(TrackingTable table) {
        JsonObject body = new JsonObject();
        body.addProperty("file", file.toString());
        body.addProperty("state", name(table));
        body.addProperty("uuid", table.uuid());
        body.addProperty("sequence", table.sequence());
        body.addProperty("starts", table.starts());
        body.addProperty("bootId", table.bootId());
        body.addProperty("writtenAt", table.writtenAt());
        body.addProperty("sizeBytes", table.sizeBytes());
        body.addProperty("places", table.places());
        JsonArray volumes = new JsonArray();
        table.entries().forEach(entry -> volumes.add(asJson(entry)));
        body.add("volumes", volumes);
        body.add("flaws", asJson(table.flaws()));
        body.add("warnings", asJson(table.warnings()));
        return body;
    }

    private static JsonArray asJson(List<TrackingTable.Flaw> flaws) {
        JsonArray all = new JsonArray();
        for (TrackingTable.Flaw flaw : flaws) {
            JsonObject one = new JsonObject();
            one.addProperty("offsetBytes", flaw.offsetBytes());
            one.addProperty("what", flaw.what());
            all.add(one);
        }
        return all;
    }

    private static JsonObject asJson(TableEntry entry) {
        JsonObject one = new JsonObject();
        one.addProperty("place", entry.place());
        one.addProperty("identity", entry.identity());
        one.addProperty("device", entry.device());
        one.addProperty("sizeBytes", entry.sizeBytes());
        one.addProperty("granularityBytes", entry.granuleBytes());
        one.addProperty("trustOffline", entry.trustOffline());
        one.addProperty("series", entry.series());
        one.addProperty("epoch", entry.epoch());
        one.addProperty("trust", entry.reason().isEmpty() ? "COMPLETE" : "UNKNOWN");
        one.addProperty("reason", entry.reason().isEmpty() ? null : entry.reason());
        one.addProperty("evidence", entry.evidence().isEmpty() ? null : entry.evidence());
        one.addProperty("dataGranules", entry.dataGranules() < 0 ? null : entry.dataGranules());
        one.addProperty("discardedGranules", entry.discardGranules() < 0 ? null : entry.discardGranules());
        JsonArray fingerprint = new JsonArray();
        entry.fingerprint().forEach(fingerprint::add);
        one.add("fingerprint", fingerprint);
        return one;
    }
}
