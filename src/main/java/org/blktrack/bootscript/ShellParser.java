package org.blktrack.bootscript;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A recursive-descent reader of the shell grammar (POSIX 2.10, with bash's {@code function}, {@code [[}, {@code ((} and
 * {@code select}). It exists to tell where top-level statements begin and end and which commands stand in them; whether the
 * text is right in every detail is left to {@code bash -n}.
 */
final class ShellParser {
    private static final Set<String> CLOSING = Set.of("then", "elif", "else", "fi", "do", "done", "esac", "}", "in");
    private static final Set<String> REDIRECTIONS =
            Set.of("<", ">", "<<", "<<-", "<<<", ">>", "<&", ">&", "<>", ">|", "&>", "&>>");
    /** Deeper than any real script; keeps the stack whole on hostile input. */
    private static final int MAX_DEPTH = 200;

    private final String text;
    private final ShellLexer lexer;
    private final Map<String, List<Command>> functions;
    private List<Command> commands = new ArrayList<>();
    private List<Command> condition = List.of();
    private int loops;
    private int depth;

    ShellParser(String text) {
        this(text, 0, new HashMap<>(), 0);
    }

    private ShellParser(String text, int start, Map<String, List<Command>> functions, int depth) {
        this.text = text;
        this.functions = functions;
        this.depth = depth;
        this.lexer = new ShellLexer(text, start, new WordScanner(text, this::substitution, this::backquoted));
    }

    ShellScript script() {
        int[] lineStarts = lineStarts();
        List<Statement> statements = new ArrayList<>();
        skipNewlines();
        while (lexer.peek().type() != Token.Type.END) {
            int start = lexer.peek().start();
            Statement.Kind kind = andOr();
            Token end = lexer.peek();
            int last = end.type() == Token.Type.NEWLINE ? end.end() - 1 : end.start() - 1;
            endStatement();
            statements.add(new Statement(
                    lineOf(lineStarts, start), lineOf(lineStarts, last), kind, List.copyOf(commands), condition));
            // Before the next look ahead, which may already meet a substitution in the next statement's first word.
            commands = new ArrayList<>();
            condition = List.of();
            skipNewlines();
        }
        return new ShellScript(List.copyOf(statements), functions);
    }

    private void endStatement() {
        Token token = lexer.peek();
        if (token.isOperator(";") || token.isOperator("&") || token.type() == Token.Type.NEWLINE) {
            lexer.next();
        } else if (token.type() != Token.Type.END) {
            throw unexpected(token);
        }
    }

    /** Statements up to one that closes what surrounds them. */
    private void list() {
        skipNewlines();
        while (!closes(lexer.peek())) {
            andOr();
            Token token = lexer.peek();
            if (token.isOperator(";") || token.isOperator("&") || token.type() == Token.Type.NEWLINE) {
                lexer.next();
                skipNewlines();
            } else if (!closes(token)) {
                throw unexpected(token);
            }
        }
    }

    private static boolean closes(Token token) {
        return switch (token.type()) {
            case END -> true;
            case WORD -> !token.quoted() && CLOSING.contains(token.text());
            case OPERATOR -> token.text().equals(")") || token.text().startsWith(";") && token.text().length() > 1;
            case NEWLINE -> false;
        };
    }

    private Statement.Kind andOr() {
        Statement.Kind kind = command();
        while (Set.of("&&", "||", "|", "|&").contains(operator(lexer.peek()))) {
            lexer.next();
            skipNewlines();
            command();
        }
        return kind;
    }

    private Statement.Kind command() {
        while (lexer.peek().isReserved("!") || lexer.peek().isReserved("time")) {
            lexer.next();
        }
        if (++depth > MAX_DEPTH) {
            throw new ShellSyntaxException("statements nest too deeply");
        }
        Statement.Kind kind = compound();
        if (kind == null) {
            kind = simple();
        } else {
            redirections();
        }
        depth--;
        return kind;
    }

    /** @return null if the token ahead begins no compound command */
    private Statement.Kind compound() {
        Token token = lexer.peek();
        if (token.isOperator("(")) {
            return subshell();
        }
        if (token.type() != Token.Type.WORD || token.quoted()) {
            return null;
        }
        return switch (token.text()) {
            case "if" -> conditional();
            case "while", "until" -> loop();
            case "for", "select" -> forLoop();
            case "case" -> caseOf();
            case "{" -> group();
            case "[[" -> test();
            case "function" -> function();
            default -> null;
        };
    }

    private Statement.Kind subshell() {
        if (lexer.touches('(') && lexer.skipArithmetic()) {
            return Statement.Kind.TEST;
        }
        lexer.next();
        list();
        expectOperator(")");
        return Statement.Kind.GROUP;
    }

    private Statement.Kind group() {
        lexer.next();
        list();
        expect("}");
        return Statement.Kind.GROUP;
    }

    private Statement.Kind conditional() {
        lexer.next();
        int first = commands.size();
        list();
        List<Command> head = List.copyOf(commands.subList(first, commands.size()));
        expect("then");
        list();
        while (lexer.peek().isReserved("elif")) {
            lexer.next();
            list();
            expect("then");
            list();
        }
        if (lexer.peek().isReserved("else")) {
            lexer.next();
            list();
        }
        expect("fi");
        condition = head; // inner ifs end first, so the outermost one's stays
        return Statement.Kind.IF;
    }

    private Statement.Kind loop() {
        lexer.next();
        loops++;
        list();
        body();
        loops--;
        return Statement.Kind.LOOP;
    }

    private Statement.Kind forLoop() {
        lexer.next();
        if (!(lexer.peek().isOperator("(") && lexer.skipArithmetic())) {
            word();
        }
        skipNewlines();
        if (lexer.peek().isReserved("in")) {
            lexer.next();
            while (lexer.peek().type() == Token.Type.WORD) {
                lexer.next();
            }
        }
        if (lexer.peek().isOperator(";")) {
            lexer.next();
        }
        skipNewlines();
        loops++;
        if (lexer.peek().isReserved("{")) {
            group();
        } else {
            body();
        }
        loops--;
        return Statement.Kind.LOOP;
    }

    private void body() {
        expect("do");
        list();
        expect("done");
    }

    private Statement.Kind caseOf() {
        lexer.next();
        word();
        skipNewlines();
        expect("in");
        skipNewlines();
        while (!lexer.peek().isReserved("esac")) {
            pattern();
            list();
            if (lexer.peek().isReserved("esac")) {
                break;
            }
            Token end = lexer.next();
            if (!Set.of(";;", ";&", ";;&").contains(operator(end))) {
                throw unexpected(end);
            }
            skipNewlines();
        }
        lexer.next();
        return Statement.Kind.CASE;
    }

    private void pattern() {
        if (lexer.peek().isOperator("(")) {
            lexer.next();
        }
        word();
        while (lexer.peek().isOperator("|")) {
            lexer.next();
            word();
        }
        expectOperator(")");
    }

    /** {@code [[ ... ]]}: nothing in it ends a statement. */
    private Statement.Kind test() {
        List<String> words = new ArrayList<>();
        Token token = lexer.next();
        while (!token.isReserved("]]")) {
            if (token.type() == Token.Type.END) {
                throw unexpected(token);
            }
            words.add(token.text());
            token = lexer.next();
        }
        commands.add(new Command(List.copyOf(words), loops > 0));
        return Statement.Kind.TEST;
    }

    private Statement.Kind function() {
        lexer.next();
        String name = word();
        if (lexer.peek().isOperator("(")) {
            lexer.next();
            expectOperator(")");
        }
        return functionBody(name);
    }

    private Statement.Kind functionBody(String name) {
        List<Command> outside = commands;
        int outerLoops = loops;
        commands = new ArrayList<>();
        loops = 0;
        skipNewlines();
        if (compound() == null) {
            throw unexpected(lexer.peek());
        }
        functions.merge(name, commands, (one, other) -> {
            List<Command> both = new ArrayList<>(one);
            both.addAll(other);
            return both;
        });
        commands = outside;
        loops = outerLoops;
        redirections();
        return Statement.Kind.FUNCTION;
    }

    private Statement.Kind simple() {
        List<String> words = new ArrayList<>();
        int before = lexer.peek().start();
        if (closes(lexer.peek())) {
            throw unexpected(lexer.peek());
        }
        while (true) {
            redirections();
            Token token = lexer.peek();
            if (token.type() != Token.Type.WORD) {
                break;
            }
            lexer.next();
            words.add(token.text());
            if (words.size() == 1 && !token.quoted() && lexer.peek().isOperator("(")) {
                lexer.next();
                expectOperator(")");
                return functionBody(token.text());
            }
        }
        if (lexer.peek().start() == before) {
            throw unexpected(lexer.peek());
        }
        commands.add(new Command(List.copyOf(words), loops > 0));
        return Statement.Kind.SIMPLE;
    }

    private void redirections() {
        while (REDIRECTIONS.contains(operator(lexer.peek()))) {
            String redirection = lexer.next().text();
            String target = word();
            if (redirection.equals("<<") || redirection.equals("<<-")) {
                lexer.expectHereDocument(target, redirection.endsWith("-"));
            }
        }
    }

    /** Reads the commands of a substitution; they run where they stand, so they count among the statement's commands. */
    private int substitution(int start) {
        ShellParser inner = new ShellParser(text, start, functions, depth + 1);
        inner.loops = loops;
        inner.list();
        Token close = inner.lexer.next();
        if (!close.isOperator(")")) {
            throw unexpected(close);
        }
        commands.addAll(inner.commands);
        return close.end();
    }

    private void backquoted(String inside) {
        ShellParser inner = new ShellParser(inside, 0, functions, depth + 1);
        inner.loops = loops;
        inner.list();
        commands.addAll(inner.commands);
    }

    private String word() {
        Token token = lexer.next();
        if (token.type() != Token.Type.WORD) {
            throw unexpected(token);
        }
        return token.text();
    }

    private void expect(String reserved) {
        Token token = lexer.next();
        if (!token.isReserved(reserved)) {
            throw unexpected(token);
        }
    }

    private void expectOperator(String operator) {
        Token token = lexer.next();
        if (!token.isOperator(operator)) {
            throw unexpected(token);
        }
    }

    private void skipNewlines() {
        while (lexer.peek().type() == Token.Type.NEWLINE) {
            lexer.next();
        }
    }

    private static String operator(Token token) {
        return token.type() == Token.Type.OPERATOR ? token.text() : "";
    }

    private ShellSyntaxException unexpected(Token token) {
        int line = lineOf(lineStarts(), Math.min(token.start(), text.length()));
        String what = token.type() == Token.Type.END ? "the end of the text" : "\"" + token.text().strip() + "\"";
        return new ShellSyntaxException("line " + line + ": " + what + " stands where it can't");
    }

    private int[] lineStarts() {
        List<Integer> starts = new ArrayList<>(List.of(0));
        for (int at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
            starts.add(at + 1);
        }
        return starts.stream().mapToInt(Integer::intValue).toArray();
    }

    private static int lineOf(int[] lineStarts, int offset) {
        int found = Arrays.binarySearch(lineStarts, offset);
        return found >= 0 ? found + 1 : -found - 1;
    }
}
