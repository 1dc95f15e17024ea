package org.blktrack.table;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.EpochBits;
import org.blktrack.model.ExitStatus;
import org.blktrack.model.IoCause;
import org.blktrack.model.Reason;

/**
 * Reads a checkpoint file. Opening it checks every byte: an open file is a whole one. Reading then goes forward only, in memory that does not
 * grow with the volume.
 */
public final class EpochFile implements EpochBits {
    /** Room for a chunk and its head, twice: many files are open at once. */
    private static final int BUFFER_BYTES = 2 * ChunkCodec.LARGEST_BODY;

    private final Path path;
    private final FileChannel file;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private EpochHeader header;
    private long dataGranules;
    private long discardedGranules;
    /** Where the chunks end and the trailer begins. */
    private long bodyEnd;
    private long nextRead;

    private EpochFile(Path path, FileChannel file) {
        this.path = path;
        this.file = file;
    }

    /** @throws BlktrackException {@code CHECKPOINT_CORRUPT} for a missing, cut, or changed file; {@code STATE_NOT_READABLE} for any that can't be read now */
    public static EpochFile open(Path path) {
        try {
            return open(path, FileChannel.open(path, StandardOpenOption.READ));
        } catch (NoSuchFileException e) {
            throw corrupt(path, "it is missing", e);
        } catch (IOException e) {
            throw notReadable(path, e);
        }
    }

    /**
     * @param path for people
     * @param channel readable; closed with the file, and where this fails
     * @throws BlktrackException {@code CHECKPOINT_CORRUPT} or {@code STATE_NOT_READABLE}
     */
    public static EpochFile open(Path path, FileChannel channel) {
        try {
            EpochFile file = new EpochFile(path, channel);
            file.verify();
            file.readHeader();
            return file;
        } catch (IOException e) {
            close(channel);
            throw notReadable(path, e);
        } catch (IllegalArgumentException | BufferUnderflowException | BlktrackException e) {
            close(channel);
            throw corrupt(path, e.getMessage(), e);
        }
    }

    private void verify() throws IOException {
        long size = file.size();
        bodyEnd = size - EpochFileWriter.TRAILER_BYTES;
        if (bodyEnd < EpochHeader.FIXED_BYTES) {
            throw new IllegalArgumentException("it is cut short at " + size + " bytes");
        }
        CRC32C crc = new CRC32C();
        long left = size - Integer.BYTES;
        for (nextRead = 0; left > 0; left -= buffer.limit()) {
            buffer.clear().limit((int) Math.min(left, BUFFER_BYTES));
            fill();
            crc.update(buffer.array(), 0, buffer.limit());
        }
        buffer.clear().limit(EpochFileWriter.TRAILER_BYTES);
        nextRead = bodyEnd;
        fill();
        dataGranules = buffer.getLong();
        discardedGranules = buffer.getLong();
        long length = buffer.getLong();
        if (length != size || buffer.getInt() != (int) crc.getValue()) {
            throw new IllegalArgumentException(length == size ? "its checksum does not match" : "its length does not match");
        }
    }

    private void readHeader() throws IOException {
        nextRead = 0;
        buffer.clear().limit((int) Math.min(bodyEnd, EpochHeader.FIXED_BYTES + EpochHeader.LARGEST_VOLUME_ID));
        fill();
        header = EpochHeader.decode(buffer);
        buffer.order(ByteOrder.LITTLE_ENDIAN);
    }

    private void fill() throws IOException {
        while (buffer.hasRemaining()) {
            int read = file.read(buffer, nextRead);
            if (read < 0) {
                throw new IllegalArgumentException("it ends too early");
            }
            nextRead += read;
        }
        buffer.flip();
    }

    public EpochHeader header() {
        return header;
    }

    public long dataGranules() {
        return dataGranules;
    }

    public long discardedGranules() {
        return discardedGranules;
    }

    @Override
    public long words() {
        return header.words();
    }

    @Override
    public void orChunk(long chunk, long[] data, long[] discarded) {
        try {
            while (available(EpochFileWriter.CHUNK_HEAD_BYTES)) {
                long at = Integer.toUnsignedLong(buffer.getInt(buffer.position()));
                if (at > chunk) {
                    return;
                }
                if (at < chunk) {
                    throw new IllegalArgumentException("chunk " + at + " was passed over");
                }
                buffer.getInt();
                int bitmap = buffer.get();
                ChunkCodec.Form form = new ChunkCodec.Form(buffer.get(), buffer.getShort() & 0xffff);
                if (!form.isValid() || !available(form.bodyBytes())) {
                    throw new IllegalArgumentException("chunk " + at + " makes no sense");
                }
                ChunkCodec.orInto(form, buffer, bitmap == EpochFileWriter.DATA ? data : discarded);
            }
        } catch (IOException e) {
            throw notReadable(path, e);
        } catch (IllegalArgumentException e) {
            throw corrupt(path, e.getMessage(), e);
        }
    }

    /** Makes so many bytes of the chunks readable in the buffer. */
    private boolean available(int bytes) throws IOException {
        if (buffer.remaining() >= bytes) {
            return true;
        }
        buffer.compact();
        int wanted = (int) Math.min(buffer.remaining(), bodyEnd - nextRead);
        buffer.limit(buffer.position() + wanted);
        fill();
        return buffer.remaining() >= bytes;
    }

    @Override
    public void close() {
        close(file);
    }

    private static void close(FileChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            // It was read only: nothing can be lost.
        }
    }

    /** It may be whole: too many open files, a disk that failed once. Whoever heard of damage would throw good checkpoints away. */
    private static BlktrackException notReadable(Path path, IOException cause) {
        return new BlktrackException(ExitStatus.FAILED, "STATE_NOT_READABLE",
                "checkpoint file " + path + " can't be read now: " + IoCause.of(cause),
                "Ask again, and delete no checkpoint for it: the file may be whole. Where it stays so, see to the cause; the kernel's log tells of a failing disk.",
                cause);
    }

    private static BlktrackException corrupt(Path path, String why, Exception cause) {
        return new BlktrackException(ExitStatus.UNTRUSTED, Reason.CHECKPOINT_CORRUPT.name(),
                "checkpoint file " + path + " can't be used: " + why, "Make a full backup, or compare the whole volume with the last one.", cause);
    }
}
