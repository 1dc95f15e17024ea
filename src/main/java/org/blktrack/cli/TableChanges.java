package org.blktrack.cli;

import com.google.gson.JsonObject;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import org.blktrack.model.Extent;

/** The answer for people: a table of the first extents, the sums, and the heat map. */
final class TableChanges implements ChangesOutput {
    private static final int MOST_ROWS = 40;

    private final PrintWriter out;
    private final JsonObject head;
    private final ChangeMap map;
    private final Totals totals = new Totals();
    private final List<Extent> first = new ArrayList<>();

    TableChanges(PrintWriter out, JsonObject head) {
        this.out = out;
        this.head = head;
        map = new ChangeMap(Field.number(head, "sizeBytes"), Field.number(head, "granularityBytes"), TerminalMap.COLUMNS * TerminalMap.ROWS);
    }

    @Override
    public void add(Extent extent) {
        map.add(extent);
        totals.add(extent);
        if (first.size() < MOST_ROWS) {
            first.add(extent);
        }
    }

    @Override
    public void finish() {
        TextTable table = new TextTable(">OFFSET", ">LENGTH", ">SIZE", "KIND");
        for (Extent extent : first) {
            table.add(String.valueOf(extent.offsetBytes()), String.valueOf(extent.lengthBytes()), Sizes.text(extent.lengthBytes()),
                    extent.kind().label());
        }
        table.print(out);
        if (totals.extents() > first.size()) {
            out.printf("… and %,d more extents; --json has them all%n", totals.extents() - first.size());
        }
        out.println();
        out.println(totals.text(Field.number(head, "sizeBytes")));
        out.println();
        new TerminalMap(TerminalMap.wantsColour(), TerminalMap.charset()).print(map, out);
    }
}
