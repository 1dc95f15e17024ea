package org.blktrack.cli;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** The changed granules as plain bits, least significant first, written in passing. The file appears when it is whole. */
final class RawBitmap implements AutoCloseable {
    private final Path file;
    private final Path temporary;
    private final OutputStream out;
    private int openByte;
    private long at;

    RawBitmap(Path file) throws IOException {
        this.file = file;
        temporary = file.resolveSibling("." + file.getFileName() + "." + ProcessHandle.current().pid() + ".new");
        out = new BufferedOutputStream(Files.newOutputStream(temporary), 1 << 16);
    }

    /** Sets granules; called in ascending order. */
    void set(long first, long end) throws IOException {
        skipTo(first);
        while (at < end) {
            if ((at & 7) == 0 && end - at >= 8) {
                out.write(0xff);
                at += 8;
            } else {
                openByte |= 1 << (at & 7);
                step();
            }
        }
    }

    private void skipTo(long granule) throws IOException {
        while (at < granule) {
            if ((at & 7) == 0 && granule - at >= 8) {
                out.write(0);
                at += 8;
            } else {
                step();
            }
        }
    }

    private void step() throws IOException {
        at++;
        if ((at & 7) == 0) {
            out.write(openByte);
            openByte = 0;
        }
    }

    /** @param granules of the volume */
    void finish(long granules) throws IOException {
        skipTo((granules + 7) / 8 * 8);
        out.close();
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Without {@link #finish} nothing stays. */
    @Override
    public void close() throws IOException {
        out.close();
        Files.deleteIfExists(temporary);
    }
}
