package org.blktrack.track;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ChangeId;
import org.blktrack.model.EpochBits;
import org.blktrack.model.Trust;
import org.blktrack.model.VolumeId;

/**
 * The kernel's tracking state, by way of the helper. Every method may throw a {@link BlktrackException}: the helper's refusal, or
 * {@code AGENT_GONE}, after which nobody knows whether the call took effect.
 */
public interface Kernel {
    KernelVolume probe(String device);

    KernelVolume enable(String device, int granuleBytes, boolean trustOffline, boolean requirePersistent);

    void disable(int slot);

    /** Takes the place in the tracking table from a volume that is absent. */
    void withdraw(VolumeId id);

    List<KernelVolume> volumes();

    /** Each volume has an identity of its own: where two have the same, the helper names them otherwise. */
    default Map<VolumeId, KernelVolume> volumesById() {
        return volumes().stream().collect(Collectors.toMap(KernelVolume::id, Function.identity()));
    }

    /** Closes the live epoch and opens one under a new id. */
    Rotation checkpoint(int slot, ChangeId opening);

    /** Closed epochs that nobody released. */
    List<ClosedEpoch> closed();

    /** A copy of the live epoch, to be released. */
    ClosedEpoch peek(int slot);

    EpochBits open(ClosedEpoch epoch);

    void release(ClosedEpoch epoch);

    /** Of one that is stored or mapped: nothing depends on its pin any more, and what is left over is found by the next beat or replaced by the next copy. */
    default void releaseIfPossible(ClosedEpoch epoch) {
        try {
            release(epoch);
        } catch (BlktrackException e) {
            System.err.println("blktrackd: " + epoch.pin() + " is not released yet: " + e.getMessage());
        }
    }

    List<AuditFigures> audit();

    void distrust(int slot, Trust why);

    /**
     * Starts a series with an empty live epoch; the kernel's trust is complete again.
     *
     * @return the volume as it is now, perhaps in another slot
     */
    KernelVolume newSeries(int slot, ChangeId opening);

    /**
     * Has the tracking table's changed pages written, so that the last save has less to do. Volumes whose table turns out to be an old copy
     * are unknown afterwards.
     */
    void refreshTable();

    /** For whoever goes on after a refusal: after that none can be made up for. */
    static void passOnIfGone(BlktrackException fault) {
        if ("AGENT_GONE".equals(fault.reason())) {
            throw fault;
        }
    }
}
