package org.blktrack.catalog;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/** A catalogue in a directory, such as a mounted medium. */
record DirectorySource(Path directory) implements CatalogSource {
    @Override
    public String address() {
        return directory.toAbsolutePath().normalize().toString();
    }

    @Override
    public Optional<byte[]> fetch(String path, long maxBytes) {
        if (!Files.isDirectory(directory)) {
            throw CatalogRefusal.unreachable("the catalogue: " + directory + " is no directory", null);
        }
        Path file = directory.resolve(path);
        try {
            Path real = file.toRealPath();
            if (!real.startsWith(directory.toRealPath())) {
                throw CatalogRefusal.of("BAD_PATH", path + " is a link that leaves the catalogue");
            }
            if (!Files.isRegularFile(real)) {
                throw CatalogRefusal.unreachable(file + ": it is no regular file", null); // reading a pipe would wait for ever
            }
            try (InputStream stream = Files.newInputStream(real)) {
                byte[] content = stream.readNBytes((int) Math.min(maxBytes + 1, Integer.MAX_VALUE - 8));
                if (content.length > maxBytes) {
                    throw CatalogRefusal.of("TOO_LARGE", path + " is larger than " + maxBytes + " bytes");
                }
                return Optional.of(content);
            }
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw CatalogRefusal.unreachable(file.toString(), e);
        }
    }
}
