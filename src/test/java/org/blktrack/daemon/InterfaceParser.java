package org.blktrack.daemon;

import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Varlink's interface definition language, strictly enough to find what varlinkctl would refuse. */
final class InterfaceParser {
    private static final Pattern TOKEN = Pattern.compile("#[^\\n]*|->|\\[\\]|\\[string\\]|[A-Za-z][A-Za-z0-9_.]*|[():,?]|\\s+");
    private static final Set<String> BASE = Set.of("bool", "int", "float", "string", "object");

    private final java.util.ArrayDeque<String> tokens = new java.util.ArrayDeque<>();
    private final Set<String> defined = new HashSet<>();
    private final Set<String> used = new HashSet<>();

    InterfaceParser(String text) {
        Matcher matcher = TOKEN.matcher(text);
        int at = 0;
        while (at < text.length()) {
            if (!matcher.find(at) || matcher.start() != at) {
                throw new IllegalArgumentException("at: " + text.substring(at, Math.min(text.length(), at + 30)));
            }
            if (!matcher.group().isBlank() && !matcher.group().startsWith("#")) {
                tokens.add(matcher.group());
            }
            at = matcher.end();
        }
    }

    void parse(String name) {
        expect("interface");
        expect(name);
        while (!tokens.isEmpty()) {
            String kind = tokens.remove();
            String member = tokens.remove();
            if (!member.matches("[A-Z][A-Za-z0-9]*") || !defined.add(member)) {
                throw new IllegalArgumentException("name " + member);
            }
            switch (kind) {
                case "type", "error" -> struct();
                case "method" -> {
                    struct();
                    expect("->");
                    struct();
                }
                default -> throw new IllegalArgumentException(kind);
            }
        }
        used.removeAll(defined);
        if (!used.isEmpty()) {
            throw new IllegalArgumentException("not defined: " + used);
        }
    }

    /** Fields with types, or the words of an enumeration. */
    private void struct() {
        expect("(");
        Set<String> fields = new HashSet<>();
        while (!")".equals(tokens.peek())) {
            String field = tokens.remove();
            if (!field.matches("[A-Za-z](_?[A-Za-z0-9])*") || !fields.add(field)) {
                throw new IllegalArgumentException("field " + field);
            }
            if (":".equals(tokens.peek())) {
                tokens.remove();
                type();
            }
            if (!")".equals(tokens.peek())) {
                expect(",");
                if (")".equals(tokens.peek())) {
                    throw new IllegalArgumentException("a comma too many behind " + field);
                }
            }
        }
        expect(")");
    }

    private void type() {
        if ("?".equals(tokens.peek())) {
            tokens.remove();
        }
        while ("[]".equals(tokens.peek()) || "[string]".equals(tokens.peek())) {
            tokens.remove();
        }
        if ("(".equals(tokens.peek())) {
            struct();
            return;
        }
        String type = tokens.remove();
        if (!BASE.contains(type)) {
            used.add(type);
        }
    }

    private void expect(String token) {
        if (!token.equals(tokens.peek())) {
            throw new IllegalArgumentException("expected " + token + ", found " + tokens.peek());
        }
        tokens.remove();
    }
}
