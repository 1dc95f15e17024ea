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
    private static final Pattern DEFAULT = Pattern.compile("\\$\\{([A-Za-z_]\\w*):?=");
    private static final Pattern ARGUMENT = Pattern.compile("\\$[0-9@*].*|\\$\\{[0-9@*](?!\\d*:?[-=]).*", Pattern.DOTALL);

    /** Possessive throughout, which takes no stack: a content may be as long as the script. */
    private static final Pattern WORD = Pattern.compile("(?:\\$\\{[^}]*+}|\\$\\([^)]*+\\)|`[^`]*+`|[^\\s$`]++|\\S)++");

    /** Longer than any default that names a program; keeps defaults in defaults from filling the memory. */
    private static final int LONGEST_DEFAULT = 1000;

    /** More than any real script has. */
    private static final int MOST_EVALS = 20;

    private final Map<String, Set<String>> contents = new HashMap<>();

    Variables(ShellScript script) {
        Stream.concat(
                        script.statements().stream().map(Statement::commands),
                        script.functions().values().stream())
                .forEach(commands -> commands.forEach(command -> learn(command.words(), 0)));
    }

    /**
     * What the word may stand for; {@link #UNKNOWN} where that can't be told.
     *
     * @param word that begins with a variable or a substitution
     */
    Set<String> contents(String word) {
        Matcher use = USE.matcher(word);
        if (!use.matches() || use.group(3) != null && closingBrace(use.group(3) + "}", 0) != use.group(3).length()) {
            return Set.of(UNKNOWN);
        }
        Set<String> found = new LinkedHashSet<>(contents.getOrDefault(use.group(1) == null ? use.group(2) : use.group(1), Set.of()));
        if (use.group(3) != null) {
            found.add(use.group(3));
        }
        if (found.stream().allMatch(String::isBlank)) {
            // Where it is only set empty, something else fills it: a file of settings, for one.
            found.add(UNKNOWN);
        }
        return found;
    }

    /** Whether it is one of a call's words, as it stands in a function or in the script itself. */
    static boolean isArgument(String word) {
        return ARGUMENT.matcher(word).matches();
    }

    /** The words of a content; what a substitution holds is not taken apart. */
    static List<String> split(String content) {
        return WORD.matcher(content).results().map(MatchResult::group).toList();
    }

    private void learn(List<String> all, int evals) {
        all.forEach(this::learnDefaults);
        all.stream().takeWhile(ASSIGNMENT.asMatchPredicate()).forEach(this::learnAssignment);
        List<String> words = Unwrapping.unwrap(all);
        switch (words.isEmpty() ? "" : words.get(0)) {
            case "for", "select" -> learnLoop(words);
            case "eval" -> learnText(words, evals + 1);
            case "read", "printf", "mapfile", "readarray", "getopts" ->
                words.stream().skip(1).filter(NAME.asMatchPredicate()).forEach(variable -> add(variable, UNKNOWN));
            case "export", "local", "declare", "typeset", "readonly" -> words.forEach(this::learnAssignment);
            default -> {
                // sets nothing
            }
        }
    }

    private void learnText(List<String> words, int evals) {
        if (evals > MOST_EVALS) {
            return;
        }
        try {
            InnerText.commands(String.join(" ", words.subList(1, words.size()))).forEach(command -> learn(command.words(), evals));
        } catch (ShellSyntaxException e) {
            // Its roles are unclear, whatever it sets.
        }
    }

    /** Of {@code ${NAME:=content}}, wherever it stands in the word. */
    private void learnDefaults(String word) {
        Matcher start = DEFAULT.matcher(word);
        while (start.find()) {
            int end = closingBrace(word, start.end());
            add(start.group(1), end < 0 ? UNKNOWN : word.substring(start.end(), end));
        }
    }

    /** The offset of the brace that closes the one before {@code from}, or -1. */
    private static int closingBrace(String word, int from) {
        int depth = 1;
        for (int i = from; i < Math.min(word.length(), from + LONGEST_DEFAULT); i++) {
            depth += word.startsWith("${", i) ? 1 : word.charAt(i) == '}' ? -1 : 0;
            if (depth == 0) {
                return i;
            }
        }
        return -1;
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
