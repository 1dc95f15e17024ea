package org.blktrack.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;
import org.blktrack.model.IoCause;

/** The machine's memory: /proc/meminfo, proc(5). */
public final class Meminfo {
    private static final String TOTAL = "MemTotal:";

    private Meminfo() {}

    public static long totalBytes() {
        Path path = Path.of("/proc/meminfo");
        try {
            return totalBytes(Files.readAllLines(path));
        } catch (IOException e) {
            throw new BlktrackException(ExitStatus.FAILED, "NO_MEMORY", "cannot read " + path + ": " + IoCause.of(e), IoCause.remedy(e, path), e);
        }
    }

    /** @return 0 where it is not told */
    static long totalBytes(List<String> lines) {
        return lines.stream().filter(line -> line.startsWith(TOTAL)).findFirst()
                .map(line -> Long.parseLong(line.substring(TOTAL.length()).replace("kB", "").trim()) << 10).orElse(0L);
    }
}
