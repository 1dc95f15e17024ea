package org.blktrack.track;

import org.blktrack.model.Reason;
import org.blktrack.model.Trust;

/**
 * A volume for {@code status}.
 *
 * @param kernel null where the kernel does not track it now
 * @param audit likewise
 * @param doubt why its record can't be answered from although it has a series, or null
 * @param dataGranules marked since the live change id; -1 where not known
 * @param discardedGranules likewise
 */
public record VolumeView(VolumeRecord record, KernelVolume kernel, AuditFigures audit, Trust doubt,
        long dataGranules, long discardedGranules) {
    /** Of the running series; where there is none, of the one that ended last. */
    public Trust trust() {
        if (record.series() != null) {
            return doubt == null ? Trust.COMPLETE : doubt;
        }
        if (record.lastEnded() != null) {
            return record.lastEnded().trust();
        }
        return doubt == null ? Trust.unknown(Reason.NOT_TRACKED_SINCE, "") : doubt;
    }
}
