package org.blktrack.bootscript;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Cuts shell text into words and operators, as the POSIX shell language (2.3 Token Recognition) and bash's additions to it say.
 * Only what decides where a statement ends is followed; expansions are kept as written.
 */
final class ShellLexer {
    private static final List<String> OPERATORS = List.of(
            "<<<", "<<-", ";;&", "&>>", "&&", "||", ";;", ";&", "<<", ">>", "<&", ">&", "<>", ">|", "&>", "|&", ";", "&",
            "|", "<", ">", "(", ")");

    /** Then the next line belongs to the same one, and does not end the document. */
    private static final Pattern ESCAPED_END = Pattern.compile("(?<!\\\\)(?:\\\\\\\\)*\\\\$");

    private final String text;
    private final WordScanner words;
    private final Consumer<String> expanded;
    private final Deque<HereDocument> pending = new ArrayDeque<>();
    private int position;
    private Token ahead;

    /** @param expanded whether the shell carries out what its text has in substitutions, which a quoted delimiter forbids */
    private record HereDocument(String delimiter, boolean tabsStripped, boolean expanded) {}

    /** @param expanded takes the text of each here-document whose substitutions are carried out */
    ShellLexer(String text, int start, WordScanner words, Consumer<String> expanded) {
        this.text = text;
        this.position = start;
        this.words = words;
        this.expanded = expanded;
    }

    Token peek() {
        if (ahead == null) {
            ahead = read();
        }
        return ahead;
    }

    Token next() {
        Token token = peek();
        ahead = null;
        return token;
    }

    /** Whether the character right behind the token ahead is {@code c}. */
    boolean touches(char c) {
        int behind = peek().end();
        return behind < text.length() && text.charAt(behind) == c;
    }

    /** Takes the token ahead and everything up to the {@code ))} that closes it; null, and nothing taken, if none does. */
    String arithmetic() {
        int end = words.arithmeticEnd(peek().start());
        if (end < 0) {
            return null;
        }
        String taken = text.substring(peek().start(), end);
        ahead = null;
        position = end;
        return taken;
    }

    /** Takes a word, whatever it is. */
    Token wordToken() {
        Token token = next();
        if (token.type() != Token.Type.WORD) {
            throw unexpected(token);
        }
        return token;
    }

    /** Takes a word, whatever it is, quotes removed. */
    String word() {
        return wordToken().text();
    }

    void expect(String reserved) {
        Token token = next();
        if (!token.isReserved(reserved)) {
            throw unexpected(token);
        }
    }

    Token expectOperator(String operator) {
        Token token = next();
        if (!token.isOperator(operator)) {
            throw unexpected(token);
        }
        return token;
    }

    void skipNewlines() {
        while (peek().type() == Token.Type.NEWLINE) {
            next();
        }
    }

    ShellSyntaxException unexpected(Token token) {
        long line = 1 + text.substring(0, token.start()).chars().filter(c -> c == '\n').count();
        String what = token.type() == Token.Type.END ? "the end of the text" : "\"" + token.text().strip() + "\"";
        return new ShellSyntaxException("line " + line + ": " + what + " stands where it can't");
    }

    /** @param delimiter the word behind {@code <<} */
    void expectHereDocument(Token delimiter, boolean tabsStripped) {
        pending.add(new HereDocument(delimiter.text(), tabsStripped, !delimiter.quoted()));
    }

    private Token read() {
        skipBlanksAndComment();
        int start = position;
        if (start >= text.length()) {
            return new Token(Token.Type.END, "", false, start, start);
        }
        if (text.charAt(start) == '\n') {
            position++;
            skipHereDocuments();
            return new Token(Token.Type.NEWLINE, "\n", false, start, position);
        }
        String operator = operatorAt(start);
        if (operator != null) {
            position += operator.length();
            return new Token(Token.Type.OPERATOR, operator, false, start, position);
        }
        WordScanner.Word word = words.read(start);
        position = word.end();
        if (isDescriptor(word, start)) {
            return read();
        }
        return new Token(Token.Type.WORD, word.text(), word.quoted(), start, position);
    }

    /** The 2 of {@code 2>file} belongs to the redirection and is no argument. */
    private boolean isDescriptor(WordScanner.Word word, int start) {
        return position < text.length()
                && (text.charAt(position) == '<' || text.charAt(position) == '>')
                && text.substring(start, position).chars().allMatch(Character::isDigit);
    }

    private void skipBlanksAndComment() {
        while (position < text.length()) {
            char c = text.charAt(position);
            if (c == ' ' || c == '\t') {
                position++;
            } else if (c == '\\' && text.startsWith("\n", position + 1)) {
                position += 2;
            } else if (c == '#') {
                int lineEnd = text.indexOf('\n', position);
                position = lineEnd < 0 ? text.length() : lineEnd;
            } else {
                return;
            }
        }
    }

    private String operatorAt(int start) {
        if (text.startsWith("<(", start) || text.startsWith(">(", start)) {
            return null; // process substitution, part of a word
        }
        for (String operator : OPERATORS) {
            if (text.startsWith(operator, start)) {
                return operator;
            }
        }
        return null;
    }

    private void skipHereDocuments() {
        while (!pending.isEmpty()) {
            HereDocument document = pending.remove();
            if (!skipHereDocument(document)) {
                throw new ShellSyntaxException("the here-document that ends with \"" + document.delimiter() + "\" never does");
            }
        }
    }

    private boolean skipHereDocument(HereDocument document) {
        int start = position;
        boolean joined = false;
        while (position < text.length()) {
            int lineStart = position;
            int lineEnd = text.indexOf('\n', position);
            int end = lineEnd < 0 ? text.length() : lineEnd;
            String line = text.substring(position, end);
            position = Math.min(end + 1, text.length());
            if (!joined && (document.tabsStripped() ? line.replaceFirst("^\t+", "") : line).equals(document.delimiter())) {
                if (document.expanded()) {
                    expanded.accept(text.substring(start, lineStart));
                }
                return true;
            }
            joined = document.expanded() && ESCAPED_END.matcher(line).find();
        }
        return false;
    }
}
