package org.blktrack.track;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32C;
import org.blktrack.model.ChangeId;
import org.blktrack.model.Granularity;
import org.blktrack.model.SeriesId;
import org.blktrack.model.VolumeId;
import org.junit.jupiter.api.Test;

class VolumeJsonTest {
    private static final VolumeRecord RECORD = new VolumeRecord(new VolumeId("partuuid:a"), "/dev/a", new Granularity(4096), 1 << 20, true, false,
            SeriesId.random(), 1000, List.of(new Checkpoint(ChangeId.random(), 2000, false, "none")), null, List.of());

    @Test
    void readsBackWhatWasWritten() {
        assertEquals(RECORD, VolumeJson.decode(VolumeJson.encode(RECORD)));
    }

    /** Version 0.1.0's first records did not say when their series began. */
    @Test
    void anOlderRecordsSeriesBeganWithItsFirstCheckpoint() {
        String text = new String(VolumeJson.encode(RECORD), StandardCharsets.UTF_8).replaceFirst(".*\"seriesStartedMs\".*\n", "");
        String body = text.substring(0, text.lastIndexOf("crc32c="));
        CRC32C crc = new CRC32C();
        crc.update(body.getBytes(StandardCharsets.UTF_8));
        VolumeRecord old = VolumeJson.decode((body + String.format("crc32c=%08x\n", crc.getValue())).getBytes(StandardCharsets.UTF_8));
        assertEquals(2000, old.seriesStartedMs());
        assertEquals(RECORD.checkpoints(), old.checkpoints());
    }
}
