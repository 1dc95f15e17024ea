package org.blktrack.cli;

import java.util.Locale;

/** The heat map as an SVG file: readable on its own, on light and on dark pages. */
final class SvgMap {
    static final int COLUMNS = 96;
    static final int ROWS = 32;
    private static final int CELL = 9;
    private static final int GAP = 1;
    private static final int LEFT = 78;
    private static final int TOP = 64;
    private static final String[] HEAT = {"#e9edf2", "#c6dbef", "#9ecae1", "#6baed6", "#78c679", "#c2e699", "#fecc5c", "#fd8d3c",
        "#f03b20", "#bd0026"};
    private static final String[] DISCARD = {"#e9edf2", "#e4dcf1", "#d6c9ea", "#c7b5e2", "#b8a1da", "#a98dd2", "#9a79ca", "#8b65c2",
        "#7c51ba", "#6d3db2"};
    private static final int LEVELS = HEAT.length - 1;

    private SvgMap() {}

    /** @param title and subtitle plain text */
    static String draw(ChangeMap map, String title, String subtitle) {
        int rows = (map.cells() + COLUMNS - 1) / COLUMNS;
        int width = LEFT + COLUMNS * (CELL + GAP) + 20;
        int height = TOP + rows * (CELL + GAP) + 56;
        StringBuilder svg = new StringBuilder();
        svg.append(String.format(Locale.ROOT, """
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %1$d %2$d" width="%1$d" height="%2$d" role="img">
                <title>%3$s</title>
                <style>text{font-family:system-ui,sans-serif;fill:#334155}.s{font-size:11px;fill:#64748b}</style>
                <rect width="%1$d" height="%2$d" rx="10" fill="#fbfcfe"/>
                <text x="20" y="28" font-size="17" font-weight="600">%3$s</text>
                <text x="20" y="47" class="s">%4$s</text>
                """, width, height, escape(title), escape(subtitle)));
        for (int cell = 0; cell < map.cells(); cell++) {
            int row = cell / COLUMNS;
            if (cell % COLUMNS == 0 && row % 4 == 0) {
                svg.append(String.format(Locale.ROOT, "<text x=\"%d\" y=\"%d\" class=\"s\" text-anchor=\"end\">%s</text>\n", LEFT - 8,
                        y(row) + CELL, Sizes.text(map.start(cell))));
            }
            cell(svg, map, cell, row);
        }
        legend(svg, y(rows) + 22);
        return svg.append("</svg>\n").toString();
    }

    private static void cell(StringBuilder svg, ChangeMap map, int cell, int row) {
        double data = map.data(cell);
        double discarded = map.discarded(cell);
        svg.append(String.format(Locale.ROOT, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"2\" fill=\"%s\"", LEFT + cell % COLUMNS * (CELL + GAP),
                y(row), CELL, CELL, fill(data, discarded)));
        if (data > 0 || discarded > 0) {
            svg.append(String.format(Locale.ROOT, "><title>%s: %.1f %% written, %.1f %% discarded</title></rect>\n", Sizes.text(map.start(cell)),
                    100 * data, 100 * discarded));
        } else {
            svg.append("/>\n");
        }
    }

    private static String fill(double data, double discarded) {
        return data == 0 && discarded > 0 ? DISCARD[ChangeMap.level(discarded, LEVELS)] : HEAT[ChangeMap.level(data, LEVELS)];
    }

    private static void legend(StringBuilder svg, int y) {
        int x = LEFT;
        for (int level = 0; level <= LEVELS; level++) {
            svg.append(String.format(Locale.ROOT, "<rect x=\"%d\" y=\"%d\" width=\"18\" height=\"10\" rx=\"2\" fill=\"%s\"/>\n", x + level * 20, y, HEAT[level]));
        }
        svg.append(String.format(Locale.ROOT, "<text x=\"%d\" y=\"%d\" class=\"s\">unchanged … all written</text>\n", x + (LEVELS + 1) * 20 + 6, y + 9));
        int right = x + (LEVELS + 1) * 20 + 170;
        svg.append(String.format(Locale.ROOT, "<rect x=\"%d\" y=\"%d\" width=\"18\" height=\"10\" rx=\"2\" fill=\"%s\"/>\n", right, y, DISCARD[LEVELS]));
        svg.append(String.format(Locale.ROOT, "<text x=\"%d\" y=\"%d\" class=\"s\">discarded</text>\n", right + 24, y + 9));
    }

    private static int y(int row) {
        return TOP + row * (CELL + GAP);
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
