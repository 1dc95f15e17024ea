package org.blktrack.track;

import org.blktrack.model.ChangeId;
import org.blktrack.model.Granularity;
import org.blktrack.model.SeriesId;
import org.blktrack.model.Trust;
import org.blktrack.model.VolumeId;

/**
 * A volume as the kernel tracks it now.
 *
 * @param slot where it stands in the kernel's maps; -1 for one that is only probed
 * @param device path at the attach, for people
 * @param number {@code MAJOR:MINOR} of the volume itself
 * @param series null for one that is only probed
 * @param epoch the change id that opened the live epoch
 * @param trust null for one that is only probed
 * @param grade how far the audit can see: EXACT, WRITES_ONLY, NONE
 * @param kind loop, zram, dm, md, scsi, nvme, virtio …
 * @param persistentReason why the record does not outlive the boot; "" where it does
 * @param baseKnown whether a moment without writes in flight was seen since marking began; until then an unmarked write may still land
 * @param mapBytes what its maps take of the kernel's memory for good; 0 for one that is only probed
 */
public record KernelVolume(int slot, String device, String disk, String number, VolumeId id, long sizeBytes,
        Granularity granularity, SeriesId series, ChangeId epoch, Trust trust, String grade, String kind,
        boolean persistent, String persistentReason, boolean trustOffline, boolean baseKnown,
        long mapBytes) {}
