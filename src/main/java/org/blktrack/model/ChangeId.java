package org.blktrack.model;

/**
 * Names a checkpoint and the epoch that it opens: opaque and random, so that an id from a reverted machine or another
 * series never matches by chance.
 *
 * @param hex 32 lower-case hex digits
 */
public record ChangeId(String hex) {
    public static final int BYTES = HexId.BYTES;

    public ChangeId {
        if (!HexId.isValid(hex)) {
            throw new IllegalArgumentException("not 32 lower-case hex digits: " + hex);
        }
    }

    public static boolean isValid(String text) {
        return HexId.isValid(text);
    }

    public static ChangeId random() {
        return new ChangeId(HexId.random());
    }

    /** @param bytes exactly {@link #BYTES} */
    public static ChangeId of(byte[] bytes) {
        return new ChangeId(HexId.of(bytes));
    }

    public byte[] bytes() {
        return HexId.bytes(hex);
    }

    @Override
    public String toString() {
        return hex;
    }
}
