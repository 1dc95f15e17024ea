package org.blktrack.model;

import java.security.SecureRandom;
import java.util.HexFormat;

/** 16 random bytes as 32 lower-case hex digits: the form of every id that a person or a program is told. */
final class HexId {
    static final int BYTES = 16;
    private static final HexFormat HEX = HexFormat.of();

    private HexId() {}

    static boolean isValid(String text) {
        return text != null && text.length() == 2 * BYTES
                && text.chars().allMatch(c -> c >= '0' && c <= '9' || c >= 'a' && c <= 'f');
    }

    static String random() {
        // Not a static field: the generator is needed by the daemon alone, and is slow to start.
        byte[] bytes = new byte[BYTES];
        new SecureRandom().nextBytes(bytes);
        return HEX.formatHex(bytes);
    }

    static byte[] bytes(String hex) {
        return HEX.parseHex(hex);
    }

    static String of(byte[] bytes) {
        return HEX.formatHex(bytes);
    }
}
