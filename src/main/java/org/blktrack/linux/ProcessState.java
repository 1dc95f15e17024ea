package org.blktrack.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a process is doing, by the kernel's word (proc(5)). */
public final class ProcessState {
    private ProcessState() {}

    /** Whether a signal has stopped it, until SIGCONT. A debugger's stop is another state. */
    public static boolean isStopped(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", String.valueOf(pid), "stat"));
            // The state stands behind the program's name, which may hold anything.
            return stat.startsWith("T ", stat.lastIndexOf(')') + 2);
        } catch (IOException gone) {
            return false;
        }
    }
}
