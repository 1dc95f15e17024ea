package org.blktrack.bootscript;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.blktrack.bootscript.Command.Guard;

/** Reads compound commands: {@code if}, loops, {@code case}, groups, tests and function definitions. */
final class CompoundParser {
    private final ShellParser parser;
    private final ShellLexer lexer;

    CompoundParser(ShellParser parser, ShellLexer lexer) {
        this.parser = parser;
        this.lexer = lexer;
    }

    /** @return null if the token ahead begins no compound command */
    Statement.Kind parse() {
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
        String arithmetic = lexer.touches('(') ? lexer.arithmetic() : null;
        if (arithmetic != null) {
            // No command, but it may ask for the status of the one before.
            parser.read().add(List.of("((", arithmetic));
            return Statement.Kind.TEST;
        }
        lexer.next();
        int first = parser.read().count();
        parser.list();
        parser.read().childrenFrom(first);
        lexer.expectOperator(")");
        return Statement.Kind.GROUP;
    }

    private Statement.Kind group() {
        lexer.next();
        parser.list();
        lexer.expect("}");
        return Statement.Kind.GROUP;
    }

    private Statement.Kind conditional() {
        lexer.next();
        Guard outer = parser.read().guard();
        List<Command> head = branch();
        while (lexer.peek().isReserved("elif")) {
            lexer.next();
            branch();
        }
        if (lexer.peek().isReserved("else")) {
            lexer.next();
            parser.list();
        }
        lexer.expect("fi");
        parser.read().guardedBy(outer);
        parser.read().condition(head);
        return Statement.Kind.IF;
    }

    /** A test and what is done where it holds; what follows in the same {@code if} is reached only where it doesn't. */
    private List<Command> branch() {
        Guard before = parser.read().guard();
        List<Command> test = parser.test();
        boolean holds = !parser.negated();
        lexer.expect("then");
        parser.read().guard(test, holds);
        parser.list();
        parser.read().guardedBy(before);
        parser.read().guard(test, !holds);
        return test;
    }

    private Statement.Kind loop() {
        boolean until = lexer.next().isReserved("until");
        Guard outer = parser.read().guard();
        // What is asked before each round belongs to the loop too, so it is entered before and again with what was read.
        parser.read().enterLoop(List.of());
        List<Command> head = parser.test();
        boolean holds = parser.negated() == until;
        parser.read().leaveLoop();
        parser.read().enterLoop(head);
        parser.read().guard(head, holds);
        body();
        parser.read().leaveLoop();
        parser.read().guardedBy(outer);
        return Statement.Kind.LOOP;
    }

    private Statement.Kind forLoop() {
        lexer.next();
        List<String> words = new ArrayList<>(List.of("for"));
        String arithmetic = lexer.peek().isOperator("(") ? lexer.arithmetic() : null;
        words.add(arithmetic == null ? lexer.word() : arithmetic);
        lexer.skipNewlines();
        if (lexer.peek().isReserved("in")) {
            words.add(lexer.next().text());
            while (lexer.peek().type() == Token.Type.WORD) {
                words.add(lexer.next().text());
            }
        }
        // No command, but what it goes through matters, and it may ask for the status of the command before.
        parser.read().add(words);
        if (lexer.peek().isOperator(";")) {
            lexer.next();
        }
        lexer.skipNewlines();
        parser.read().enterLoop(List.of(parser.read().command(words)));
        if (lexer.peek().isReserved("{")) {
            group();
        } else {
            body();
        }
        parser.read().leaveLoop();
        return Statement.Kind.LOOP;
    }

    private void body() {
        lexer.expect("do");
        parser.list();
        lexer.expect("done");
    }

    private Statement.Kind caseOf() {
        lexer.next();
        // No command, but it may ask for the status of the one before.
        String word = lexer.word();
        parser.read().add(List.of("case", word));
        lexer.skipNewlines();
        lexer.expect("in");
        lexer.skipNewlines();
        Guard outer = parser.read().guard();
        while (!lexer.peek().isReserved("esac")) {
            arm(word);
            if (lexer.peek().isReserved("esac")) {
                break;
            }
            Token end = lexer.next();
            if (!Set.of(";;", ";&", ";;&").contains(end.operator())) {
                throw lexer.unexpected(end);
            }
            lexer.skipNewlines();
        }
        lexer.next();
        parser.read().guardedBy(outer);
        return Statement.Kind.CASE;
    }

    /** Patterns and what is done where one fits; the arms behind it are reached only where none does. */
    private void arm(String word) {
        List<String> words = new ArrayList<>(List.of("case", word));
        if (lexer.peek().isOperator("(")) {
            lexer.next();
        }
        words.add(lexer.word());
        while (lexer.peek().isOperator("|")) {
            lexer.next();
            words.add(lexer.word());
        }
        lexer.expectOperator(")");
        Guard before = parser.read().guard();
        List<Command> test = List.of(parser.read().command(words));
        parser.read().guard(test, true);
        parser.list();
        parser.read().guardedBy(before);
        parser.read().guard(test, false);
    }

    /** {@code [[ ... ]]}: nothing in it ends a statement. */
    private Statement.Kind test() {
        List<String> words = new ArrayList<>();
        Token token = lexer.next();
        while (!token.isReserved("]]")) {
            if (token.type() == Token.Type.END) {
                throw lexer.unexpected(token);
            }
            words.add(token.text());
            token = lexer.next();
        }
        parser.read().add(words);
        return Statement.Kind.TEST;
    }

    private Statement.Kind function() {
        lexer.next();
        String name = lexer.word();
        if (lexer.peek().isOperator("(")) {
            lexer.next();
            lexer.expectOperator(")");
        }
        return parser.functionBody(name);
    }
}
