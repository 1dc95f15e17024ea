package org.blktrack.bootscript;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.blktrack.bootscript.Command.Guard;
import org.blktrack.bootscript.Command.Loop;

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
    private List<Command> commands = new ArrayList<>();
    private List<String> inputs = new ArrayList<>();
    private List<Command> condition = List.of();
    private Guard guard;
    private List<Loop> loops = new ArrayList<>();
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
            statements.add(new Statement(
                    lineOf(lineStarts, start), lineOf(lineStarts, last), kind, List.copyOf(commands), List.copyOf(inputs),
                    condition));
            // Before the next look ahead, which may already meet a substitution in the next statement's first word.
            commands = new ArrayList<>();
            inputs = new ArrayList<>();
            condition = List.of();
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
        int first = commands.size();
        Statement.Kind kind = andOr();
        if (lexer.peek().isOperator("&")) {
            commands.subList(first, commands.size()).replaceAll(Command::inBackground);
        }
        return kind;
    }

    /** What stands behind {@code &&} is reached where all before it held, behind {@code ||} where none did; a mixture is one test. */
    private Statement.Kind andOr() {
        Guard outer = guard;
        int first = commands.size();
        int from = first;
        String before = "";
        Statement.Kind kind = pipeline();
        while (Set.of("&&", "||").contains(lexer.peek().operator())) {
            String operator = lexer.next().operator();
            if (!before.isEmpty() && !operator.equals(before)) {
                guardedBy(outer);
                from = first;
            }
            guard(commands.subList(from, commands.size()), operator.equals("&&") != negated);
            before = operator;
            from = commands.size();
            lexer.skipNewlines();
            pipeline();
        }
        guardedBy(outer);
        return kind;
    }

    private Statement.Kind pipeline() {
        int first = commands.size();
        Statement.Kind kind = command();
        boolean alone = true;
        while (Set.of("|", "|&").contains(lexer.peek().operator())) {
            lexer.next();
            lexer.skipNewlines();
            command();
            alone = false;
        }
        if (!alone) {
            childrenFrom(first);
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
        List<Command> outside = commands;
        List<String> outerInputs = inputs;
        Guard outerGuard = guard;
        List<Loop> outerLoops = loops;
        commands = new ArrayList<>();
        inputs = new ArrayList<>();
        guard = null;
        loops = new ArrayList<>();
        lexer.skipNewlines();
        if (compounds.parse() == null) {
            throw lexer.unexpected(lexer.peek());
        }
        functions.merge(name, commands, (one, other) -> {
            List<Command> both = new ArrayList<>(one);
            both.addAll(other);
            return both;
        });
        commands = outside;
        inputs = outerInputs;
        guard = outerGuard;
        loops = outerLoops;
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
        add(words);
        return Statement.Kind.SIMPLE;
    }

    void redirections() {
        while (REDIRECTIONS.contains(lexer.peek().operator())) {
            String redirection = lexer.next().text();
            Token word = lexer.wordToken();
            String target = word.text();
            if (redirection.contains(">") && DiskWriter.isDisk(target)) {
                add(List.of(">", target));
            }
            boolean hereDocument = redirection.equals("<<") || redirection.equals("<<-");
            if (loops.isEmpty() && redirection.startsWith("<") && !redirection.equals("<&")) {
                inputs.add(hereDocument ? "<<" : target);
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
        addSubstituted(inner);
        return close.end();
    }

    private void backquoted(String commandText) {
        ShellParser inner = inside(commandText, 0);
        inner.list();
        addSubstituted(inner);
    }

    private void hereDocument(String document) {
        ShellParser inner = inside(document, 0);
        inner.words.readDocument();
        addSubstituted(inner);
    }

    /** What it reads is reached as the statement is in which it stands. */
    private ShellParser inside(String otherText, int start) {
        ShellParser inner = new ShellParser(otherText, posix, start, functions, innerDepth());
        inner.guard = guard;
        inner.loops.addAll(loops);
        return inner;
    }

    private void addSubstituted(ShellParser inner) {
        int first = commands.size();
        commands.addAll(inner.commands);
        inputs.addAll(inner.inputs);
        childrenFrom(first);
    }

    /** How many commands were read so far. */
    int count() {
        return commands.size();
    }

    /** What was read from there on runs in a shell of its own. */
    void childrenFrom(int first) {
        commands.subList(first, commands.size()).replaceAll(Command::inChild);
    }

    void add(List<String> words) {
        commands.add(command(words));
    }

    /** As it stands here, without counting it among the statement's. */
    Command command(List<String> words) {
        return new Command(List.copyOf(words), guard, List.copyOf(loops), false, false);
    }

    void enterLoop(List<Command> head) {
        loops.add(new Loop(head));
    }

    void leaveLoop() {
        loops.remove(loops.size() - 1);
    }

    /** What is read from here on is reached only where the test comes out so. */
    void guard(List<Command> test, boolean holds) {
        guard = new Guard(test, holds, guard);
    }

    Guard guard() {
        return guard;
    }

    void guardedBy(Guard outer) {
        guard = outer;
    }

    /** Reads what an if or a loop asks; its commands count among the statement's all the same. */
    List<Command> test() {
        int first = commands.size();
        list();
        return List.copyOf(commands.subList(first, commands.size()));
    }

    /** Whether the command read last succeeds where what it runs fails. */
    boolean negated() {
        return negated;
    }

    /** The condition of an if; inner ifs end first, so the outermost one's stays. */
    void condition(List<Command> head) {
        condition = head;
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
