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
import org.blktrack.model.Reason;
import org.blktrack.model.Trust;
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
            return (isWhole(table) ? ExitStatus.DONE : ExitStatus.STATE_CORRUPT).code();
        }
        print(out, table);
        if (!isWhole(table)) {
            TrackingTable.Flaw first = (table.isSound() ? table.warnings() : table.flaws()).get(0);
            throw new BlktrackException(ExitStatus.STATE_CORRUPT, "TABLE_CORRUPT",
                    file + " is damaged: " + first.what() + " (byte " + first.offsetBytes() + ")",
                    table.isSound() ? "Nothing has to be repaired: the table is dirty, so the next save writes it anew, or the next start says UNKNOWN."
                            : "The next start says UNKNOWN and begins a new series; nothing has to be repaired by hand.");
        }
        return ExitStatus.DONE.code();
    }

    /** A dirty table's damage harms nothing, and whoever checks a table wants to know all the same. */
    private static boolean isWhole(TrackingTable table) {
        return table.isSound() && table.warnings().isEmpty();
    }

    private void print(PrintWriter out, TrackingTable table) {
        out.println("table    " + file);
        out.println("state    " + name(table));
        out.println("uuid     " + table.uuid());
        if (table.sequence() > 0) { // a header could be read
            out.println("written  " + Instant.ofEpochSecond(table.writtenAt()) + ", sequence " + table.sequence() + ", start " + table.starts());
        }
        out.println("size     " + table.sizeBytes() + " bytes, " + table.entries().size() + " of " + table.places() + " places taken");
        if (!table.entries().isEmpty()) {
            TextTable rows = new TextTable("VOLUME", "DEVICE", ">BYTES", ">GRANULE", ">DATA", ">DISCARDED", "TRUST");
            for (TableEntry entry : table.entries()) {
                rows.add(entry.identity(), entry.device(), Long.toString(entry.sizeBytes()), Integer.toString(entry.granuleBytes()),
                        count(entry.dataGranules()), count(entry.discardGranules()),
                        text(trust(table, entry)));
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

    /** What the next start would say of it, if the table stays as it is. */
    private static Trust trust(TrackingTable table, TableEntry entry) {
        return switch (table.state()) {
            case DIRTY -> Trust.unknown(Reason.UNCLEAN_SHUTDOWN, "the table is dirty: in use, or not saved when it last was");
            case CORRUPT -> Trust.unknown(Reason.TABLE_CORRUPT, "the table is damaged");
            case CLEAN -> entry.reason().isEmpty() ? Trust.COMPLETE : new Trust(entry.reason(), entry.evidence());
        };
    }

    private static String text(Trust trust) {
        return trust.isComplete() ? trust.label() : trust.label() + ": " + trust.reason();
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
        table.entries().forEach(entry -> volumes.add(asJson(entry, trust(table, entry))));
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

    private static JsonObject asJson(TableEntry entry, Trust trust) {
        JsonObject one = new JsonObject();
        one.addProperty("place", entry.place());
        one.addProperty("identity", entry.identity());
        one.addProperty("device", entry.device());
        one.addProperty("sizeBytes", entry.sizeBytes());
        one.addProperty("granularityBytes", entry.granuleBytes());
        one.addProperty("trustOffline", entry.trustOffline());
        one.addProperty("series", entry.series());
        one.addProperty("epoch", entry.epoch());
        one.addProperty("trust", trust.label());
        one.addProperty("reason", trust.reason());
        one.addProperty("evidence", trust.evidence().isEmpty() ? null : trust.evidence());
        one.addProperty("dataGranules", entry.dataGranules() < 0 ? null : entry.dataGranules());
        one.addProperty("discardedGranules", entry.discardGranules() < 0 ? null : entry.discardGranules());
        JsonArray fingerprint = new JsonArray();
        entry.fingerprint().forEach(fingerprint::add);
        one.add("fingerprint", fingerprint);
        return one;
    }
}
