package org.blktrack.cli;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;

/** Points in time for people: local, to the second. */
final class Times {
    private static final DateTimeFormatter FORMAT = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss");

    private Times() {}

    static String text(long unixMs) {
        return FORMAT.format(Instant.ofEpochMilli(unixMs).atZone(ZoneId.systemDefault()));
    }
}
