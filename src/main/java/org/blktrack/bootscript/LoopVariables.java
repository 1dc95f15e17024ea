package org.blktrack.bootscript;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The variables of halt's read-only loop that hold what this round is about: those that are read, and those set to one of them. */
final class LoopVariables {
    private static final Pattern NAME = Pattern.compile("[A-Za-z_]\\w*");
    private static final Pattern CONTENT = Pattern.compile("\\$(?:(\\w+)|\\{(\\w+)\\b[^}]*})");
    private static final Pattern ASSIGNMENT = Pattern.compile("(\\w+)=(.*)", Pattern.DOTALL);

    private final Set<String> names = new HashSet<>();

    LoopVariables(Statement loop) {
        loop.commands().stream().filter(command -> !command.inLoop() && nameOf(command).equals("for"))
                .forEach(head -> learnNames(head.words().stream().limit(2)));
        learn(loop.commands());
    }

    /** @param arguments of a function's call in the loop, which are its {@code $1} and so on */
    void learnCall(List<String> arguments, List<Command> body) {
        List<String> places = IntStream.rangeClosed(1, arguments.size())
                .filter(i -> isContent(arguments.get(i - 1))).mapToObj(String::valueOf).toList();
        names.removeIf(name -> !NAME.matcher(name).matches());
        names.addAll(places);
        learn(body);
    }

    /** @param commands in the order of the text */
    private void learn(List<Command> commands) {
        for (Command command : commands) {
            switch (nameOf(command)) {
                case "read" -> learnRead(Unwrapping.unwrap(command.words()));
                case "for" -> learnFor(command.words());
                default -> command.words().forEach(this::learnAssignment);
            }
        }
    }

    private void learnRead(List<String> words) {
        names.add("REPLY");
        learnNames(words.stream());
    }

    /** The command's own name first; what else is there may be an option, or the arithmetic of a loop that counts. */
    private void learnNames(Stream<String> words) {
        words.skip(1).filter(NAME.asMatchPredicate()).forEach(names::add);
    }

    private void learnFor(List<String> words) {
        if (words.stream().anyMatch(this::mentioned)) {
            learnNames(words.stream().limit(2));
        }
    }

    private void learnAssignment(String word) {
        Matcher assignment = ASSIGNMENT.matcher(word);
        if (assignment.matches() && isContent(assignment.group(2))) {
            names.add(assignment.group(1));
        }
    }

    private static String nameOf(Command command) {
        List<String> words = Unwrapping.unwrap(command.words());
        return words.isEmpty() ? "" : words.get(0);
    }

    /** Whether a word depends on one of them. */
    boolean mentioned(String word) {
        return names.stream().anyMatch(name -> Pattern.compile("\\$\\{?" + name + "\\b").matcher(word).find());
    }

    private boolean isContent(String word) {
        Matcher content = CONTENT.matcher(word);
        return content.matches() && (names.contains(content.group(1)) || names.contains(content.group(2)));
    }

    /** Whether it is one of them that the command mounts or unmounts, and as the script itself sees it. */
    boolean isPlaceOf(Command command) {
        List<String> words = Unwrapping.unwrap(command.words());
        return words.get(0).matches("u?mount|mount\\..*") && !Unwrapping.changesRoot(command.words())
                && isContent(MountCommand.place(words.subList(1, words.size())));
    }
}
