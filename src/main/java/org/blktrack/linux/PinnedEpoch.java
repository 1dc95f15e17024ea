package org.blktrack.linux;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.EpochBits;
import org.blktrack.model.ExitStatus;

/**
 * A closed or peeked epoch, as the helper pinned it: an ARRAY map of little-endian words, data bits first, discard bits
 * behind, mapped read-only. Facts: bpf(2), mmap(2).
 */
public final class PinnedEpoch implements EpochBits {
    private static final int BPF_OBJ_GET = 7;
    private static final int PROT_READ = 1;
    private static final int MAP_SHARED = 1;
    private static final int ATTRIBUTE_BYTES = 128;
    /** A Java buffer holds no more than 2 GiB; a bitmap of 64 TiB at 4 KiB is as large. */
    private static final long SEGMENT_WORDS = 64L << 20;

    private final Pointer address;
    private final long mappedBytes;
    private final long words;
    private final LongBuffer[] segments;
    private final long[] scratch = new long[CHUNK_WORDS];
    private boolean closed;

    private PinnedEpoch(Pointer address, long mappedBytes, long words) {
        this.address = address;
        this.mappedBytes = mappedBytes;
        this.words = words;
        long total = 2 * words;
        segments = new LongBuffer[(int) ((total + SEGMENT_WORDS - 1) / SEGMENT_WORDS)];
        for (int i = 0; i < segments.length; i++) {
            long first = i * SEGMENT_WORDS;
            long length = Math.min(SEGMENT_WORDS, total - first);
            segments[i] = address.getByteBuffer(first * Long.BYTES, length * Long.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN).asLongBuffer();
        }
    }

    /**
     * @param pin path in a bpf file system
     * @param words of one bitmap; the map holds twice as many
     */
    public static PinnedEpoch open(Path pin, long words) {
        int descriptor;
        // Not opened read-only: of such a descriptor the kernel makes no shared mapping, and a map knows no other kind.
        try (Memory path = new Memory(pin.toString().length() * 4L + 1);
                Memory attribute = new Memory(ATTRIBUTE_BYTES)) {
            path.setString(0, pin.toString(), "UTF-8");
            attribute.clear();
            attribute.setLong(0, Pointer.nativeValue(path));
            descriptor = Libc.bpf(BPF_OBJ_GET, attribute, ATTRIBUTE_BYTES);
        } catch (LastErrorException e) {
            throw failed("open", pin, e);
        }
        try {
            long page = 4096;
            long bytes = (2 * words * Long.BYTES + page - 1) / page * page;
            Pointer address = Libc.mmap(Pointer.NULL, new NativeLong(bytes), PROT_READ, MAP_SHARED, descriptor, new NativeLong(0));
            return new PinnedEpoch(address, bytes, words);
        } catch (LastErrorException e) {
            throw failed("map", pin, e);
        } finally {
            Libc.close(descriptor);
        }
    }

    @Override
    public long words() {
        return words;
    }

    @Override
    public void orChunk(long chunk, long[] data, long[] discarded) {
        long first = chunk * CHUNK_WORDS;
        int count = (int) Math.min(CHUNK_WORDS, words - first);
        orWords(first, count, data);
        orWords(words + first, count, discarded);
    }

    @Override
    public void readChunk(long chunk, long[] data, long[] discarded) {
        long first = chunk * CHUNK_WORDS;
        int count = (int) Math.min(CHUNK_WORDS, words - first);
        copyWords(first, count, data);
        copyWords(words + first, count, discarded);
    }

    private void orWords(long first, int count, long[] into) {
        copyWords(first, count, scratch);
        for (int i = 0; i < count; i++) {
            into[i] |= scratch[i];
        }
    }

    /** What lies behind the last word becomes 0. */
    private void copyWords(long first, int count, long[] into) {
        int done = 0;
        while (done < count) {
            long at = first + done;
            int offset = (int) (at % SEGMENT_WORDS);
            int length = (int) Math.min(count - done, SEGMENT_WORDS - offset);
            segments[(int) (at / SEGMENT_WORDS)].get(offset, into, done, length);
            done += length;
        }
        Arrays.fill(into, count, into.length, 0);
    }

    /** Idempotent. No chunk may be asked for afterwards: the memory is gone. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            Libc.munmap(address, new NativeLong(mappedBytes));
        }
    }

    private static BlktrackException failed(String action, Path pin, LastErrorException cause) {
        return new BlktrackException(ExitStatus.FAILED, "PIN_NOT_READABLE",
                "cannot " + action + " the epoch pinned at " + pin + ": " + cause.getMessage(),
                "The daemon needs CAP_BPF or root, and the bpf file system at /sys/fs/bpf.", cause);
    }

    /** The calls of libc that are needed here, bound once. */
    private static final class Libc {
        static {
            Native.register(Libc.class, "c");
        }

        private static final long SYS_BPF = switch (System.getProperty("os.arch")) {
            case "amd64", "x86_64" -> 321;
            case "aarch64", "riscv64" -> 280;
            case "ppc64le" -> 361;
            case "s390x" -> 351;
            default -> throw new IllegalStateException("the number of bpf(2) is not known here");
        };

        static int bpf(int command, Pointer attribute, int size) {
            return syscall(new NativeLong(SYS_BPF), command, attribute, size).intValue();
        }

        static native NativeLong syscall(NativeLong number, int command, Pointer attribute, int size)
                throws LastErrorException;

        static native Pointer mmap(Pointer address, NativeLong length, int protection, int flags, int descriptor,
                NativeLong offset) throws LastErrorException;

        static native int munmap(Pointer address, NativeLong length);

        static native int close(int descriptor);
    }
}
