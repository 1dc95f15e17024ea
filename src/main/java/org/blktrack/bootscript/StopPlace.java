package org.blktrack.bootscript;

import java.util.List;
import java.util.Set;

/**
 * Where tracking stops in halt: right behind the loop that remounts everything read-only, before anything that waits for
 * arrays, cuts the power or takes the machine down.
 */
final class StopPlace implements Place {
    private final List<Statement> statements;
    private final List<Set<Role>> roles;
    private final Roles classify;

    StopPlace(ShellScript script) {
        this.classify = new Roles(script);
        this.statements = script.statements();
        this.roles = statements.stream().map(classify::of).toList();
    }

    @Override
    public int find() throws ScriptFault {
        int loop = -1;
        for (int i = 0; i < statements.size(); i++) {
            loop = isReadOnlyLoop(statements.get(i)) ? i : loop;
        }
        if (loop < 0) {
            throw new ScriptFault(Reason.NO_RO_LOOP, "no loop over several lines that remounts read-only was found");
        }
        checkCovers(statements.get(loop));
        int line = statements.get(loop).lastLine() + 1;
        check(line);
        if (Place.first(roles.subList(loop + 1, roles.size()), Role.GO_DOWN) < 0) {
            throw new ScriptFault(Reason.NO_FINAL_COMMAND,
                    "no exec or eval of $command follows the read-only loop in line " + statements.get(loop).firstLine());
        }
        return line;
    }

    private boolean isReadOnlyLoop(Statement statement) {
        return statement.lastLine() > statement.firstLine()
                && (statement.kind() == Statement.Kind.SIMPLE || statement.kind() == Statement.Kind.LOOP)
                && statement.commands().stream()
                        .anyMatch(command -> command.inLoop() && classify.of(command).contains(Role.READ_ONLY));
    }

    /** A pattern in front of awk's action means that only some of the mounted file systems get through. */
    private static void checkCovers(Statement loop) throws ScriptFault {
        for (Command command : loop.commands()) {
            List<String> words = Unwrapping.unwrap(command.words());
            if (words.size() > 1 && words.get(0).endsWith("awk") && !words.get(1).strip().startsWith("{")) {
                throw new ScriptFault(Reason.RO_PARTIAL, "the read-only loop in line " + loop.firstLine()
                        + " covers only file systems that match " + words.get(1));
            }
        }
    }

    @Override
    public void check(int line) throws ScriptFault {
        Place.checkBoundary(statements, line);
        for (int i = 0; i < statements.size(); i++) {
            Set<Role> found = roles.get(i);
            boolean before = statements.get(i).lastLine() < line;
            if (before && (found.contains(Role.WAIT_CLEAN) || found.contains(Role.KEXEC) || found.contains(Role.UPS))) {
                throw new ScriptFault(Reason.RO_ORDER, "wait-clean, kexec or a UPS action in line "
                        + statements.get(i).firstLine() + " comes before everything is read-only");
            }
            if (!before && (found.contains(Role.READ_ONLY) || found.contains(Role.WRITE))) {
                throw new ScriptFault(Reason.RO_ORDER,
                        "line " + statements.get(i).firstLine() + " remounts or mounts after the read-only loop");
            }
        }
    }
}
