package org.blktrack.table;

import java.util.List;

/**
 * A tracking table as it was read. Byte offsets: docs/table-format.md.
 *
 * @param state what the header slots say together
 * @param uuid 32 hex digits
 * @param starts how often a start took the table over
 * @param writtenAt seconds since 1970, by the clock of the machine: for people
 * @param entries in directory order; of a dirty table those that are whole
 * @param flaws what is wrong and where; empty for a sound table
 * @param warnings what is not whole in a dirty table, whose record is given up anyway
 */
public record TrackingTable(State state, String uuid, long sequence, long starts, String bootId, long writtenAt, long sizeBytes,
        int places, List<TableEntry> entries, List<Flaw> flaws, List<Flaw> warnings) {
    public enum State { CLEAN, DIRTY, CORRUPT }

    /** @param offsetBytes in the file */
    public record Flaw(long offsetBytes, String what) {}

    public TrackingTable {
        entries = List.copyOf(entries);
        flaws = List.copyOf(flaws);
        warnings = List.copyOf(warnings);
    }

    public boolean isSound() {
        return flaws.isEmpty();
    }
}
