package org.blktrack.track;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.Trust;
import org.blktrack.model.VolumeId;

/** What the kernel said, after everything was brought into line. */
record Verdict(Map<VolumeId, KernelVolume> volumes, Map<VolumeId, AuditFigures> audit, Map<VolumeId, Obstacle> obstacles) {
    /**
     * Why a volume could not be brought into line, or what its record waits for.
     *
     * @param fault what would change it fails with that
     * @param doubt why its record can't be answered from
     */
    record Obstacle(BlktrackException fault, Trust doubt) {}

    Verdict() {
        this(new HashMap<>(), new HashMap<>(), new HashMap<>());
    }

    /** @return null where the record can be answered from */
    Trust doubt(VolumeId id) {
        return obstacles.containsKey(id) ? obstacles.get(id).doubt() : null;
    }

    /** Of what the kernel tracks: a volume that is not there is no fault. */
    List<BlktrackException> faults() {
        return volumes.keySet().stream().filter(obstacles::containsKey).map(id -> obstacles.get(id).fault()).toList();
    }
}
