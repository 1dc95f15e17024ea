package org.blktrack.bootscript;

import java.util.function.IntUnaryOperator;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/** Finds where a word ends: quotes, expansions and substitutions nest to any depth. */
final class WordScanner {
    private static final Pattern ARRAY_ASSIGNMENT = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*\\+?=");

    /** An expansion whose word is a pattern: quotes count in it as they do outside. */
    private static final Pattern PATTERN = Pattern.compile("\\$\\{[#!]?(\\w+|[@*?$!#-])(\\[[^]]*])?[#%^,/]");

    /** Deeper than any real script; keeps the stack whole on hostile input. */
    private static final int MAX_DEPTH = 200;

    private final String text;
    private final boolean posix;
    private final IntUnaryOperator substitution;
    private final Consumer<String> backquoted;
    private int depth;

    /** @param end offset behind the word */
    record Word(String text, boolean quoted, int end) {}

    /**
     * @param posix whether the shell is in POSIX mode, where a single quote is a plain character in the word of {@code "${x:-word}"}
     * @param depth how deep what is read lies in other words and statements
     * @param substitution reads the commands of a {@code $(} from the given offset on, returns the offset behind its {@code )}
     * @param backquoted takes the commands between back-quotes
     */
    WordScanner(String text, boolean posix, int depth, IntUnaryOperator substitution, Consumer<String> backquoted) {
        this.text = text;
        this.posix = posix;
        this.depth = depth;
        this.substitution = substitution;
        this.backquoted = backquoted;
    }

    int depth() {
        return depth;
    }

    static void checkDepth(int depth) {
        if (depth > MAX_DEPTH) {
            throw new ShellSyntaxException("the text nests too deeply");
        }
    }

    Word read(int start) {
        StringBuilder plain = new StringBuilder();
        boolean quoted = false;
        int at = start;
        while (at < text.length()) {
            char c = text.charAt(at);
            int from = at;
            if (c == '\'') {
                at = behindSingleQuotes(at);
                plain.append(text, from + 1, at - 1);
                quoted = true;
            } else if (c == '"') {
                at = behindDoubleQuotes(at);
                plain.append(text, from + 1, at - 1);
                quoted = true;
            } else if (c == '\\') {
                at = Math.min(at + 2, text.length());
                if (!text.startsWith("\\\n", from)) {
                    plain.append(text, from + 1, at);
                    quoted = true;
                }
            } else if (c == '$' && (text.startsWith("\"", at + 1) || text.startsWith("'", at + 1))) {
                at = text.charAt(at + 1) == '"' ? behindDoubleQuotes(at + 1) : behindAnsiQuotes(at + 1);
                plain.append(text, from + 2, at - 1);
                quoted = true;
            } else if (c == '$' || c == '`') {
                at = behindExpansion(at, false);
                plain.append(text, from, at);
            } else if ((c == '<' || c == '>') && at == start && text.startsWith("(", at + 1)) {
                at = substitution.applyAsInt(at + 2);
            } else if (c == '(' && opensInsideWord(plain)) {
                at = behindNested(at, '(', ')', false, false);
                plain.append(text, from, at);
            } else if (" \t\n;&|<>()".indexOf(c) >= 0) {
                break;
            } else {
                plain.append(c);
                at++;
            }
        }
        return new Word(plain.toString(), quoted, at);
    }

    /** Reads the substitutions in the text of a here-document, in which quotes are plain characters. */
    void readDocument() {
        for (int at = 0; at < text.length(); ) {
            char c = text.charAt(at);
            at = c == '\\' ? at + 2 : c == '$' || c == '`' ? behindExpansion(at, true) : at + 1;
        }
    }

    /** {@code a=(...)}, or a pattern such as {@code @(x|y)}. */
    private static boolean opensInsideWord(CharSequence sofar) {
        int length = sofar.length();
        return ARRAY_ASSIGNMENT.matcher(sofar).matches()
                || length > 0 && "?*+@".indexOf(sofar.charAt(length - 1)) >= 0
                || length > 1 && sofar.charAt(length - 1) == '!';
    }

    private int behindSingleQuotes(int at) {
        int end = text.indexOf('\'', at + 1);
        return end < 0 ? unclosed("quote") : end + 1;
    }

    private int behindAnsiQuotes(int at) {
        for (int i = at + 1; i < text.length(); i++) {
            if (text.charAt(i) == '\\') {
                i++;
            } else if (text.charAt(i) == '\'') {
                return i + 1;
            }
        }
        return unclosed("quote");
    }

    private int behindDoubleQuotes(int at) {
        int i = at + 1;
        while (i < text.length()) {
            char c = text.charAt(i);
            if (c == '"') {
                return i + 1;
            }
            i = c == '\\' ? i + 2 : c == '$' && !text.startsWith("\"", i + 1) || c == '`' ? behindExpansion(i, true) : i + 1;
        }
        return unclosed("quote");
    }

    private int behindExpansion(int at, boolean quoted) {
        checkDepth(++depth);
        int end = behindAnyExpansion(at, quoted);
        depth--;
        return end;
    }

    /**
     * Behind the {@code $...} or back-quoted text that begins at {@code at}.
     *
     * @param quoted whether it stands between double quotes
     */
    private int behindAnyExpansion(int at, boolean quoted) {
        if (text.charAt(at) == '`') {
            return behindBackquotes(at, quoted);
        }
        if (text.startsWith("((", at + 1)) {
            int end = arithmeticEnd(at + 1);
            return end < 0 ? substitution.applyAsInt(at + 2) : end;
        }
        if (text.startsWith("(", at + 1)) {
            return substitution.applyAsInt(at + 2);
        }
        if (text.startsWith("{", at + 1)) {
            return behindNested(at + 1, '{', '}', quoted, posix && quoted && !PATTERN.matcher(text).region(at, text.length()).lookingAt());
        }
        // $# must not begin a comment, and $$ must not begin another expansion.
        return at + 1 < text.length() && "#$?!@*-".indexOf(text.charAt(at + 1)) >= 0 ? at + 2 : at + 1;
    }

    /** A backslash before a double quote counts only between double quotes. */
    private int behindBackquotes(int at, boolean quoted) {
        String escaped = quoted ? "`\\$\"" : "`\\$";
        StringBuilder inner = new StringBuilder();
        for (int i = at + 1; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '`') {
                backquoted.accept(inner.toString());
                return i + 1;
            }
            if (c == '\\' && i + 1 < text.length()) {
                i++;
                inner.append(escaped.indexOf(text.charAt(i)) >= 0 ? "" : "\\");
            }
            inner.append(text.charAt(i));
        }
        return unclosed("back-quote");
    }

    /** @param plain whether single quotes are plain characters */
    private int behindNested(int at, char open, char close, boolean quoted, boolean plain) {
        int depth = 0;
        int i = at;
        while (i < text.length()) {
            char c = text.charAt(i);
            if (c == '\\') {
                i += 2;
            } else if (c == '\'' && !plain) {
                i = behindSingleQuotes(i);
            } else if (c == '"') {
                i = behindDoubleQuotes(i);
            } else if (c == '$' || c == '`') {
                i = behindExpansion(i, quoted);
            } else {
                depth += c == open ? 1 : c == close ? -1 : 0;
                i++;
                if (depth == 0) {
                    return i;
                }
            }
        }
        return unclosed("bracket");
    }

    /** The offset behind the {@code ))} for the {@code ((} at {@code at}, or -1 if they are two brackets of their own. */
    int arithmeticEnd(int at) {
        int depth = 0;
        for (int i = at; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '(') {
                depth++;
            } else if (c == ')' && --depth == 1) {
                return text.startsWith(")", i + 1) ? i + 2 : -1;
            }
        }
        return -1;
    }

    private static int unclosed(String what) {
        throw new ShellSyntaxException("a " + what + " is never closed");
    }
}
