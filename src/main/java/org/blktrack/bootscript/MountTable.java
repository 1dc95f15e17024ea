package org.blktrack.bootscript;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The mount points of this process, from /proc/self/mountinfo (proc_pid_mountinfo(5): the fifth field). */
record MountTable(Set<String> points) {
    private static final int POINT = 4;

    static MountTable current() throws IOException {
        Path source = Path.of("/proc/self/mountinfo");
        return Files.exists(source) ? parse(Files.readAllLines(source, StandardCharsets.ISO_8859_1)) : parse(List.of());
    }

    static MountTable parse(List<String> lines) {
        Set<String> points = new HashSet<>();
        for (String line : lines) {
            String[] fields = line.split(" ");
            if (fields.length > POINT) {
                points.add(unescape(fields[POINT]));
            }
        }
        return new MountTable(points);
    }

    /** Blanks, tabs, line feeds and backslashes stand as three octal digits. */
    private static String unescape(String field) {
        return field.replace("\\040", " ").replace("\\011", "\t").replace("\\012", "\n").replace("\\134", "\\");
    }

    boolean holds(Path path) {
        return points.contains(path.toString());
    }
}
