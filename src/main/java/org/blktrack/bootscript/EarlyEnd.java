package org.blktrack.bootscript;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Finds what ends a script wherever it is run: an exit, a return, an exec or the final command that no condition stands before. */
final class EarlyEnd {
    private final Roles classify;

    EarlyEnd(Roles classify) {
        this.classify = classify;
    }

    /** Refuses a place behind statements one of which always ends the script: what stands there never runs. */
    void check(List<Statement> before) throws ScriptFault {
        for (Statement statement : before) {
            Optional<Command> end = find(statement.commands(), false, new HashSet<>());
            if (end.isPresent()) {
                throw new ScriptFault(Reason.NEVER_REACHED, "\"" + String.join(" ", end.get().words()) + "\" in line "
                        + statement.firstLine() + " ends the script before");
            }
        }
    }

    /** @param open the functions on the way here */
    private Optional<Command> find(List<Command> commands, boolean inFunction, Set<String> open) {
        for (Command command : commands) {
            if (!command.always()) {
                continue;
            }
            List<String> words = Unwrapping.unwrap(command.words());
            if (inFunction && !words.isEmpty() && words.get(0).equals("return")) {
                return Optional.empty();
            }
            if (ends(words, open)) {
                return Optional.of(command);
            }
        }
        return Optional.empty();
    }

    private boolean ends(List<String> words, Set<String> open) {
        if (words.isEmpty()) {
            return false;
        }
        String name = words.get(0);
        if (classify.isFunction(name) || name.equals("eval")) {
            List<Command> body = classify.inside(words);
            // Behind more functions than any real script calls it can't be told, and counts as an end.
            return body != null && open.add(name) && (open.size() > Roles.MAX_DEPTH || find(body, true, open).isPresent());
        }
        return switch (name) {
            case "exit", "return" -> true;
            // Without a program it only redirects.
            case "exec" -> words.size() > 1 && !words.get(1).matches("\\{\\w+}");
            default -> classify.ofWords(words).contains(Role.GO_DOWN);
        };
    }
}
