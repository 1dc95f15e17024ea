package org.blktrack.catalog;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;

/** Trust in a certificate authority of one's own, in place of the machine's. */
final class TlsTrust {
    private TlsTrust() {}

    /** @param authorities PEM file with one certificate or more */
    static SSLContext in(Path authorities) {
        try (InputStream stream = Files.newInputStream(authorities)) {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            for (Certificate certificate : CertificateFactory.getInstance("X.509").generateCertificates(stream)) {
                store.setCertificateEntry("ca-" + store.size(), certificate);
            }
            TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers.getTrustManagers(), null);
            return context;
        } catch (IOException | GeneralSecurityException e) {
            throw new BlktrackException(ExitStatus.FAILED, "BAD_CA",
                    "can't use the certificates in " + authorities + ": " + e.getMessage(), null, e);
        }
    }
}
