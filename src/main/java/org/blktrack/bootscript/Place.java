package org.blktrack.bootscript;

import java.util.Collections;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Finds the line a hook stands before, and judges a place that is given. */
abstract class Place {
    private static final Predicate<String> ASKS_FOR_STATUS = Pattern.compile("\\$\\{?\\?|\\$\\{?PIPESTATUS").asPredicate();

    /** What stands as a command, and has no status of its own. */
    private static final Set<String> NO_COMMANDS = Set.of("for", "case", ">");

    /** What must not come before the start of tracking, nor after its end. */
    static final Set<Role> HAZARDS = Collections.unmodifiableSet(EnumSet.of(Role.FSCK, Role.WRITE, Role.RAW_WRITE));

    final List<Statement> statements;
    final List<Set<Role>> roles;
    final Roles classify;

    Place(ShellScript script) {
        this.classify = new Roles(script);
        this.statements = script.statements();
        this.roles = statements.stream().map(classify::of).toList();
    }

    static Place in(Script kind, ShellScript script) {
        return kind == Script.RC_SYSINIT ? new StartPlace(script) : new StopPlace(script);
    }

    /** @return 1-based line to insert before */
    abstract int find() throws ScriptFault;

    /** @throws ScriptFault if what stands before statement {@code index} (0-based) would come too early or too late */
    abstract void checkOrder(int index) throws ScriptFault;

    /** @throws ScriptFault if a hook before 1-based {@code line} would come too early or too late, break a statement, or never run */
    final void check(int line) throws ScriptFault {
        checkBoundary(line);
        int before = (int) statements.stream().filter(statement -> statement.firstLine() < line).count();
        checkReached(before);
        checkOrder(before);
    }

    /** The same for a statement of someone's own that calls the helper: neither what it does before the call nor after may be out of order. */
    final void checkCall(Statement statement) throws ScriptFault {
        int index = statements.indexOf(statement);
        checkReached(index + 1);
        checkOrder(index);
        checkOrder(index + 1);
    }

    private void checkReached(int before) throws ScriptFault {
        new EarlyEnd(classify).check(statements.subList(0, before));
    }

    /** Refuses a line inside a statement, or where the statement behind it asks for the status of the one before. */
    final void checkBoundary(int line) throws ScriptFault {
        for (Statement statement : statements) {
            if (statement.firstLine() < line && statement.lastLine() >= line) {
                throw new ScriptFault(Reason.AMBIGUOUS, "line " + line + " lies inside the statement that begins in line "
                        + statement.firstLine());
            }
        }
        if (statements.stream().filter(statement -> statement.firstLine() == line).count() > 1) {
            throw new ScriptFault(Reason.AMBIGUOUS, "more than one statement begins in line " + line);
        }
        Statement next = statements.stream().filter(s -> s.firstLine() >= line).findFirst().orElse(null);
        if (next != null && asksForStatus(next.commands(), new HashSet<>())) {
            throw new ScriptFault(Reason.AMBIGUOUS, "the statement in line " + next.firstLine()
                    + " asks for the exit status of the one before it, which a hook between them would change");
        }
    }

    /**
     * Whether the first command that changes the status asks for it before; what runs in a shell of its own is begun with the same one.
     *
     * @param open the functions on the way here
     */
    private boolean asksForStatus(List<Command> commands, Set<String> open) {
        for (Command command : commands) {
            List<String> words = Unwrapping.unwrap(command.words());
            boolean call = !words.isEmpty() && classify.isFunction(words.get(0)) && open.add(words.get(0));
            if (open.size() > Roles.MAX_DEPTH) {
                return true;
            }
            if (command.words().stream().anyMatch(ASKS_FOR_STATUS) || call && asksForStatus(classify.inside(words), open)) {
                return true;
            }
            if (!command.child() && (words.isEmpty() || !NO_COMMANDS.contains(words.get(0)))) {
                return false;
            }
        }
        return false;
    }

    /** Refuses what does the role's work in the background: when it ends can't be read off the text. */
    final void checkForeground(Role role) throws ScriptFault {
        for (int i = 0; i < roles.size(); i++) {
            if (roles.get(i).contains(role) && roles.get(i).contains(Role.BACKGROUND)) {
                throw new ScriptFault(Reason.AMBIGUOUS, "what the statement in line " + lineOf(i)
                        + " sets up, mounts or remounts may run in the background, and when it ends can't be told");
            }
        }
    }

    /** Refuses a statement of which it can't be told whether it does what it must not do here. */
    final void checkClear(int index, Role unclear) throws ScriptFault {
        if (has(index, Set.of(unclear))) {
            String doubt =
                    switch (unclear) {
                        case UNCLEAR_SETUP -> "whether line %d sets up devices";
                        case UNCLEAR_COMMAND -> "which program line %d runs";
                        default -> "whether line %d mounts, checks or writes to a disk";
                    };
            throw new ScriptFault(Reason.AMBIGUOUS, String.format(doubt, lineOf(index)) + " can't be told");
        }
    }

    final boolean has(int index, Set<Role> wanted) {
        return !Collections.disjoint(roles.get(index), wanted);
    }

    final int lineOf(int index) {
        return statements.get(index).firstLine();
    }

    /** Index of the first statement from {@code from} on with one of the roles, or -1. */
    final int first(int from, Set<Role> wanted) {
        for (int i = from; i < roles.size(); i++) {
            if (has(i, wanted)) {
                return i;
            }
        }
        return -1;
    }

    /** Index of the last statement with the role, or -1. */
    final int last(Role wanted) {
        int found = -1;
        for (int i = 0; i < roles.size(); i++) {
            found = roles.get(i).contains(wanted) ? i : found;
        }
        return found;
    }
}
