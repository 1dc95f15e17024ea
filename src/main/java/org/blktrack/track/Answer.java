package org.blktrack.track;

import org.blktrack.model.EpochBits;
import org.blktrack.model.Trust;

/**
 * What changed, or why that is not known.
 *
 * @param record of the volume; null where it is not tracked
 * @param since as asked
 * @param until as asked; null: up to the moment of asking
 * @param bits null unless the trust is complete
 */
public record Answer(VolumeRecord record, String since, String until, Trust trust, EpochBits bits) implements AutoCloseable {
    @Override
    public void close() {
        if (bits != null) {
            bits.close();
        }
    }
}
