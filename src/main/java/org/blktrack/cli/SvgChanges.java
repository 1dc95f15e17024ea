package org.blktrack.cli;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.blktrack.model.Extent;

/** The answer as a picture in a file. */
final class SvgChanges implements ChangesOutput {
    private final JsonObject head;
    private final ChangeMap map;
    private final Totals totals = new Totals();
    private final OutputFile out;

    SvgChanges(Path file, JsonObject head) throws IOException {
        this.head = head;
        map = new ChangeMap(Field.number(head, "sizeBytes"), Field.number(head, "granularityBytes"), SvgMap.COLUMNS * SvgMap.ROWS);
        out = new OutputFile(file);
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
        String picture = SvgMap.draw(map, title, totals.text(Field.number(head, "sizeBytes")) + " · " + range);
        out.write(picture.getBytes(StandardCharsets.UTF_8));
        out.finish();
    }

    @Override
    public void abandon() {
        try {
            out.close();
        } catch (IOException e) {
            System.err.println("blktrack: " + e.getMessage());
        }
    }
}
