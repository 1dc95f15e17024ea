package org.blktrack.catalog;

import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.blktrack.bootscript.Catalogue;
import org.blktrack.bootscript.CatalogueRow;
import org.blktrack.model.Digest;

/**
 * Gets a catalogue and checks it, in this order: signature over the index's bytes, expiry, version, then each file's path, size
 * and hash, then its rows. Nothing is parsed before its signature or hash is right.
 */
final class RemoteCatalog {
    private final CatalogSource source;
    private final List<PublicKey> trusted;
    private final SeenVersions seen;
    private final Clock clock;

    RemoteCatalog(CatalogSource source, List<PublicKey> trusted, SeenVersions seen, Clock clock) {
        this.source = source;
        this.trusted = trusted;
        this.seen = seen;
        this.clock = clock;
    }

    /** A catalogue that passed every check. */
    record Checked(CatalogIndex index, String keyId, List<CatalogueRow> rows) {}

    /** @throws org.blktrack.model.BlktrackException REFUSED with the check that failed, or FAILED where it can't be had */
    Checked load() {
        if (trusted.isEmpty()) {
            throw CatalogRefusal.of("NO_KEYS", "there is no public key to check it with, in /etc/blktrack/keys.d or where --keys says");
        }
        byte[] bytes = source.fetch(CatalogIndex.FILE, CatalogIndex.MAX_BYTES)
                .orElseThrow(() -> CatalogRefusal.unreachable("the catalogue: there is no " + CatalogIndex.FILE, null));
        byte[] signature = source.fetch(CatalogIndex.SIGNATURE, IndexSignature.MAX_BYTES)
                .orElseThrow(() -> CatalogRefusal.of("NO_SIGNATURE", "the index is not signed"));
        List<PublicKey> signers = IndexSignature.verify(bytes, signature, trusted);
        CatalogIndex index = CatalogIndex.parse(bytes);
        if (!clock.instant().isBefore(index.expiry())) {
            throw CatalogRefusal.of("EXPIRED", "the index expired at " + index.expires());
        }
        seen.checkName(source.address(), index.name());
        SeenVersions.Seen now = new SeenVersions.Seen(index.version(), Digest.sha256(bytes));
        seen.check(index.name(), now);
        List<CatalogueRow> rows = new ArrayList<>();
        for (CatalogIndex.Entry entry : index.files()) {
            rows.addAll(rows(entry));
        }
        checkAgree(rows);
        signers.forEach(key -> seen.keep(catalog(key, index), now));
        seen.keepName(source.address(), index.name(), now);
        return new Checked(index, SigningKeys.id(signers.get(0)), List.copyOf(rows));
    }

    private static String catalog(PublicKey key, CatalogIndex index) {
        return SigningKeys.id(key) + " " + index.name();
    }

    /** Before the version is kept: a machine that notes it as seen must be able to use it. */
    private static void checkAgree(List<CatalogueRow> rows) {
        try {
            new Catalogue(rows);
        } catch (IllegalArgumentException e) {
            throw CatalogRefusal.of("BAD_ROW", e.getMessage());
        }
    }

    private List<CatalogueRow> rows(CatalogIndex.Entry entry) {
        byte[] content = source.fetch(entry.path(), entry.size())
                .orElseThrow(() -> CatalogRefusal.of("WRONG_SIZE", entry.path() + " is missing"));
        if (content.length != entry.size()) {
            throw CatalogRefusal.of("WRONG_SIZE", entry.path() + " has " + content.length + " bytes, not " + entry.size());
        }
        if (!Digest.sha256(content).equals(entry.sha256())) {
            throw CatalogRefusal.of("WRONG_HASH", entry.path() + " is not the file the index means");
        }
        try {
            return Catalogue.parse(new String(content, StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            throw CatalogRefusal.of("BAD_ROW", entry.path() + ": " + e.getMessage());
        }
    }
}
