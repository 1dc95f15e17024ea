package org.blktrack.track;

import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;
import org.blktrack.model.VolumeId;

/**
 * Finds the volume that a person or a program means: by a device, or by the volume id that {@code status} shows. A device's path is first of all
 * that of the volume which the kernel tracks under its number; else the name of a record whose volume is away.
 */
final class Finder {
    private final Kernel kernel;
    private final VolumeStore store;
    private final DeviceNames names;

    Finder(Kernel kernel, VolumeStore store, DeviceNames names) {
        this.kernel = kernel;
        this.store = store;
        this.names = names;
    }

    /** @return null where the kernel does not track it @throws BlktrackException {@code NO_SUCH_DEVICE} */
    KernelVolume inKernel(String device, Map<VolumeId, KernelVolume> volumes) {
        if (VolumeId.looksLike(device)) {
            VolumeId id = new VolumeId(device);
            if (store.find(id) == null && !volumes.containsKey(id)) {
                throw new BlktrackException(ExitStatus.REFUSED, "NO_SUCH_DEVICE", "no volume is known as " + device,
                        "'blktrack status' shows the id of each.");
            }
            return volumes.get(id);
        }
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
     * By the name alone only where the kernel tracks the record's volume nowhere: such a record can only explain. One that is
     * tracked under another number is of another device, which had the name before.
     *
     * @return null where the daemon has no record of it
     */
    VolumeRecord orNull(String device, Verdict verdict) {
        return orNull(device, verdict, record -> true);
    }

    /** @param wanted which records of volumes that are away count */
    private VolumeRecord orNull(String device, Verdict verdict, Predicate<VolumeRecord> wanted) {
        KernelVolume volume = inKernel(device, verdict.volumes());
        if (volume != null) {
            return store.find(volume.id());
        }
        if (VolumeId.looksLike(device)) {
            return store.find(new VolumeId(device));
        }
        List<VolumeRecord> named = store.all().stream()
                .filter(each -> each.device().equals(device) && !verdict.volumes().containsKey(each.id())).filter(wanted).toList();
        return named.size() > 1 ? identified(device, named) : named.isEmpty() ? null : named.get(0);
    }

    /** Of several volumes that had the name, the one that has it now; else the one that is still tracked, or none. */
    private VolumeRecord identified(String device, List<VolumeRecord> named) {
        VolumeId now = identity(device);
        VolumeRecord present = named.stream().filter(each -> each.id().equals(now)).findFirst().orElse(null);
        List<VolumeRecord> tracked = named.stream().filter(VolumeRecord::tracked).toList();
        if (present == null && tracked.size() > 1) {
            throw new BlktrackException(ExitStatus.REFUSED, "AMBIGUOUS_DEVICE", device + " was the name of " + tracked.size() + " volumes ("
                    + tracked.stream().map(each -> each.id().text()).collect(Collectors.joining(", ")) + "), and is none of them now",
                    "Name the one that is meant by its id instead of the device, or attach it.");
        }
        return present != null ? present : tracked.isEmpty() ? null : tracked.get(0);
    }

    /** @return null where there is no such device now */
    private VolumeId identity(String device) {
        try {
            return kernel.probe(device).id();
        } catch (BlktrackException e) {
            Kernel.passOnIfGone(e);
            return null;
        }
    }

    /** Of what {@code status} lists; a record that only explains old ids hides none of that. @throws BlktrackException {@code NOT_TRACKED} */
    VolumeRecord tracked(String device, Verdict verdict) {
        VolumeRecord record = orNull(device, verdict, VolumeRecord::tracked);
        if (record == null || !record.tracked()) {
            throw new BlktrackException(ExitStatus.REFUSED, "NOT_TRACKED", device + " is not tracked",
                    (VolumeId.looksLike(device) ? "" : "'blktrack enable " + device + "' starts it; ") + "'blktrack status' lists what is.");
        }
        return record;
    }

    /** @throws BlktrackException {@code NOT_TRACKED}, or what keeps the volume from having a series */
    VolumeRecord answerable(String device, Verdict verdict) {
        VolumeRecord record = tracked(device, verdict);
        if (verdict.obstacles().containsKey(record.id())) {
            throw verdict.obstacles().get(record.id()).fault();
        }
        if (record.series() == null) {
            String reason = record.lastEnded() == null ? "NOT_TRACKED" : record.lastEnded().trust().reason();
            throw new BlktrackException(ExitStatus.UNTRUSTED, reason, device + " is not tracked by the kernel now: " + reason
                    + (record.lastEnded() == null ? "" : " (" + record.lastEnded().trust().evidence() + ")"),
                    "'blktrack disable " + record.id() + "' and 'blktrack enable " + record.device() + "' start anew.");
        }
        return record;
    }
}
