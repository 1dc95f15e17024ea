package org.blktrack.bootscript;

import java.util.ArrayList;
import java.util.List;

/**
 * The lines that go into a boot script, and the only place where their text stands.
 *
 * <p>A hook must neither fail the script nor end it, under {@code set -e}, {@code set -u} and an ERR trap too: hence the
 * {@code if} (whose condition may be false) and {@code || :}. It ends with status 0.
 */
public enum Hook {
    START(
            "start",
            "if [ -x /sbin/blktrack-helper ] && [ ! -e /.blktrack_dirty ]; then",
            "    /sbin/blktrack-helper start --tracking || :",
            "fi"),
    STOP(
            "stop",
            "if [ -x /sbin/blktrack-helper ]; then",
            "    /sbin/blktrack-helper clear_dirtyflag || :",
            "fi");

    public static final String BEGIN = "# blktrack begin";
    public static final String END = "# blktrack end";

    private final String rowName;
    private final List<String> lines;

    Hook(String rowName, String... body) {
        this.rowName = rowName;
        List<String> all = new ArrayList<>();
        all.add(BEGIN);
        all.addAll(List.of(body));
        all.add(END);
        this.lines = List.copyOf(all);
    }

    /** The name in a catalogue row: {@code start} or {@code stop}. */
    public String rowName() {
        return rowName;
    }

    /** The whole block, markers included, without line ends. */
    public List<String> lines() {
        return lines;
    }
}
