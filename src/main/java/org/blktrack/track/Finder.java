package org.blktrack.track;

import java.util.Map;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;
import org.blktrack.model.VolumeId;

/** Finds the volume that a person or a program means by a device. */
final class Finder {
    private final VolumeStore store;
    private final DeviceNames names;

    Finder(VolumeStore store, DeviceNames names) {
        this.store = store;
        this.names = names;
    }

    /** @return null where the kernel does not track it */
    KernelVolume inKernel(String device, Map<VolumeId, KernelVolume> volumes) {
        String number;
        try {
            number = names.number(device);
        } catch (BlktrackException e) {
            // A device that is gone can still be asked about, by the name it had.
            KernelVolume gone = volumes.values().stream().filter(each -> each.device().equals(device)).findFirst().orElse(null);
            if (gone == null && store.all().stream().noneMatch(record -> record.device().equals(device))) {
                throw e;
            }
            return gone;
        }
        return volumes.values().stream().filter(each -> each.number().equals(number)).findFirst().orElse(null);
    }

    /**
     * By the name alone only where the kernel tracks the record's volume nowhere: such a record has no series and can only explain. One that is
     * tracked under another number is of another device, which had the name before.
     */
    private VolumeRecord find(String device, Judge.Verdict verdict) {
        KernelVolume volume = inKernel(device, verdict.volumes());
        if (volume != null) {
            return store.find(volume.id());
        }
        return store.all().stream().filter(each -> each.device().equals(device) && !verdict.volumes().containsKey(each.id()))
                .findFirst().orElse(null);
    }

    /**
     * @return null where the daemon has no record of it, or it was disabled; a record without a series, even where something keeps the volume
     *     from beginning another, for why the old one ended is known
     */
    VolumeRecord orNull(String device, Judge.Verdict verdict) {
        VolumeRecord record = find(device, verdict);
        if (record != null && record.series() != null && verdict.faults().containsKey(record.id())) {
            throw verdict.faults().get(record.id());
        }
        return record;
    }

    /** @throws BlktrackException {@code NOT_TRACKED} */
    VolumeRecord tracked(String device, Judge.Verdict verdict) {
        VolumeRecord record = find(device, verdict);
        if (record == null || !record.tracked()) {
            throw new BlktrackException(ExitStatus.REFUSED, "NOT_TRACKED", device + " is not tracked",
                    "'blktrack enable " + device + "' starts it; 'blktrack status' lists what is.");
        }
        return record;
    }

    /** @throws BlktrackException {@code NOT_TRACKED}, or what keeps the volume from having a series */
    VolumeRecord answerable(String device, Judge.Verdict verdict) {
        VolumeRecord record = tracked(device, verdict);
        if (verdict.faults().containsKey(record.id())) {
            throw verdict.faults().get(record.id());
        }
        if (record.series() == null) {
            String reason = record.lastEnded() == null ? "NOT_TRACKED" : record.lastEnded().trust().reason();
            throw new BlktrackException(ExitStatus.UNTRUSTED, reason, device + " is not tracked by the kernel now: " + reason
                    + (record.lastEnded() == null ? "" : " (" + record.lastEnded().trust().evidence() + ")"),
                    "'blktrack disable " + device + "' and 'blktrack enable " + device + "' start anew.");
        }
        return record;
    }
}
