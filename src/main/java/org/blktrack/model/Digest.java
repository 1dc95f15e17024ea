package org.blktrack.model;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Digests in lower-case hex. */
public final class Digest {
    private Digest() {}

    public static String sha256(byte[] bytes) {
        return of("SHA-256", bytes);
    }

    /** @param text each of whose characters stands for the byte with its number, as files of unknown encoding are read */
    public static String sha256Latin1(String text) {
        return sha256(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    public static String of(String algorithm, byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java platform has MD5 and SHA-256
        }
    }
}
