package org.blktrack.catalog;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.blktrack.bootscript.Catalogue;
import org.blktrack.bootscript.CatalogueRow;
import org.blktrack.linux.AtomicFile;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.Digest;
import org.blktrack.model.ExitStatus;

/** What the vendor does who publishes a catalogue. */
public final class CatalogPublisher {
    private static final Gson JSON = new GsonBuilder().disableHtmlEscaping().create();
    /** A web server reads them, whoever it runs as. */
    private static final int PUBLIC = 0644;

    private CatalogPublisher() {}

    /**
     * Writes the tree, unsigned: an index, and one file of rows for each script, named by its hash.
     *
     * @param directory made if it isn't there; an old index's signature is removed
     * @param version must be above the version of an index that is there already
     */
    public static CatalogIndex build(Path directory, String name, long version, Instant expires, List<CatalogueRow> rows) {
        new Catalogue(rows); // refuses rows that contradict each other
        Map<String, List<CatalogueRow>> byScript = new TreeMap<>();
        rows.forEach(row -> byScript.computeIfAbsent(row.file(), file -> new ArrayList<>()).add(row));
        try {
            Files.createDirectories(directory.resolve("files"));
            checkNewer(directory.resolve(CatalogIndex.FILE), version);
            List<CatalogIndex.Entry> entries = new ArrayList<>();
            for (List<CatalogueRow> some : byScript.values()) {
                byte[] content = document(some);
                String sha256 = Digest.sha256(content);
                String path = "files/" + sha256 + ".json";
                AtomicFile.write(directory.resolve(path), content, PUBLIC);
                entries.add(new CatalogIndex.Entry(path, sha256, content.length));
            }
            CatalogIndex index = new CatalogIndex(CatalogIndex.FORMAT, name, version, expires.toString(), entries);
            CatalogIndex.parse(index.toJson());
            Files.deleteIfExists(directory.resolve(CatalogIndex.SIGNATURE));
            AtomicFile.write(directory.resolve(CatalogIndex.FILE), index.toJson(), PUBLIC);
            return index;
        } catch (IOException e) {
            throw failed("write the catalogue in " + directory, e);
        }
    }

    private static void checkNewer(Path index, long version) throws IOException {
        if (Files.exists(index)) {
            long before = CatalogIndex.parse(Files.readAllBytes(index)).version();
            if (version <= before) {
                throw new BlktrackException(ExitStatus.REFUSED, "ROLLBACK",
                        "version " + version + " is not above version " + before + ", which is there already",
                        "Machines that have seen version " + before + " refuse what is older.");
            }
        }
    }

    private static byte[] document(List<CatalogueRow> rows) {
        List<String> lines = rows.stream().map(JSON::toJson).toList();
        return ("{\"format\": " + Catalogue.FORMAT + ", \"rows\": [\n" + String.join(",\n", lines) + "\n]}\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    /** @param keys private keys, each with the public key it belongs to beside it in {@code publicKeys} */
    public static void sign(Path directory, List<Path> keys, List<Path> publicKeys) {
        List<PrivateKey> signers = keys.stream().map(SigningKeys::readPrivate).toList();
        List<PublicKey> verifiers = publicKeys.stream().map(SigningKeys::readPublic).toList();
        try {
            byte[] index = Files.readAllBytes(directory.resolve(CatalogIndex.FILE));
            byte[] signature = IndexSignature.sign(index, signers, verifiers);
            for (int i = 0; i < verifiers.size(); i++) {
                requirePair(index, signature, verifiers.get(i), keys.get(i), publicKeys.get(i));
            }
            AtomicFile.write(directory.resolve(CatalogIndex.SIGNATURE), signature, PUBLIC);
        } catch (IOException e) {
            throw failed("sign the catalogue in " + directory, e);
        }
    }

    private static void requirePair(byte[] index, byte[] signature, PublicKey key, Path secret, Path open) {
        try {
            IndexSignature.verify(index, signature, List.of(key));
        } catch (BlktrackException e) {
            throw new BlktrackException(ExitStatus.REFUSED, "KEY_PAIR",
                    "can't sign with " + secret + ": " + open + " is not the public key that belongs to it", "Nothing was written.", e);
        }
    }

    /**
     * Checks a catalogue as a machine would that has seen none before.
     *
     * @param where an address or a directory
     * @param keys directory of public keys
     * @return one line for a person
     */
    public static String check(String where, Path keys, Path ca, Clock clock) {
        CatalogSource source = new CatalogConfig(null, ca).source(where, System.getenv());
        RemoteCatalog.Checked checked =
                new RemoteCatalog(source, CatalogConfig.keys(keys), new SeenVersions(null, false), clock).load();
        return checked.index().name() + " version " + checked.index().version() + ", " + checked.rows().size()
                + " rows, signed by " + checked.keyId() + ", expires " + checked.index().expires();
    }

    private static BlktrackException failed(String action, IOException e) {
        return new BlktrackException(ExitStatus.FAILED, "IO", "can't " + action + ": " + e, null, e);
    }
}
