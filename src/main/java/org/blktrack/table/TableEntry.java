package org.blktrack.table;

import java.util.List;

/**
 * One volume's place in the tracking table.
 *
 * @param series 32 hex digits
 * @param epoch change id that opened the saved epoch
 * @param reason empty: the record was complete
 * @param fingerprint lines of {@code key=value}, empty while the table is dirty
 * @param dataGranules set bits of the data bitmap, or -1 where the bitmaps were not read (dirty, or damaged)
 */
public record TableEntry(int place, String identity, String device, long sizeBytes, int granuleBytes, boolean trustOffline,
        String series, String epoch, String reason, String evidence, List<String> fingerprint,
        long areaOffset, long areaBytes, long bitmapBytes, long dataGranules, long discardGranules) {
    public TableEntry {
        fingerprint = List.copyOf(fingerprint);
    }
}
