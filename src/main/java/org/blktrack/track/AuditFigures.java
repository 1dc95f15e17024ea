package org.blktrack.track;

/**
 * The kernel's own accounting held against the tracker's, for one volume's disk. Written and discarded are sectors of 512 bytes since the attach.
 *
 * @param verdict "" or a name of {@link org.blktrack.model.Reason}
 */
public record AuditFigures(int slot, String grade, long statWritten, long countedWritten, long statDiscarded,
        long countedDiscarded, long inFlight, long skipped, long passthroughUnknown, long zoneCommands, String verdict,
        String evidence) {}
