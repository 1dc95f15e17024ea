package org.blktrack.table;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/** One of the two header slots. Only {@link #decode} makes one, and only of a slot that is valid in itself. */
record TableHeader(String uuid, long sequence, boolean clean, int cause, long sizeBytes, int places, int directoryCrc, long starts,
        String bootId, long writtenAt) {
    static final int SLOTS = 2;
    static final int DIRECTORY_OFFSET = SLOTS * TableBytes.PAGE;
    static final int MAX_PLACES = 256;
    private static final byte[] MAGIC = {'B', 'L', 'K', 'T', 'R', 'K', 'T', '1'};
    private static final int VERSION = 2;
    private static final int DIRTY = 0x54524944;
    private static final int CLEAN = 0x4e4c4b43;
    private static final int CRC_OFFSET = 12;
    private static final int HOME_DIGEST_OFFSET = 104;
    private static final int END = 112;
    private static final int MAX_CAUSE = 2;

    static boolean hasMagic(ByteBuffer slot) {
        byte[] magic = new byte[MAGIC.length];
        slot.get(0, magic);
        return java.util.Arrays.equals(magic, MAGIC);
    }

    /** @throws IllegalArgumentException saying what is wrong */
    static TableHeader decode(ByteBuffer slot, long fileBytes) {
        require(hasMagic(slot), "no magic");
        require(slot.getInt(8) == VERSION, "format version " + slot.getInt(8) + ", this program knows " + VERSION);
        require(slot.getInt(CRC_OFFSET) == TableBytes.crcWithout(slot, CRC_OFFSET), "wrong checksum");
        require(TableBytes.isZero(slot, END, TableBytes.PAGE), "bytes behind the header are not zero");
        int state = slot.getInt(40);
        int cause = slot.getInt(44);
        require(state == DIRTY || state == CLEAN, "no such state");
        require(cause >= 0 && cause <= (state == CLEAN ? 0 : MAX_CAUSE), "no such cause");
        int places = slot.getInt(56);
        int directoryCrc = slot.getInt(60);
        require(state == CLEAN || directoryCrc == 0, "a directory checksum in a dirty header");
        require(state == CLEAN || slot.getLong(HOME_DIGEST_OFFSET) == 0, "a digest of its file system in a dirty header");
        require(slot.getLong(48) == fileBytes && fileBytes % TableBytes.PAGE == 0,
                "made for a file of " + slot.getLong(48) + " bytes, and this one has " + fileBytes);
        require(places >= 1 && places <= MAX_PLACES && slot.getLong(64) == areaOffset(places) && areaOffset(places) <= fileBytes,
                "a directory that does not fit");
        return new TableHeader(hex(slot, 16), slot.getLong(32), state == CLEAN, cause, fileBytes, places, directoryCrc, slot.getLong(72),
                hex(slot, 80), slot.getLong(96));
    }

    long areaOffset() {
        return areaOffset(places);
    }

    private static long areaOffset(int places) {
        return DIRECTORY_OFFSET + (long) places * EntryCodec.BYTES;
    }

    static String hex(ByteBuffer bytes, int offset) {
        byte[] id = new byte[16];
        bytes.get(offset, id);
        return HexFormat.of().formatHex(id);
    }

    private static void require(boolean holds, String flaw) {
        if (!holds) {
            throw new IllegalArgumentException(flaw);
        }
    }
}
