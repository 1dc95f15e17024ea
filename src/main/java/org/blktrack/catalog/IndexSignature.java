package org.blktrack.catalog;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * Ed25519 signatures over the very bytes of the index, one for each key; more than one while keys are being changed.
 *
 * @param signatures at least one of them must be by a trusted key, and right
 */
record IndexSignature(List<One> signatures) {
    static final int MAX_BYTES = 64 << 10;

    /**
     * @param keyId {@link SigningKeys#id}
     * @param signature base64
     */
    record One(String keyId, String signature) {}

    static byte[] sign(byte[] index, List<PrivateKey> keys, List<PublicKey> publicKeys) {
        List<One> all = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            all.add(new One(SigningKeys.id(publicKeys.get(i)), sign(index, keys.get(i))));
        }
        String json = new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create().toJson(new IndexSignature(all));
        return (json + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private static String sign(byte[] index, PrivateKey key) {
        try {
            Signature signer = Signature.getInstance("Ed25519");
            signer.initSign(key);
            signer.update(index);
            return Base64.getEncoder().encodeToString(signer.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("sign the index: " + e.getMessage(), e);
        }
    }

    /**
     * @return the trusted keys that signed, at least one
     * @throws org.blktrack.model.BlktrackException BAD_SIGNATURE, or UNKNOWN_KEY where no trusted key is named
     */
    static List<PublicKey> verify(byte[] index, byte[] signatureFile, List<PublicKey> trusted) {
        boolean named = false;
        List<PublicKey> signers = new ArrayList<>();
        for (One one : parse(signatureFile).signatures) {
            for (PublicKey key : trusted) {
                if (one != null && SigningKeys.id(key).equals(one.keyId)) {
                    named = true;
                    if (isRight(index, one.signature, key)) {
                        signers.add(key);
                    }
                }
            }
        }
        if (!signers.isEmpty()) {
            return signers;
        }
        throw named
                ? CatalogRefusal.of("BAD_SIGNATURE", "the index does not match its signature")
                : CatalogRefusal.of("UNKNOWN_KEY", "the index is signed by none of the keys that are trusted");
    }

    private static IndexSignature parse(byte[] json) {
        try {
            IndexSignature signature = new Gson().fromJson(new String(json, StandardCharsets.UTF_8), IndexSignature.class);
            if (signature == null || signature.signatures == null) {
                throw CatalogRefusal.of("BAD_SIGNATURE", "the signature file holds no signature");
            }
            return signature;
        } catch (JsonParseException e) {
            throw CatalogRefusal.of("BAD_SIGNATURE", "the signature file is no valid JSON");
        }
    }

    private static boolean isRight(byte[] index, String signature, PublicKey key) {
        try {
            Signature verifier = Signature.getInstance("Ed25519");
            verifier.initVerify(key);
            verifier.update(index);
            return verifier.verify(Base64.getDecoder().decode(signature));
        } catch (GeneralSecurityException | IllegalArgumentException | NullPointerException e) {
            return false; // malformed is wrong
        }
    }
}
