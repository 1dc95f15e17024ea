package org.blktrack.cli;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import org.blktrack.model.Extent;

/** The answer as a picture in a file. */
final class SvgChanges implements ChangesOutput {
    private final Path file;
    private final JsonObject head;
    private final ChangeMap map;
    private final Totals totals = new Totals();

    SvgChanges(Path file, JsonObject head) {
        this.file = file;
        this.head = head;
        map = new ChangeMap(Field.number(head, "sizeBytes"), Field.number(head, "granularityBytes"), SvgMap.COLUMNS * SvgMap.ROWS);
    }

    @Override
    public void add(Extent extent) {
        map.add(extent);
        totals.add(extent);
    }

    @Override
    public void finish() throws IOException {
        String title = "Changed blocks of " + Field.text(head, "device", "?");
        String range = "since " + Field.text(head, "since", "?") + " until " + Field.text(head, "until", "now");
        SvgMap.write(file, SvgMap.draw(map, title, totals.text(Field.number(head, "sizeBytes")) + " · " + range));
    }
}
