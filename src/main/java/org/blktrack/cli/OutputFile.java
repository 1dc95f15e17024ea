package org.blktrack.cli;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import org.blktrack.model.IoCause;

/**
 * A file that was named for an answer. It appears when it is whole, in place of what had its name, whose owner and mode it keeps. A pipe, a terminal or {@code /dev/null} is
 * written to and stays what it is; a block device is refused.
 */
final class OutputFile extends OutputStream {
    private static final int TYPE = 0170000;
    private static final int REGULAR = 0100000;
    private static final int FOLDER = 0040000;
    private static final int BLOCK_DEVICE = 0060000;

    private final Path named;
    private final Path file;
    /** Null: what is written goes there at once. */
    private final Path temporary;
    private FileChannel channel;
    private OutputStream out;

    OutputFile(Path named) throws IOException {
        this.named = named;
        int type = type(named);
        if (type == FOLDER || type == BLOCK_DEVICE) {
            throw new FileSystemException(named.toString(), null, type == FOLDER ? "Is a directory" : "it is a block device");
        }
        boolean inPlace = type != 0 && type != REGULAR;
        // Behind a symbolic link, what it points to is replaced, and not the link.
        file = type == REGULAR ? named.toRealPath() : named;
        temporary = inPlace ? null : file.resolveSibling("." + file.getFileName() + "." + UUID.randomUUID() + ".new");
        try {
            channel = inPlace ? FileChannel.open(file, StandardOpenOption.WRITE) : create(temporary);
            out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
            if (type == REGULAR) {
                keepOwnerAndMode();
            }
        } catch (IOException e) {
            close();
            throw failed(e);
        }
    }

    /** In a folder that others may write to, a name that could be guessed may have been taken by a link. */
    private static FileChannel create(Path temporary) throws IOException {
        // Whoever interrupts the command finds nothing either, also right after it is made. Nobody else's file has such a name.
        temporary.toFile().deleteOnExit();
        return FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    }

    /** Of the file that will be replaced. The owner first: a change of it takes bits of the mode away. */
    private void keepOwnerAndMode() throws IOException {
        for (String attribute : new String[] {"unix:uid", "unix:gid", "unix:mode"}) {
            Object kept = Files.getAttribute(file, attribute);
            if (!kept.equals(Files.getAttribute(temporary, attribute))) {
                Files.setAttribute(temporary, attribute, kept);
            }
        }
    }

    /** Whether both names would be one file. */
    static boolean same(Path one, Path other) {
        return place(one).equals(place(other));
    }

    private static Path place(Path named) {
        Path absolute = named.toAbsolutePath().normalize();
        try {
            return Files.exists(named) ? named.toRealPath() : absolute.getParent().toRealPath().resolve(absolute.getFileName());
        } catch (IOException nowhere) {
            return absolute;
        }
    }

    /** Names the file that was asked for, not the one that stands for it until it is whole. */
    private FileSystemException failed(IOException cause) {
        FileSystemException failure = new FileSystemException(named.toString(), null, IoCause.of(cause));
        failure.initCause(cause);
        return failure;
    }

    /** @return the file type's bits of its mode; 0 where there is nothing yet */
    private static int type(Path named) throws IOException {
        try {
            return (int) Files.getAttribute(named, "unix:mode") & TYPE;
        } catch (NoSuchFileException notYet) {
            return 0;
        }
    }

    @Override
    public void write(int oneByte) throws IOException {
        try {
            out.write(oneByte);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        try {
            out.write(bytes, offset, length);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Everything is written: the file takes its name. Its content is on the disk first, lest a power cut leave a part of it under that name. */
    void finish() throws IOException {
        try {
            out.flush();
            if (temporary != null) {
                channel.force(true);
                Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            }
            channel.close();
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Without {@link #finish} nothing stays. What is still in the buffer then is not written: what came before it may have failed. */
    @Override
    public void close() throws IOException {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException unwritten) {
            // It is given up; what failed before is told already.
        }
        if (temporary != null) {
            Files.deleteIfExists(temporary);
        }
    }
}
