package org.blktrack.table;

import com.sun.nio.file.ExtendedOpenOption;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * Reads whole pages of a table's file past the page cache: what the helper writes by address the cache does not see. File systems without
 * direct reads are read plainly.
 */
final class TableBytes implements AutoCloseable {
    static final int PAGE = 4096;

    private final FileChannel file;
    private final long size;

    TableBytes(Path path) throws IOException {
        if (Files.exists(path) && !Files.isRegularFile(path)) {
            throw new FileSystemException(path.toString(), null, "it is no regular file"); // to open a pipe is to wait for its writer
        }
        file = open(path);
        size = Files.size(path);
    }

    private static FileChannel open(Path path) throws IOException {
        try {
            FileChannel direct = FileChannel.open(path, StandardOpenOption.READ, ExtendedOpenOption.DIRECT);
            try {
                direct.read(ByteBuffer.allocateDirect(2 * PAGE).alignedSlice(PAGE), 0);
                return direct;
            } catch (IOException unaligned) {
                direct.close();
            }
        } catch (UnsupportedOperationException | IOException noDirect) {
            // Falls through: a file that can't be opened at all fails below with its own message.
        }
        return FileChannel.open(path, StandardOpenOption.READ);
    }

    long size() {
        return size;
    }

    /** @return little-endian, from position 0, {@code length} bytes */
    ByteBuffer read(long offset, int length) throws IOException {
        int room = (length + PAGE - 1) / PAGE * PAGE;
        ByteBuffer aligned = ByteBuffer.allocateDirect(room + PAGE).alignedSlice(PAGE);
        aligned.limit(room);
        while (aligned.position() < length) {
            if (file.read(aligned, offset + aligned.position()) <= 0) {
                throw new EOFException("the file ends at byte " + (offset + aligned.position()));
            }
        }
        return aligned.flip().limit(length).slice().order(ByteOrder.LITTLE_ENDIAN);
    }

    static int crc(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate().rewind());
        return (int) crc.getValue();
    }

    /** The checksum of bytes that hold it themselves, taken with that field zero. */
    static int crcWithout(ByteBuffer bytes, int fieldOffset) {
        byte[] copy = new byte[bytes.capacity()];
        bytes.duplicate().rewind().get(copy);
        for (int at = fieldOffset; at < fieldOffset + Integer.BYTES; at++) {
            copy[at] = 0;
        }
        return crc(ByteBuffer.wrap(copy));
    }

    static int setBits(ByteBuffer bytes) {
        int set = 0;
        for (int at = 0; at < bytes.capacity(); at += Long.BYTES) {
            set += Long.bitCount(bytes.getLong(at));
        }
        return set;
    }

    static boolean isZero(ByteBuffer bytes, int from, int to) {
        for (int at = from; at < to; at++) {
            if (bytes.get(at) != 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
