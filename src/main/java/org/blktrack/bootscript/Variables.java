package org.blktrack.bootscript;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a script puts into its variables, as far as its text tells: a command's name may stand in one. Which of several contents is the one when a command is run
 * is not followed, so each of them counts.
 */
final class Variables {
    /** A content that can't be read off the text. */
    static final String UNKNOWN = "$(unknown)";

    private static final Pattern NAME = Pattern.compile("[A-Za-z_]\\w*");
    private static final Pattern ASSIGNMENT = Pattern.compile("([A-Za-z_]\\w*)(\\[[^]]*])?(\\+?)=(.*)", Pattern.DOTALL);
    private static final Pattern USE = Pattern.compile("\\$(?:([A-Za-z_]\\w*)|\\{([A-Za-z_]\\w*)(?::?[-=](.*))?})", Pattern.DOTALL);
    /** Of a function's call: its words are looked into where it is called. */
    private static final Pattern ARGUMENT = Pattern.compile("\\$[0-9@*].*|\\$\\{[0-9@*].*", Pattern.DOTALL);

    private static final Pattern WORD = Pattern.compile("(?:\\$\\{[^}]*}|\\$\\([^)]*\\)|`[^`]*`|\\S)+");

    private final Map<String, Set<String>> contents = new HashMap<>();

    Variables(ShellScript script) {
        Stream.concat(
                        script.statements().stream().map(Statement::commands),
                        script.functions().values().stream())
                .forEach(commands -> commands.forEach(command -> learn(command.words())));
    }

    /**
     * What the word may stand for; {@link #UNKNOWN} where that can't be told.
     *
     * @param word that begins with a variable or a substitution
     */
    Set<String> contents(String word) {
        Matcher use = USE.matcher(word);
        if (!use.matches()) {
            return ARGUMENT.matcher(word).matches() ? Set.of() : Set.of(UNKNOWN);
        }
        Set<String> found = new LinkedHashSet<>(contents.getOrDefault(use.group(1) == null ? use.group(2) : use.group(1), Set.of()));
        if (use.group(3) != null) {
            found.add(use.group(3));
        }
        return found.isEmpty() ? Set.of(UNKNOWN) : found;
    }

    /** The words of a content; what a substitution holds is not taken apart. */
    static List<String> split(String content) {
        return WORD.matcher(content).results().map(MatchResult::group).toList();
    }

    private void learn(List<String> words) {
        String name = words.isEmpty() ? "" : words.get(0);
        switch (name) {
            case "for", "select" -> learnLoop(words);
            case "read", "printf", "mapfile", "readarray", "getopts" ->
                words.stream().skip(1).filter(NAME.asMatchPredicate()).forEach(variable -> add(variable, UNKNOWN));
            case "export", "local", "declare", "typeset", "readonly" -> words.forEach(this::learnAssignment);
            default -> words.stream().takeWhile(ASSIGNMENT.asMatchPredicate()).forEach(this::learnAssignment);
        }
    }

    private void learnLoop(List<String> words) {
        if (words.size() > 1 && words.contains("in")) {
            words.stream().skip(1L + words.indexOf("in")).forEach(content -> add(words.get(1), content));
        }
    }

    private void learnAssignment(String word) {
        Matcher assignment = ASSIGNMENT.matcher(word);
        if (assignment.matches()) {
            boolean whole = assignment.group(2) == null && assignment.group(3).isEmpty();
            add(assignment.group(1), whole ? assignment.group(4) : UNKNOWN);
        }
    }

    private void add(String variable, String content) {
        contents.computeIfAbsent(variable, any -> new LinkedHashSet<>()).add(content);
    }
}
