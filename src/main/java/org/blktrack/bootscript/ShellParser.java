package org.blktrack.bootscript;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.blktrack.bootscript.Command.Guard;

/**
 * A recursive-descent reader of the shell grammar (POSIX 2.10, with bash's {@code function}, {@code [[}, {@code ((} and
 * {@code select}). It exists to tell where top-level statements begin and end and which commands stand in them; whether the
 * text is right in every detail is left to {@code bash -n}.
 */
final class ShellParser {
    private static final Set<String> CLOSING = Set.of("then", "elif", "else", "fi", "do", "done", "esac", "}", "in");
    private static final Set<String> REDIRECTIONS =
            Set.of("<", ">", "<<", "<<-", "<<<", ">>", "<&", ">&", "<>", ">|", "&>", "&>>");

    private final String text;
    private final boolean posix;
    private final WordScanner words;
    private final ShellLexer lexer;
    private final CompoundParser compounds;
    private final Map<String, List<Command>> functions;
    private CommandList read = new CommandList();
    private boolean negated;
    private int depth;

    /** @param posix whether sh reads it, and not bash */
    ShellParser(String text, boolean posix) {
        this(text, posix, 0, new HashMap<>(), 0);
    }

    private ShellParser(String text, boolean posix, int start, Map<String, List<Command>> functions, int depth) {
        this.text = text;
        this.posix = posix;
        this.functions = functions;
        this.depth = depth;
        this.words = new WordScanner(text, posix, depth, this::substitution, this::backquoted);
        this.lexer = new ShellLexer(text, start, words, this::hereDocument);
        this.compounds = new CompoundParser(this, lexer);
    }

    ShellScript script() {
        int[] lineStarts = lineStarts();
        List<Statement> statements = new ArrayList<>();
        lexer.skipNewlines();
        while (lexer.peek().type() != Token.Type.END) {
            int start = lexer.peek().start();
            Statement.Kind kind = andOrInItsPlace();
            Token end = lexer.peek();
            int last = end.type() == Token.Type.NEWLINE ? end.end() - 1 : end.start() - 1;
            endStatement();
            statements.add(read.statement(lineOf(lineStarts, start), lineOf(lineStarts, last), kind));
            // Before the next look ahead, which may already meet a substitution in the next statement's first word.
            read = new CommandList();
            lexer.skipNewlines();
        }
        return new ShellScript(List.copyOf(statements), functions);
    }

    private void endStatement() {
        Token token = lexer.peek();
        if (token.isOperator(";") || token.isOperator("&") || token.type() == Token.Type.NEWLINE) {
            lexer.next();
        } else if (token.type() != Token.Type.END) {
            throw lexer.unexpected(token);
        }
    }

    /** What was read of the statement or function that is being read. */
    CommandList read() {
        return read;
    }

    /** Statements up to one that closes what surrounds them. */
    void list() {
        lexer.skipNewlines();
        while (!closes(lexer.peek())) {
            andOrInItsPlace();
            Token token = lexer.peek();
            if (token.isOperator(";") || token.isOperator("&") || token.type() == Token.Type.NEWLINE) {
                lexer.next();
                lexer.skipNewlines();
            } else if (!closes(token)) {
                throw lexer.unexpected(token);
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

    /** With an {@code &} behind it, all that is in it runs in the background. */
    private Statement.Kind andOrInItsPlace() {
        int first = read.count();
        Statement.Kind kind = andOr();
        if (lexer.peek().isOperator("&")) {
            read.backgroundFrom(first);
        }
        return kind;
    }

    /** What stands behind {@code &&} is reached where all before it held, behind {@code ||} where none did; a mixture is one test. */
    private Statement.Kind andOr() {
        Guard outer = read.guard();
        int first = read.count();
        int from = first;
        String before = "";
        Statement.Kind kind = pipeline();
        while (Set.of("&&", "||").contains(lexer.peek().operator())) {
            String operator = lexer.next().operator();
            if (!before.isEmpty() && !operator.equals(before)) {
                read.guardedBy(outer);
                from = first;
            }
            read.guard(read.from(from), operator.equals("&&") != negated);
            before = operator;
            from = read.count();
            lexer.skipNewlines();
            pipeline();
        }
        read.guardedBy(outer);
        return kind;
    }

    private Statement.Kind pipeline() {
        int first = read.count();
        Statement.Kind kind = command();
        boolean alone = true;
        while (Set.of("|", "|&").contains(lexer.peek().operator())) {
            lexer.next();
            lexer.skipNewlines();
            command();
            alone = false;
        }
        if (!alone) {
            read.childrenFrom(first);
        }
        return kind;
    }

    private Statement.Kind command() {
        boolean turned = false;
        negated = false;
        while (lexer.peek().isReserved("!") || lexer.peek().isReserved("time")) {
            turned ^= lexer.next().isReserved("!");
        }
        WordScanner.checkDepth(++depth);
        Statement.Kind kind = compounds.parse();
        if (kind == null) {
            kind = simple();
        } else {
            redirections();
        }
        depth--;
        // Brackets pass on how what they hold came out.
        negated = kind == Statement.Kind.GROUP ? turned != negated : turned;
        return kind;
    }

    /** What is in a function runs where it is called, so its commands are kept apart. */
    Statement.Kind functionBody(String name) {
        CommandList outside = read;
        read = new CommandList();
        lexer.skipNewlines();
        if (compounds.parse() == null) {
            throw lexer.unexpected(lexer.peek());
        }
        functions.merge(name, read.commands(), (one, other) -> {
            List<Command> both = new ArrayList<>(one);
            both.addAll(other);
            return both;
        });
        read = outside;
        redirections();
        return Statement.Kind.FUNCTION;
    }

    private Statement.Kind simple() {
        List<String> words = new ArrayList<>();
        int before = lexer.peek().start();
        if (closes(lexer.peek())) {
            throw lexer.unexpected(lexer.peek());
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
                lexer.expectOperator(")");
                return functionBody(token.text());
            }
        }
        if (lexer.peek().start() == before) {
            throw lexer.unexpected(lexer.peek());
        }
        read.add(words);
        return Statement.Kind.SIMPLE;
    }

    void redirections() {
        while (REDIRECTIONS.contains(lexer.peek().operator())) {
            String redirection = lexer.next().text();
            Token word = lexer.wordToken();
            String target = word.text();
            if (redirection.contains(">") && DiskWriter.isDisk(target)) {
                read.add(List.of(">", target));
            }
            boolean hereDocument = redirection.equals("<<") || redirection.equals("<<-");
            if (redirection.startsWith("<") && !redirection.equals("<&")) {
                read.addInput(hereDocument ? "<<" : target);
            }
            if (hereDocument) {
                lexer.expectHereDocument(word, redirection.endsWith("-"));
            }
        }
    }

    /** Reads the commands of a substitution; they run where they stand, so they count among the statement's commands. */
    private int substitution(int start) {
        ShellParser inner = inside(text, start);
        inner.list();
        Token close = inner.lexer.expectOperator(")");
        read.addSubstituted(inner.read);
        return close.end();
    }

    private void backquoted(String commandText) {
        ShellParser inner = inside(commandText, 0);
        inner.list();
        read.addSubstituted(inner.read);
    }

    private void hereDocument(String document) {
        ShellParser inner = inside(document, 0);
        inner.words.readDocument();
        read.addSubstituted(inner.read);
    }

    /** What it reads is reached as the statement is in which it stands. */
    private ShellParser inside(String otherText, int start) {
        ShellParser inner = new ShellParser(otherText, posix, start, functions, innerDepth());
        inner.read = read.inside();
        return inner;
    }

    /** Reads what an if or a loop asks; its commands count among the statement's all the same. */
    List<Command> test() {
        int first = read.count();
        list();
        return read.from(first);
    }

    /** Whether the command read last succeeds where what it runs fails. */
    boolean negated() {
        return negated;
    }

    private int innerDepth() {
        return Math.max(depth, words.depth()) + 1;
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
