package org.blktrack.model;

import java.nio.charset.StandardCharsets;

/**
 * What stays the same about a volume when its device name changes: a stable identity (WWN, PARTUUID, dm or md UUID,
 * file-system UUID), or, for a volume that has none, its place in this boot.
 */
public record VolumeId(String text) {
    private static final String TRANSIENT = "boot:";
    private static final int READABLE_LENGTH = 60;
    private static final int DIGEST_DIGITS = 16;

    public VolumeId {
        if (text == null || text.isEmpty()) {
            throw new IllegalArgumentException("empty volume id");
        }
    }

    /**
     * Whether a text can only be a volume id: the kind of the identity in lower case, and a colon. Paths from the root and the names below
     * {@code /dev} are none.
     */
    public static boolean looksLike(String text) {
        int colon = text.indexOf(':');
        return colon > 0 && colon + 1 < text.length() && text.chars().limit(colon).allMatch(c -> c >= 'a' && c <= 'z');
    }

    /** The id of a volume without a stable identity: good until the next boot only. */
    public static VolumeId ofThisBoot(String bootId, String deviceNumber, String diskSequence, long startSector) {
        return new VolumeId(TRANSIENT + bootId + ":" + deviceNumber + ":" + diskSequence + ":" + startSector);
    }

    public boolean endsWithTheBoot() {
        return text.startsWith(TRANSIENT);
    }

    /** A name for files: readable, and never the same for two ids. */
    public String fileName() {
        StringBuilder name = new StringBuilder();
        for (int i = 0; i < text.length() && i < READABLE_LENGTH; i++) {
            char c = text.charAt(i);
            boolean plain = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_';
            name.append(plain ? c : '_');
        }
        return name.append('-').append(digest()).toString();
    }

    private String digest() {
        return Digest.sha256(text.getBytes(StandardCharsets.UTF_8)).substring(0, DIGEST_DIGITS);
    }

    @Override
    public String toString() {
        return text;
    }
}
