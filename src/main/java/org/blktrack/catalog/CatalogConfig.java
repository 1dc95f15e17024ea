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
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
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
    /** What is none names a directory. */
    private static final Pattern ADDRESS = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*://.*|file:.*");

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int WRITABLE_BY_OTHERS = 022;

    static CatalogConfig read(Path file) {
        Map<String, String> values = new HashMap<>();
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw bad(file, "it is no regular file"); // reading a pipe would wait for ever
        }
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

    /**
     * What a configuration that lies in a tree means by its paths: places in that tree.
     *
     * @param locate where a path in the tree lies on this machine
     */
    CatalogConfig in(Function<String, Path> locate) {
        String there = url;
        if (url != null && url.startsWith("file:")) {
            there = locate.apply(fileUrl(url).toString()).toString();
        } else if (url != null && !url.isEmpty() && !ADDRESS.matcher(url).matches()) {
            there = locate.apply(url).toString();
        }
        return new CatalogConfig(there, ca == null ? null : locate.apply(ca.toString()));
    }

    private static Path fileUrl(String where) {
        try {
            return Path.of(URI.create(where));
        } catch (IllegalArgumentException e) {
            throw badAddress(where, e.getMessage());
        }
    }

    private static BlktrackException bad(Path file, String why) {
        return new BlktrackException(ExitStatus.FAILED, "BAD_CONFIG", "can't use " + file + ": " + why, null);
    }

    /** @param where an http or https address, a file address, or a directory */
    CatalogSource source(String where, Map<String, String> environment) {
        if (where.isEmpty()) {
            // That of a variable that was never set; it would mean the current directory.
            throw badAddress(where, "it is empty");
        }
        if (!ADDRESS.matcher(where).matches()) {
            return new DirectorySource(Path.of(where));
        }
        try {
            URI uri = URI.create(where);
            if (uri.getQuery() != null || uri.getFragment() != null) {
                throw badAddress(where, "a catalogue is a tree of files, so there is nothing to ask or to point at in it");
            }
            return switch (uri.getScheme().toLowerCase(Locale.ROOT)) {
                case "file" -> new DirectorySource(Path.of(uri));
                case "http", "https" -> new HttpSource(withHost(uri), client(environment), PATIENCE);
                default -> throw badAddress(where, "only http, https and file are supported");
            };
        } catch (IllegalArgumentException e) {
            throw badAddress(where, e.getMessage());
        }
    }

    private static URI withHost(URI uri) {
        if (uri.getHost() == null) {
            throw badAddress(uri.toString(), "it names no host");
        }
        return uri;
    }

    private static BlktrackException badAddress(String where, String why) {
        return new BlktrackException(ExitStatus.USAGE, "BAD_URL", "\"" + where + "\" is no address of a catalogue: " + why,
                "Give https://HOST/PATH, http://HOST/PATH, or a directory.");
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

    /**
     * As {@link #keys}, for a machine that trusts them.
     *
     * @throws BlktrackException KEYS_WRITABLE where another user could have put a key of his own there
     */
    static List<PublicKey> trustedKeys(Path directory) {
        List<PublicKey> keys = keys(directory);
        if (!keys.isEmpty()) {
            try (Stream<Path> files = Files.list(directory)) {
                Stream.concat(Stream.of(directory), files.filter(CatalogConfig::isKey)).forEach(CatalogConfig::requireOwn);
            } catch (IOException e) {
                throw bad(directory, e.toString());
            }
        }
        return keys;
    }

    private static void requireOwn(Path path) {
        try {
            int mode = (int) Files.getAttribute(path, "unix:mode");
            Object owner = Files.getAttribute(path, "unix:uid");
            boolean own = owner.equals(0) || owner.equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
            if (!own || (mode & WRITABLE_BY_OTHERS) != 0) {
                throw CatalogRefusal.of("KEYS_WRITABLE", path + " can be changed by others than root, so what it holds is not to be"
                        + " trusted ('chown root' and 'chmod go-w' when it is seen to be right)");
            }
        } catch (IOException e) {
            throw bad(path, e.toString());
        }
    }

    private static boolean isKey(Path file) {
        return file.toString().matches(".*\\.(pem|pub)") && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
    }

    /** @param directory every regular file in it whose name ends in .pem or .pub is a trusted key */
    static List<PublicKey> keys(Path directory) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        List<PublicKey> keys = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            files.filter(CatalogConfig::isKey)
                    .sorted()
                    .forEach(file -> keys.add(SigningKeys.readPublic(file)));
        } catch (IOException e) {
            throw bad(directory, e.toString());
        }
        return List.copyOf(keys);
    }
}
