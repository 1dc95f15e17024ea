package org.blktrack.track;

import java.util.List;
import org.blktrack.model.EpochBits;

/** Several epochs of one volume as one: written in any of them is data; discarded is what was discarded and never written. */
public final class EpochUnion implements EpochBits {
    private final long words;
    private final List<? extends EpochBits> epochs;

    /** @param words of one bitmap; every epoch has as many @param epochs closed together with this union */
    public EpochUnion(long words, List<? extends EpochBits> epochs) {
        for (EpochBits epoch : epochs) {
            if (epoch.words() != words) {
                throw new IllegalArgumentException("an epoch of " + epoch.words() + " words among epochs of " + words);
            }
        }
        this.words = words;
        this.epochs = List.copyOf(epochs);
    }

    @Override
    public long words() {
        return words;
    }

    @Override
    public void orChunk(long chunk, long[] data, long[] discarded) {
        for (EpochBits epoch : epochs) {
            epoch.orChunk(chunk, data, discarded);
        }
    }

    @Override
    public void readChunk(long chunk, long[] data, long[] discarded) {
        if (epochs.isEmpty()) {
            EpochBits.super.readChunk(chunk, data, discarded);
            return;
        }
        // The last one is the live epoch, mapped, and as a first one it costs a plain copy.
        int last = epochs.size() - 1;
        epochs.get(last).readChunk(chunk, data, discarded);
        for (int i = 0; i < last; i++) {
            epochs.get(i).orChunk(chunk, data, discarded);
        }
    }

    @Override
    public void close() {
        epochs.forEach(EpochBits::close);
    }
}
