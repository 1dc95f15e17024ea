package org.blktrack.cli;

import java.io.IOException;
import java.nio.file.Path;

/** The changed granules as plain bits, least significant first, written in passing. The file appears when it is whole. */
final class RawBitmap implements AutoCloseable {
    private final OutputFile out;
    private int openByte;
    private long at;

    RawBitmap(Path file) throws IOException {
        out = new OutputFile(file);
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
        out.finish();
    }

    /** Without {@link #finish} nothing stays. */
    @Override
    public void close() throws IOException {
        out.close();
    }
}
