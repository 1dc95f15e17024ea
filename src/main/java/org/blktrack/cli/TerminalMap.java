package org.blktrack.cli;

import java.io.PrintWriter;
import java.nio.charset.Charset;

/** The heat map in a terminal: a character a cell, cold to hot; without colour the shading alone says it. */
final class TerminalMap {
    static final int COLUMNS = 64;
    static final int ROWS = 12;
    private static final int[] HEAT = {236, 24, 31, 36, 71, 142, 178, 208, 202, 196};
    private static final int[] DISCARD = {236, 54, 55, 56, 92, 93, 99, 135, 141, 147};
    private static final String BLOCK_SHADES = "·░░▒▒▒▓▓██";
    private static final String ASCII_SHADES = ".:-=+*x#%@";
    private static final int LEVELS = HEAT.length - 1;
    private static final String RESET = "\u001b[0m";

    private final boolean colour;
    private final String shades;

    /** @param charset of the terminal: where it has no blocks, letters stand for them */
    TerminalMap(boolean colour, Charset charset) {
        this.colour = colour;
        shades = charset.newEncoder().canEncode(BLOCK_SHADES) ? BLOCK_SHADES : ASCII_SHADES;
    }

    /** Colour where a terminal takes it; NO_COLOR and CLICOLOR_FORCE as everywhere. */
    static boolean wantsColour() {
        if (System.getenv("NO_COLOR") != null) {
            return false;
        }
        String force = System.getenv("CLICOLOR_FORCE");
        return force != null && !force.equals("0") || System.console() != null && !"dumb".equals(System.getenv("TERM"));
    }

    /** The locale's, unless the launcher says that the one asked for has no pictures. */
    static Charset charset() {
        return Charset.forName(System.getProperty("blktrack.pictures", Charset.defaultCharset().name()));
    }

    void print(ChangeMap map, PrintWriter out) {
        for (int first = 0; first < map.cells(); first += COLUMNS) {
            StringBuilder line = new StringBuilder(String.format("%10s ", Sizes.text(map.start(first)))).append(colour ? "" : "|");
            for (int cell = first; cell < Math.min(first + COLUMNS, map.cells()); cell++) {
                append(line, map.data(cell), map.discarded(cell));
            }
            out.println(line.append(colour ? RESET : "|"));
        }
        legend(out);
        out.flush();
    }

    private void append(StringBuilder line, double data, double discarded) {
        boolean dropped = data == 0 && discarded > 0;
        int level = ChangeMap.level(dropped ? discarded : data, LEVELS);
        if (colour) {
            line.append("\u001b[38;5;").append((dropped ? DISCARD : HEAT)[level]).append('m').append(shades.charAt(level == 0 ? 0 : LEVELS));
        } else {
            line.append(dropped ? 'd' : shades.charAt(level));
        }
    }

    private void legend(PrintWriter out) {
        StringBuilder line = new StringBuilder("           ");
        line.append("unchanged ");
        append(line, 0, 0);
        line.append(colour ? RESET : "").append("   little ");
        for (int level = 1; level <= LEVELS; level++) {
            double share = (level - 0.5) / LEVELS;
            append(line, share * share, 0);
        }
        line.append(colour ? RESET : "").append(" all   discarded ");
        append(line, 0, 1);
        out.println(line.append(colour ? RESET : ""));
    }
}
