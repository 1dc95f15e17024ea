package org.blktrack.track;

import java.util.Collection;
import java.util.concurrent.atomic.AtomicLong;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.EpochBits;
import org.blktrack.model.ExitStatus;

/**
 * Copies of live epochs. One that an answer is sent from lies in the kernel's memory until the last reply is taken: so all of them share what the
 * maps leave of the memory that the helper allows these. One is always possible.
 */
final class Previews {
    /** A twentieth, 5 %, as in the helper's capacity.c. */
    private static final int MEMORY_SHARE = 20;

    private final Kernel kernel;
    private final long limitBytes;
    private final AtomicLong heldBytes = new AtomicLong();

    Previews(Kernel kernel, long memoryBytes) {
        this.kernel = kernel;
        limitBytes = memoryBytes / MEMORY_SHARE;
    }

    /** A copy for a moment. Its map stays as long as it is mapped, so its pin can go at once. */
    EpochBits copy(KernelVolume volume) {
        ClosedEpoch copy = kernel.peek(volume.slot());
        try {
            return kernel.open(copy);
        } finally {
            kernel.releaseIfPossible(copy);
        }
    }

    /**
     * A copy for an answer.
     *
     * @param all volumes that the kernel tracks
     * @throws BlktrackException {@code BUSY}
     */
    EpochBits hold(KernelVolume volume, Collection<KernelVolume> all) {
        long room = limitBytes - all.stream().mapToLong(KernelVolume::mapBytes).sum()
                - all.stream().mapToLong(each -> each.mapBytes() + copyBytes(each)).max().orElse(0); // while one has a checkpoint
        if (heldBytes.get() > 0 && heldBytes.get() + copyBytes(volume) > room) {
            throw new BlktrackException(ExitStatus.BUSY, "BUSY", "the answers that blktrackd is sending take " + (heldBytes.get() >> 20)
                    + " MiB of memory already, and one of " + volume.device() + " would exceed 5 % of memory, with all maps",
                    "Ask again when others have taken theirs; one that takes nothing for a minute is given up.");
        }
        return new Held(copyBytes(volume), copy(volume));
    }

    private static long copyBytes(KernelVolume volume) {
        return 2 * Long.BYTES * volume.granularity().words(volume.sizeBytes());
    }

    private final class Held implements EpochBits {
        private final EpochBits copy;
        private long bytes;

        Held(long bytes, EpochBits copy) {
            this.bytes = bytes;
            this.copy = copy;
            heldBytes.addAndGet(bytes);
        }

        @Override
        public long words() {
            return copy.words();
        }

        @Override
        public void orChunk(long chunk, long[] data, long[] discarded) {
            copy.orChunk(chunk, data, discarded);
        }

        @Override
        public void readChunk(long chunk, long[] data, long[] discarded) {
            copy.readChunk(chunk, data, discarded);
        }

        @Override
        public void close() {
            copy.close();
            heldBytes.addAndGet(-bytes);
            bytes = 0;
        }
    }
}
