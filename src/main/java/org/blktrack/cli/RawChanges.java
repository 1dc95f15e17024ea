package org.blktrack.cli;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import org.blktrack.model.Extent;

/** The answer as plain bits in a file. */
final class RawChanges implements ChangesOutput {
    private final RawBitmap bitmap;
    private final long granuleBytes;
    private final long granules;

    RawChanges(Path file, JsonObject head) throws IOException {
        granuleBytes = Field.number(head, "granularityBytes");
        granules = (Field.number(head, "sizeBytes") + granuleBytes - 1) / granuleBytes;
        bitmap = new RawBitmap(file);
    }

    @Override
    public void add(Extent extent) throws IOException {
        long end = extent.offsetBytes() + extent.lengthBytes();
        bitmap.set(extent.offsetBytes() / granuleBytes, (end + granuleBytes - 1) / granuleBytes);
    }

    @Override
    public void finish() throws IOException {
        bitmap.finish(granules);
    }

    @Override
    public void abandon() {
        try {
            bitmap.close();
        } catch (IOException e) {
            System.err.println("blktrack: " + e.getMessage());
        }
    }
}
