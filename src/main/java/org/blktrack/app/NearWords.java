package org.blktrack.app;

import java.util.List;

/** Which words a mistyped one may have been meant as: those that few letters make of it. The rest would only mislead. */
final class NearWords {
    /** Letters of the longer word for each that may be wrong. */
    private static final int LETTERS_A_SLIP = 3;

    private NearWords() {}

    static List<String> of(String typed, List<String> words) {
        return words.stream().filter(word -> slips(typed, word) <= Math.max(typed.length(), word.length()) / LETTERS_A_SLIP).toList();
    }

    /** Letters to put in, leave out or exchange until one word is the other (Levenshtein's distance). */
    private static int slips(String from, String to) {
        int[] above = new int[to.length() + 1];
        for (int column = 0; column <= to.length(); column++) {
            above[column] = column;
        }
        for (int row = 1; row <= from.length(); row++) {
            int[] here = new int[to.length() + 1];
            here[0] = row;
            for (int column = 1; column <= to.length(); column++) {
                int exchanged = above[column - 1] + (from.charAt(row - 1) == to.charAt(column - 1) ? 0 : 1);
                here[column] = Math.min(exchanged, 1 + Math.min(above[column], here[column - 1]));
            }
            above = here;
        }
        return above[to.length()];
    }
}
