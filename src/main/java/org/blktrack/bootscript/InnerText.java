package org.blktrack.bootscript;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/** The text that a command runs as shell: the words of {@code eval}, what follows {@code -c}, the first word of {@code trap}. */
final class InnerText {
    private static final Set<String> SHELLS = Set.of("sh", "bash", "dash", "ash", "ksh");
    private static final Set<String> OTHERS = Set.of("initlog", "su", "runuser");

    private InnerText() {}

    static boolean isRunBy(String name) {
        return name.equals("eval") || SHELLS.contains(name) || OTHERS.contains(name);
    }

    /** @param words of a command, unwrapped */
    static Optional<String> of(List<String> words) {
        String name = words.get(0);
        if (name.equals("eval")) {
            return Optional.of(String.join(" ", words.subList(1, words.size())));
        }
        if (name.equals("trap")) {
            return words.size() > 2 && !words.get(1).startsWith("-") ? Optional.of(words.get(1)) : Optional.empty();
        }
        String option = SHELLS.contains(name) ? "-[a-zA-Z]*c[a-zA-Z]*" : "-c|--command|--session-command";
        return isRunBy(name)
                ? IntStream.range(1, words.size() - 1).filter(i -> words.get(i).matches(option)).mapToObj(i -> words.get(i + 1)).findFirst()
                : Optional.empty();
    }

    /** Whether a shell runs what it is fed, having neither a text nor a script to run. */
    static boolean runsInput(List<String> words) {
        List<String> arguments = words.subList(1, words.size());
        return SHELLS.contains(words.get(0)) && of(words).isEmpty() && arguments.stream().noneMatch(word -> word.matches("--version|--help"))
                && (arguments.stream().anyMatch(word -> word.matches("-[a-z]*s[a-z]*|/dev/stdin")) || !namesScript(arguments));
    }

    private static boolean namesScript(List<String> arguments) {
        for (int i = 0; i < arguments.size(); i++) {
            if (arguments.get(i).matches("[-+][a-z]*[oO]|--rcfile|--init-file")) {
                i++;
            } else if (!arguments.get(i).matches("[-+].*")) {
                return true;
            }
        }
        return false;
    }

    /** @throws ShellSyntaxException where it is none that can be read */
    static List<Command> commands(String text) {
        return new ShellParser(text, false).script().statements().stream().flatMap(statement -> statement.commands().stream()).toList();
    }

    /** Whether a variable's content is run. What a program prints is not looked into, as what a file holds is not. */
    static boolean runsVariable(List<Command> commands) {
        return commands.stream().map(command -> Unwrapping.unwrap(command.words()))
                .anyMatch(words -> !words.isEmpty() && isVariable(words.get(0)) && !ProgramRoles.isFinal(words.get(0)));
    }

    /** An assignment to a variable whose name is in another is none that is run. */
    static boolean isVariable(String name) {
        return name.matches("(?s)\\$[\\w@*{].*") && !name.matches("(?s)\\$(\\w+|\\{\\w+})=.*");
    }

    /** Whether what is run is what a variable holds or a program prints. */
    static boolean isExpansion(String name) {
        return (isVariable(name) || isPrinted(name)) && !ProgramRoles.isFinal(name);
    }

    /** Whether one of the commands is what a program prints. */
    static boolean runsPrinted(List<Command> commands) {
        return commands.stream().map(command -> Unwrapping.unwrap(command.words())).anyMatch(words -> !words.isEmpty() && isPrinted(words.get(0)));
    }

    private static boolean isPrinted(String name) {
        return name.startsWith("$(") || name.startsWith("`");
    }
}
