package org.blktrack.catalog;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.Digest;
import org.blktrack.model.ExitStatus;
import org.blktrack.model.IoCause;

/** Ed25519 keys as {@code openssl genpkey -algorithm ed25519} and {@code openssl pkey -pubout} write them (RFC 8410, PEM). */
final class SigningKeys {
    private static final String PUBLIC = "PUBLIC KEY";
    private static final String PRIVATE = "PRIVATE KEY";
    private static final int ID_DIGITS = 16;

    private SigningKeys() {}

    static PublicKey readPublic(Path file) {
        try {
            return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(pem(file, PUBLIC)));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw bad(file, "public", e);
        }
    }

    static PrivateKey readPrivate(Path file) {
        try {
            return KeyFactory.getInstance("Ed25519").generatePrivate(new PKCS8EncodedKeySpec(pem(file, PRIVATE)));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw bad(file, "private", e);
        }
    }

    private static byte[] pem(Path file, String kind) {
        try {
            String text = Files.readString(file, StandardCharsets.ISO_8859_1);
            String head = "-----BEGIN " + kind + "-----";
            int from = text.indexOf(head);
            int to = text.indexOf("-----END " + kind + "-----");
            if (from < 0 || to < from) {
                throw new IllegalArgumentException("no " + kind + " in PEM");
            }
            return Base64.getMimeDecoder().decode(text.substring(from + head.length(), to));
        } catch (IOException e) {
            throw new BlktrackException(ExitStatus.FAILED, "BAD_KEY", "can't read the key " + file + ": " + IoCause.of(e), IoCause.remedy(e, file), e);
        }
    }

    private static BlktrackException bad(Path file, String kind, Exception e) {
        return new BlktrackException(ExitStatus.FAILED, "BAD_KEY",
                file + " is no " + kind + " Ed25519 key in PEM: " + e.getMessage(),
                "Take it away, or put the right one in its place.", e);
    }

    /** The first 16 hex digits of the SHA-256 of the key's X.509 form. */
    static String id(PublicKey key) {
        return Digest.sha256(key.getEncoded()).substring(0, ID_DIGITS);
    }
}
