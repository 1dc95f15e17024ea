package org.blktrack.bootscript;

import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Finds the line a hook stands before, and judges a line that is given. */
interface Place {
    Predicate<String> ASKS_FOR_STATUS = Pattern.compile("\\$\\{?\\?|\\$\\{?PIPESTATUS").asPredicate();

    /** What must not come before the start of tracking, nor after its end. */
    Set<Role> HAZARDS = Set.of(Role.FSCK, Role.WRITE, Role.RAW_WRITE);

    static Place in(Script kind, ShellScript script) {
        return kind == Script.RC_SYSINIT ? new StartPlace(script) : new StopPlace(script);
    }

    /** @return 1-based line to insert before */
    int find() throws ScriptFault;

    /** @throws ScriptFault if a hook before 1-based {@code line} would come too early or too late */
    void check(int line) throws ScriptFault;

    /** Refuses a line inside a statement, or where the statement behind it asks for the status of the one before. */
    static void checkBoundary(List<Statement> statements, int line) throws ScriptFault {
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
        if (next != null && !next.commands().isEmpty()
                && next.commands().get(0).words().stream().anyMatch(ASKS_FOR_STATUS)) {
            throw new ScriptFault(Reason.AMBIGUOUS, "the statement in line " + next.firstLine()
                    + " asks for the exit status of the one before it, which a hook between them would change");
        }
    }

    /** Refuses what does the role's work in the background: when it ends can't be read off the text. */
    static void checkForeground(List<Statement> statements, List<Set<Role>> roles, Role role) throws ScriptFault {
        for (int i = 0; i < roles.size(); i++) {
            if (roles.get(i).contains(role) && roles.get(i).contains(Role.BACKGROUND)) {
                throw new ScriptFault(Reason.AMBIGUOUS, "what the statement in line " + statements.get(i).firstLine()
                        + " sets up, mounts or remounts may run in the background, and when it ends can't be told");
            }
        }
    }

    /** Index of the first statement with one of the roles, or -1. */
    static int first(List<Set<Role>> roles, Set<Role> wanted) {
        for (int i = 0; i < roles.size(); i++) {
            if (!Collections.disjoint(roles.get(i), wanted)) {
                return i;
            }
        }
        return -1;
    }

    /** Index of the last statement with the role, or -1. */
    static int last(List<Set<Role>> roles, Role wanted) {
        int found = -1;
        for (int i = 0; i < roles.size(); i++) {
            found = roles.get(i).contains(wanted) ? i : found;
        }
        return found;
    }
}
