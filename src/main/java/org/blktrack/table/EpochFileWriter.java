package org.blktrack.table;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.util.zip.CRC32C;
import org.blktrack.model.EpochBits;

/**
 * Writes a checkpoint file in one pass, whatever the volume's size: header, chunks, trailer. A granule both written and discarded
 * goes in as data alone.
 */
public final class EpochFileWriter {
    static final int DATA = 0;
    static final int DISCARDED = 1;
    static final int CHUNK_HEAD_BYTES = 8;
    static final int TRAILER_BYTES = 28;
    private static final int BUFFER_BYTES = 64 << 10;

    /** What was written. */
    public record Written(long dataGranules, long discardedGranules, long fileBytes) {}

    private final WritableByteChannel file;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private final CRC32C crc = new CRC32C();
    private final long[] granules = new long[2];
    private long fileBytes;

    private EpochFileWriter(WritableByteChannel file) {
        this.file = file;
    }

    /** @param bits as many words as the header's volume has */
    public static Written write(WritableByteChannel file, EpochHeader header, EpochBits bits) throws IOException {
        if (bits.words() != header.words()) {
            throw new IllegalArgumentException(bits.words() + " words for a volume of " + header.words());
        }
        return new EpochFileWriter(file).write(header, bits);
    }

    private Written write(EpochHeader header, EpochBits bits) throws IOException {
        buffer.put(header.encode());
        long[] data = new long[EpochBits.CHUNK_WORDS];
        long[] discarded = new long[EpochBits.CHUNK_WORDS];
        for (long chunk = 0; chunk < bits.chunks(); chunk++) {
            bits.readChunk(chunk, data, discarded);
            for (int i = 0; i < discarded.length; i++) {
                discarded[i] &= ~data[i];
            }
            put(chunk, DATA, data);
            put(chunk, DISCARDED, discarded);
        }
        return finish();
    }

    private void put(long chunk, int bitmap, long[] words) throws IOException {
        long cardinality = ChunkCodec.cardinality(words);
        if (cardinality == 0) {
            return;
        }
        granules[bitmap] += cardinality;
        ChunkCodec.Form form = ChunkCodec.smallest(words, cardinality);
        if (buffer.remaining() < CHUNK_HEAD_BYTES + form.bodyBytes()) {
            flush();
        }
        buffer.putInt((int) chunk).put((byte) bitmap).put((byte) form.code()).putShort((short) form.count());
        ChunkCodec.encode(words, form, buffer);
    }

    private Written finish() throws IOException {
        flush();
        long total = fileBytes + TRAILER_BYTES;
        buffer.putLong(granules[DATA]).putLong(granules[DISCARDED]).putLong(total);
        crc.update(buffer.array(), 0, buffer.position());
        buffer.putInt((int) crc.getValue());
        flush();
        return new Written(granules[DATA], granules[DISCARDED], total);
    }

    private void flush() throws IOException {
        buffer.flip();
        crc.update(buffer.array(), 0, buffer.limit());
        fileBytes += buffer.limit();
        while (buffer.hasRemaining()) {
            file.write(buffer);
        }
        buffer.clear();
    }
}
