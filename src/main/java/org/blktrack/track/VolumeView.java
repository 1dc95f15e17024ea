package org.blktrack.track;

import org.blktrack.model.BlktrackException;
import org.blktrack.model.Trust;

/**
 * A volume for {@code status}.
 *
 * @param kernel null where the kernel does not track it now
 * @param audit likewise
 * @param fault why it can't be brought into line, or null
 * @param dataGranules marked in the live epoch; -1 where not known
 * @param discardedGranules likewise
 */
public record VolumeView(VolumeRecord record, KernelVolume kernel, AuditFigures audit, BlktrackException fault,
        long dataGranules, long discardedGranules) {
    /** Of the running series; where there is none, of the one that ended last. */
    public Trust trust() {
        if (record.series() != null && fault == null) {
            return Trust.COMPLETE;
        }
        if (record.series() == null && record.lastEnded() != null) {
            return record.lastEnded().trust();
        }
        return new Trust(fault == null ? "NOT_TRACKED_SINCE" : fault.reason(), fault == null ? "" : fault.getMessage());
    }
}
