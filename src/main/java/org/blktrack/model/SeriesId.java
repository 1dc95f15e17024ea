package org.blktrack.model;

/**
 * Names a series, a run of epochs with no hole in it.
 *
 * @param hex 32 lower-case hex digits
 */
public record SeriesId(String hex) {
    public static final int BYTES = HexId.BYTES;

    public SeriesId {
        if (!HexId.isValid(hex)) {
            throw new IllegalArgumentException("not 32 lower-case hex digits: " + hex);
        }
    }

    public static boolean isValid(String text) {
        return HexId.isValid(text);
    }

    public static SeriesId random() {
        return new SeriesId(HexId.random());
    }

    /** @param bytes exactly {@link #BYTES} */
    public static SeriesId of(byte[] bytes) {
        return new SeriesId(HexId.of(bytes));
    }

    public byte[] bytes() {
        return HexId.bytes(hex);
    }

    @Override
    public String toString() {
        return hex;
    }
}
