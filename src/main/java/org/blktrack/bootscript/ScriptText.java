package org.blktrack.bootscript;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A script's text. It is read as ISO-8859-1, so that every byte is one character and comes back unchanged whatever
 * encoding its comments are in.
 *
 * @param lines without their line feeds
 * @param finalNewline whether the last line ends with one
 */
record ScriptText(List<String> lines, boolean finalNewline) {
    /** Twenty times the longest rc.sysinit known; what is longer is something else. */
    static final int MAX_BYTES = 1 << 20;

    static ScriptText decode(byte[] bytes) throws ScriptFault {
        if (bytes.length == 0) {
            throw new ScriptFault(Reason.EMPTY, "the file is empty");
        }
        if (bytes.length > MAX_BYTES) {
            throw new ScriptFault(Reason.TOO_LARGE, "the file is longer than " + MAX_BYTES + " bytes");
        }
        for (byte b : bytes) {
            if (b == 0) {
                throw new ScriptFault(Reason.BINARY, "the file holds NUL bytes, so it is no script");
            }
            if (b == '\r') {
                throw new ScriptFault(Reason.CARRIAGE_RETURN, "the file holds carriage returns");
            }
        }
        return of(new String(bytes, StandardCharsets.ISO_8859_1));
    }

    static ScriptText of(String text) {
        List<String> lines = new ArrayList<>(List.of(text.split("\n", -1)));
        boolean finalNewline = lines.get(lines.size() - 1).isEmpty();
        if (finalNewline) {
            lines.remove(lines.size() - 1);
        }
        return new ScriptText(List.copyOf(lines), finalNewline);
    }

    String text() {
        return String.join("\n", lines) + (finalNewline ? "\n" : "");
    }

    byte[] encode() {
        return text().getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Whether sh reads it: on the machines in question that is bash in POSIX mode. */
    boolean isPosix() {
        return lines.get(0).matches("#!\\s*\\S*/(env\\s+)?sh(\\s.*)?");
    }

    /** The first {@code count} lines, as a script of their own. */
    ScriptText head(int count) {
        return new ScriptText(lines.subList(0, count), true);
    }

    /** What follows the first {@code count} lines. */
    ScriptText tail(int count) {
        return new ScriptText(lines.subList(count, lines.size()), finalNewline);
    }

    /** @return a script without {@code count} lines from 1-based {@code line} on */
    ScriptText without(int line, int count) {
        List<String> left = new ArrayList<>(lines);
        left.subList(line - 1, line - 1 + count).clear();
        return new ScriptText(List.copyOf(left), finalNewline);
    }
}
