package org.blktrack.bootscript;

import java.util.List;

/**
 * The lines that go into a boot script, and the only place where their text stands.
 *
 * <p>A hook must neither fail the script nor end it, under {@code set -e}, {@code set -u} and an ERR trap too: hence the
 * {@code if} (whose condition may be false) and {@code || :}. It ends with status 0.
 */
public final class HookLines {
    public static final String BEGIN = "# blktrack begin";
    public static final String END = "# blktrack end";

    private static final List<String> START = List.of(
            BEGIN,
            "if [ -x /sbin/blktrack-helper ] && [ ! -e /.blktrack_dirty ]; then",
            "    /sbin/blktrack-helper start --tracking || :",
            "fi",
            END);
    private static final List<String> STOP = List.of(
            BEGIN,
            "if [ -x /sbin/blktrack-helper ]; then",
            "    /sbin/blktrack-helper clear_dirtyflag || :",
            "fi",
            END);

    private HookLines() {}

    /** The whole block, markers included, without line ends. */
    public static List<String> of(Hook hook) {
        return hook == Hook.START ? START : STOP;
    }
}
