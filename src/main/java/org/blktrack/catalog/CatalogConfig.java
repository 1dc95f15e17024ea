package org.blktrack.catalog;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.PublicKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;

/**
 * /etc/blktrack/catalog.conf: {@code name = value} lines.
 *
 * @param url {@code url}: where the catalogue is, an http or https address or a directory; null where none is configured
 * @param ca {@code ca}: PEM file of the certificate authorities to trust in place of the machine's; may be null
 */
record CatalogConfig(String url, Path ca) {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    static CatalogConfig read(Path file) {
        Map<String, String> values = new HashMap<>();
        try {
            for (String line : Files.readAllLines(file)) {
                String text = line.strip();
                int equals = text.indexOf('=');
                if (!text.isEmpty() && !text.startsWith("#")) {
                    if (equals < 1) {
                        throw bad(file, "no value in the line \"" + text + "\"");
                    }
                    values.put(text.substring(0, equals).strip(), text.substring(equals + 1).strip());
                }
            }
        } catch (NoSuchFileException e) {
            return new CatalogConfig(null, null);
        } catch (IOException e) {
            throw bad(file, e.toString());
        }
        for (String name : values.keySet()) {
            if (!List.of("url", "ca").contains(name)) {
                throw bad(file, "there is no setting called " + name);
            }
        }
        String ca = values.get("ca");
        return new CatalogConfig(values.get("url"), ca == null ? null : Path.of(ca));
    }

    private static BlktrackException bad(Path file, String why) {
        return new BlktrackException(ExitStatus.FAILED, "BAD_CONFIG", "can't use " + file + ": " + why, null);
    }

    /** @param where an http or https address, a file address, or a directory */
    CatalogSource source(String where, Map<String, String> environment) {
        if (where.startsWith("http://") || where.startsWith("https://")) {
            return new HttpSource(uri(where), client(environment), PATIENCE);
        }
        return new DirectorySource(where.startsWith("file:") ? Path.of(uri(where)) : Path.of(where));
    }

    private static URI uri(String where) {
        try {
            return URI.create(where);
        } catch (IllegalArgumentException e) {
            throw new BlktrackException(ExitStatus.USAGE, "BAD_URL", where + " is no address: " + e.getMessage(), null, e);
        }
    }

    HttpClient client(Map<String, String> environment) {
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(PATIENCE)
                .proxy(new EnvironmentProxies(environment));
        if (ca != null) {
            builder.sslContext(TlsTrust.in(ca));
        }
        return builder.build();
    }

    /** @param directory every regular file in it whose name ends in .pem or .pub is a trusted key */
    static List<PublicKey> keys(Path directory) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        List<PublicKey> keys = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            files.filter(file -> file.toString().matches(".*\\.(pem|pub)"))
                    .filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
                    .sorted()
                    .forEach(file -> keys.add(SigningKeys.readPublic(file)));
        } catch (IOException e) {
            throw bad(directory, e.toString());
        }
        return List.copyOf(keys);
    }
}
