package org.blktrack.cli;

import org.blktrack.model.Extent;

/** How much of each of so many equal parts of a volume changed: what both pictures are drawn from. */
final class ChangeMap {
    private final long sizeBytes;
    private final long[] dataBytes;
    private final long[] discardedBytes;

    /** @param cells fewer are made of a volume that is smaller than that many granules */
    ChangeMap(long sizeBytes, long granuleBytes, int cells) {
        this.sizeBytes = sizeBytes;
        int count = (int) Math.max(1, Math.min(cells, (sizeBytes + granuleBytes - 1) / granuleBytes));
        dataBytes = new long[count];
        discardedBytes = new long[count];
    }

    void add(Extent extent) {
        long[] into = extent.kind() == Extent.Kind.DATA ? dataBytes : discardedBytes;
        long end = extent.offsetBytes() + extent.lengthBytes();
        int cell = cellOf(extent.offsetBytes());
        for (long at = extent.offsetBytes(); at < end; cell++) {
            long stop = Math.min(end, start(cell + 1));
            into[cell] += stop - at;
            at = stop;
        }
    }

    int cells() {
        return dataBytes.length;
    }

    /** First byte of a cell. */
    long start(int cell) {
        // Whole cells and the rest apart, so that nothing overflows.
        return sizeBytes / cells() * cell + sizeBytes % cells() * cell / cells();
    }

    private int cellOf(long offset) {
        int cell = (int) Math.min(cells() - 1, (long) ((double) offset / sizeBytes * cells()));
        while (cell > 0 && start(cell) > offset) {
            cell--;
        }
        while (cell + 1 < cells() && start(cell + 1) <= offset) {
            cell++;
        }
        return cell;
    }

    /** Share of a cell that was written, 0 to 1. */
    double data(int cell) {
        return (double) dataBytes[cell] / (start(cell + 1) - start(cell));
    }

    /** Share of a cell that was discarded, 0 to 1. */
    double discarded(int cell) {
        return (double) discardedBytes[cell] / (start(cell + 1) - start(cell));
    }

    /** 0: nothing changed; 1 to {@code levels}: the more, the higher. A single granule already shows. */
    static int level(double share, int levels) {
        // By the square root: most cells change little, and that is where the eye should see a difference.
        return share <= 0 ? 0 : (int) Math.min(levels, 1 + Math.floor(Math.sqrt(share) * levels));
    }
}
