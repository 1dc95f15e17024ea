package org.blktrack.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** Columns for people; the ones that hold numbers are set to the right. */
final class TextTable {
    private final List<String[]> rows = new ArrayList<>();
    private final boolean[] right;

    /** @param titles a leading {@code >} sets the column to the right */
    TextTable(String... titles) {
        right = new boolean[titles.length];
        String[] names = new String[titles.length];
        for (int i = 0; i < titles.length; i++) {
            right[i] = titles[i].startsWith(">");
            names[i] = right[i] ? titles[i].substring(1) : titles[i];
        }
        rows.add(names);
    }

    void add(String... cells) {
        rows.add(cells);
    }

    void print(PrintWriter out) {
        int[] widths = new int[right.length];
        for (String[] row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row[i].length());
            }
        }
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                String gap = " ".repeat(widths[i] - row[i].length());
                line.append(right[i] ? gap + row[i] : row[i] + gap).append("  ");
            }
            out.println(line.toString().stripTrailing());
        }
        out.flush();
    }
}
