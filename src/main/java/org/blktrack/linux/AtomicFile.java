package org.blktrack.linux;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;

/** Writes whole files, so that at every instant, and after a power cut, a file is the old one or the new one. */
public final class AtomicFile {
    private AtomicFile() {}

    public static void write(Path path, String content, int mode) throws IOException {
        write(path, content.getBytes(StandardCharsets.ISO_8859_1), mode);
    }

    /** @param mode as for chmod(2) */
    public static void write(Path path, byte[] content, int mode) throws IOException {
        Path fresh = copyOf(path);
        Files.deleteIfExists(fresh);
        try {
            try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.wrap(content);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                Files.setPosixFilePermissions(fresh, permissions(mode));
                channel.force(true);
            }
            Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(fresh);
        }
        sync(path.toAbsolutePath().getParent());
    }

    /** Puts a whole file, or a folder, that lies beside another in its place; it is on disk before it has the other's name. */
    public static void replace(Path fresh, Path path) throws IOException {
        sync(fresh);
        Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
        sync(path.getParent());
    }

    /** A second file that is whole as soon as it has its name. */
    public static void copy(Path file, Path to) throws IOException {
        Path fresh = copyOf(to);
        try {
            Files.copy(file, fresh, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
            if (!Files.isSymbolicLink(fresh)) {
                sync(fresh);
            }
            Files.move(fresh, to, StandardCopyOption.ATOMIC_MOVE);
            sync(to.getParent());
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    /** Deletes the file, and a copy of it that a crash left behind. */
    public static void delete(Path path) throws IOException {
        boolean leftover = deleteUnfinished(path);
        if (Files.deleteIfExists(path) || leftover) {
            sync(path.getParent());
        }
    }

    /** Deletes what a crash left behind of a file that was being written. */
    public static boolean deleteUnfinished(Path path) throws IOException {
        return Files.deleteIfExists(copyOf(path));
    }

    private static Path copyOf(Path path) {
        // The dot keeps init systems from taking a leftover for a script of theirs.
        return path.resolveSibling("." + path.getFileName() + ".blktrack-new");
    }

    private static void sync(Path fileOrDirectory) throws IOException {
        try (FileChannel channel = FileChannel.open(fileOrDirectory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static Set<PosixFilePermission> permissions(int mode) {
        Set<PosixFilePermission> set = EnumSet.noneOf(PosixFilePermission.class);
        PosixFilePermission[] highestFirst = PosixFilePermission.values();
        for (int bit = 0; bit < highestFirst.length; bit++) {
            if ((mode & (0400 >> bit)) != 0) {
                set.add(highestFirst[bit]);
            }
        }
        return set;
    }
}
