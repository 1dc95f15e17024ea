package org.blktrack.table;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.blktrack.model.ChangeId;
import org.blktrack.model.Granularity;
import org.blktrack.model.SeriesId;
import org.blktrack.model.VolumeId;

/**
 * What a checkpoint file says of itself. Byte offsets: docs/checkpoint-format.md.
 *
 * @param since the change id that opened the epoch
 * @param until the one that closed it
 */
public record EpochHeader(VolumeId volume, SeriesId series, ChangeId since, ChangeId until, Granularity granularity,
        long sizeBytes, long closedMs) {
    static final long MAGIC = ByteBuffer.wrap("blkepoch".getBytes(StandardCharsets.US_ASCII)).getLong();
    static final int VERSION = 1;
    static final int FIXED_BYTES = 96;
    static final int LARGEST_VOLUME_ID = 4096;

    /** Words of one bitmap. */
    public long words() {
        return granularity.words(sizeBytes);
    }

    ByteBuffer encode() {
        byte[] id = volume.text().getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(FIXED_BYTES + id.length).order(ByteOrder.BIG_ENDIAN).putLong(MAGIC);
        bytes.order(ByteOrder.LITTLE_ENDIAN)
                .putInt(VERSION).putInt(granularity.bytes()).putLong(sizeBytes).putLong(closedMs)
                .put(series.bytes()).put(since.bytes()).put(until.bytes())
                .putInt(0).putInt(0).putInt(0).putInt(id.length).put(id);
        return bytes.flip();
    }

    /**
     * @param bytes from the file's start, the volume id included
     * @throws IllegalArgumentException for anything that {@link #encode} does not write
     */
    static EpochHeader decode(ByteBuffer bytes) {
        require(bytes.order(ByteOrder.BIG_ENDIAN).getLong() == MAGIC, "no checkpoint file");
        bytes.order(ByteOrder.LITTLE_ENDIAN);
        int version = bytes.getInt();
        require(version == VERSION, "format version " + version + ", this program knows " + VERSION);
        int granuleBytes = bytes.getInt();
        long sizeBytes = bytes.getLong();
        long closedMs = bytes.getLong();
        SeriesId series = SeriesId.of(take(bytes, SeriesId.BYTES));
        ChangeId since = ChangeId.of(take(bytes, ChangeId.BYTES));
        ChangeId until = ChangeId.of(take(bytes, ChangeId.BYTES));
        require(bytes.getInt() == 0 && bytes.getInt() == 0 && bytes.getInt() == 0, "reserved bytes are set");
        int length = bytes.getInt();
        require(sizeBytes > 0 && length > 0 && length <= bytes.remaining(), "lengths that can't be");
        VolumeId volume = new VolumeId(new String(take(bytes, length), StandardCharsets.UTF_8));
        return new EpochHeader(volume, series, since, until, new Granularity(granuleBytes), sizeBytes, closedMs);
    }

    private static byte[] take(ByteBuffer bytes, int length) {
        byte[] taken = new byte[length];
        bytes.get(taken);
        return taken;
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
