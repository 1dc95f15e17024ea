package org.blktrack.cli;

import java.util.Locale;
import org.blktrack.model.Extent;

/** What an answer sums up to. */
final class Totals {
    private long extents;
    private long dataBytes;
    private long discardedBytes;

    void add(Extent extent) {
        extents++;
        if (extent.kind() == Extent.Kind.DATA) {
            dataBytes += extent.lengthBytes();
        } else {
            discardedBytes += extent.lengthBytes();
        }
    }

    long extents() {
        return extents;
    }

    String text(long sizeBytes) {
        String data = String.format(Locale.ROOT, "%s of %s changed (%.2f %%) in %,d extents", Sizes.text(dataBytes), Sizes.text(sizeBytes),
                100.0 * dataBytes / sizeBytes, extents);
        return discardedBytes == 0 ? data : data + ", " + Sizes.text(discardedBytes) + " discarded";
    }
}
