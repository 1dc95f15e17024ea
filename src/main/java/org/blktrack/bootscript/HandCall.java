package org.blktrack.bootscript;

import java.util.List;

/**
 * A call of the helper in lines of someone's own.
 *
 * @param statement the one it stands in
 * @param command the call itself
 */
record HandCall(Statement statement, Command command) {

    /**
     * Whether the helper is called as the script's hook would.
     *
     * @throws ScriptFault MISPLACED where it is, but nowhere does it any good
     */
    static boolean in(Script kind, ShellScript script) throws ScriptFault {
        List<HandCall> calls = all(kind.hook(), script);
        Place place = Place.in(kind, script);
        ScriptFault misplaced = null;
        for (HandCall call : calls) {
            try {
                call.check(place, kind.hook());
                return true;
            } catch (ScriptFault fault) {
                misplaced = new ScriptFault(Reason.MISPLACED, "the call of the helper in line " + call.statement.firstLine()
                        + " does no good there: " + fault.getMessage());
            }
        }
        if (misplaced != null) {
            throw misplaced;
        }
        return false;
    }

    private static List<HandCall> all(Hook hook, ShellScript script) {
        return script.statements().stream()
                .flatMap(statement -> statement.commands().stream().map(command -> new HandCall(statement, command)))
                .filter(call -> call.isOf(hook))
                .toList();
    }

    private boolean isOf(Hook hook) {
        List<String> verbs = hook == Hook.START ? List.of("start") : List.of("clear_dirtyflag", "clear-dirty");
        List<String> words = Unwrapping.unwrap(command.words());
        return words.size() > 1 && words.get(0).equals("blktrack-helper") && verbs.contains(words.get(1));
    }

    private void check(Place place, Hook hook) throws ScriptFault {
        if (hook == Hook.START && !command.words().contains("--tracking")) {
            throw new ScriptFault(Reason.MISPLACED, "without --tracking it starts nothing");
        }
        if (command.background()) {
            throw new ScriptFault(Reason.AMBIGUOUS, "it runs in the background, and when it ends can't be told");
        }
        if (command.guards().anyMatch(Command.Guard::never)) {
            throw new ScriptFault(Reason.NEVER_REACHED, "its condition never holds");
        }
        place.checkCall(statement);
    }
}
