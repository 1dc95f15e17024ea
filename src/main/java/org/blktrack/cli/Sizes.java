package org.blktrack.cli;

import java.util.Locale;

/** Byte counts for people. */
final class Sizes {
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};

    private Sizes() {}

    /** Whole numbers where they are exact, else two digits behind the point: {@code 64 KiB}, {@code 1.50 GiB}. */
    static String text(long bytes) {
        int unit = 0;
        double size = bytes;
        while (size >= 1024 && unit < UNITS.length - 1) {
            size /= 1024;
            unit++;
        }
        return (size == Math.rint(size) ? String.valueOf((long) size) : String.format(Locale.ROOT, "%.2f", size)) + " " + UNITS[unit];
    }
}
