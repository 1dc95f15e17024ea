package org.blktrack.table;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** One directory entry, taken from its 16384 bytes. */
final class EntryCodec {
    static final int BYTES = 16384;
    /** Of one bitmap page: its CRC and its number of set bits. */
    static final int SUM_BYTES = 2 * Integer.BYTES;
    private static final int FINGERPRINT_OFFSET = 1024;
    private static final int END = 952;
    private static final int IN_USE = 1;
    private static final int TRUST_OFFLINE = 2;
    private static final int FLAGS = 7;
    private static final int SECTOR = 512;
    private static final long MAX_SECTORS = 1L << 40;
    private static final long BITS_A_PAGE = TableBytes.PAGE * 8L;

    private EntryCodec() {}

    static boolean isFree(ByteBuffer entry) {
        return TableBytes.isZero(entry, 0, BYTES);
    }

    static int sumsCrc(ByteBuffer entry) {
        return entry.getInt(48);
    }

    /**
     * @param place index in the directory
     * @throws IllegalArgumentException saying what is wrong
     */
    static TableEntry decode(ByteBuffer entry, int place, TableHeader header) {
        require(entry.getInt(0) == TableBytes.crcWithout(entry, 0), "its checksum is wrong");
        int flags = entry.getInt(4);
        require((flags & IN_USE) != 0 && (flags & ~FLAGS) == 0 && entry.getInt(52) == 0 && TableBytes.isZero(entry, END, FINGERPRINT_OFFSET),
                "a field that must be zero is not");
        long sectors = entry.getLong(8);
        int granuleBytes = entry.getInt(16);
        require(granuleBytes >= 4096 && granuleBytes <= 1 << 20 && Integer.bitCount(granuleBytes) == 1, "its granule size is impossible");
        require(sectors > 0 && sectors <= MAX_SECTORS, "its size is impossible");
        long bitmapBytes = roundUp((sectors * SECTOR + granuleBytes - 1) / granuleBytes, BITS_A_PAGE) / 8;
        long areaBytes = sumsBytes(bitmapBytes) + 2 * bitmapBytes;
        long areaOffset = entry.getLong(24);
        require(entry.getLong(32) == areaBytes && entry.getLong(40) == bitmapBytes, "its bitmaps do not fit its size");
        require(areaOffset % TableBytes.PAGE == 0 && areaOffset >= header.areaOffset() && areaOffset <= header.sizeBytes()
                && areaBytes <= header.sizeBytes() - areaOffset, "its area is not in the file");
        int fingerprintBytes = entry.getInt(20);
        require(fingerprintBytes >= 0 && fingerprintBytes <= BYTES - FINGERPRINT_OFFSET
                && TableBytes.isZero(entry, FINGERPRINT_OFFSET + fingerprintBytes, BYTES), "its fingerprint is not ended properly");
        String identity = text(entry, 128, 192);
        require(!identity.isEmpty(), "it has no identity");
        byte[] fingerprint = new byte[fingerprintBytes];
        entry.get(FINGERPRINT_OFFSET, fingerprint);
        List<String> lines = new String(fingerprint, StandardCharsets.UTF_8).lines().toList();
        return new TableEntry(place, identity, text(entry, 320, 64), sectors * SECTOR, granuleBytes, (flags & TRUST_OFFLINE) != 0,
                TableHeader.hex(entry, 56), TableHeader.hex(entry, 72), text(entry, 384, 40), text(entry, 424, 512), lines,
                areaOffset, areaBytes, bitmapBytes, -1, -1);
    }

    static long sumsBytes(long bitmapBytes) {
        return roundUp(2 * (bitmapBytes / TableBytes.PAGE) * SUM_BYTES, TableBytes.PAGE);
    }

    private static long roundUp(long value, long unit) {
        return (value + unit - 1) / unit * unit;
    }

    private static String text(ByteBuffer entry, int offset, int size) {
        int length = 0;
        while (length < size && entry.get(offset + length) != 0) {
            length++;
        }
        require(length < size && TableBytes.isZero(entry, offset + length, offset + size), "a text in it is not ended properly");
        byte[] bytes = new byte[length];
        entry.get(offset, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static void require(boolean holds, String flaw) {
        if (!holds) {
            throw new IllegalArgumentException(flaw);
        }
    }
}
