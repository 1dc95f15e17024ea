package org.blktrack.model;

import java.util.Locale;

/**
 * The size of a granule.
 *
 * @param bytes a power of two from 4 KiB to 1 MiB
 */
public record Granularity(int bytes) {
    public static final int SMALLEST = 4 << 10;
    public static final int LARGEST = 1 << 20;
    public static final Granularity DEFAULT = new Granularity(64 << 10);

    public Granularity {
        if (bytes < SMALLEST || bytes > LARGEST || Integer.bitCount(bytes) != 1) {
            throw refused(bytes);
        }
    }

    /** @param bytes as somebody asked for it */
    public static Granularity of(long bytes) {
        if (bytes < SMALLEST || bytes > LARGEST) {
            throw refused(bytes);
        }
        return new Granularity((int) bytes);
    }

    private static BlktrackException refused(long bytes) {
        return new BlktrackException(ExitStatus.USAGE, "BAD_GRANULARITY", "granularity " + bytes + " bytes: not a power of two from 4KiB to 1MiB",
                "The default is 64KiB.");
    }

    /** @param text bytes, or with KiB, K, MiB or M behind: {@code 64KiB} */
    public static Granularity parse(String text) {
        String lower = text.trim().toLowerCase(Locale.ROOT);
        String digits = lower.replaceFirst("(ki?b?|mi?b?)$", "");
        int unit = digits.length() == lower.length() ? 1 : lower.charAt(digits.length()) == 'k' ? 1 << 10 : 1 << 20;
        try {
            return new Granularity(Math.multiplyExact(Integer.parseInt(digits), unit));
        } catch (NumberFormatException | ArithmeticException e) {
            throw new BlktrackException(ExitStatus.USAGE, "BAD_GRANULARITY",
                    "granularity '" + text + "': not a size", "Write it as 4KiB … 1MiB; the default is 64KiB.", e);
        }
    }

    /** Granules of a volume; the last may be a part of one. */
    public long granules(long sizeBytes) {
        return (sizeBytes + bytes - 1) / bytes;
    }

    /** 64-bit words of one bitmap of a volume. */
    public long words(long sizeBytes) {
        return (granules(sizeBytes) + 63) / 64;
    }
}
