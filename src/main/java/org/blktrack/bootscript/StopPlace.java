package org.blktrack.bootscript;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where tracking stops in halt: right behind the loop that remounts everything read-only, before anything that waits for
 * arrays, cuts the power or takes the machine down.
 */
final class StopPlace implements Place {
    private final List<Statement> statements;
    private final List<Set<Role>> roles;
    private final Roles classify;
    private final Map<String, List<Command>> functions;

    StopPlace(ShellScript script) {
        this.classify = new Roles(script);
        this.functions = script.functions();
        this.statements = script.statements();
        this.roles = statements.stream().map(classify::of).toList();
    }

    @Override
    public int find() throws ScriptFault {
        int loop = -1;
        for (int i = 0; i < statements.size(); i++) {
            loop = ReadOnlyLoop.is(statements.get(i), classify) ? i : loop;
        }
        if (loop < 0) {
            throw new ScriptFault(Reason.NO_RO_LOOP, "no loop over several lines that remounts read-only was found");
        }
        new ReadOnlyLoop(statements.get(loop), classify, functions).check();
        int line = statements.get(loop).lastLine() + 1;
        check(line);
        if (Place.first(roles.subList(loop + 1, roles.size()), Set.of(Role.GO_DOWN)) < 0) {
            throw new ScriptFault(Reason.NO_FINAL_COMMAND,
                    "no exec or eval of $command follows the read-only loop in line " + statements.get(loop).firstLine());
        }
        return line;
    }

    @Override
    public void check(int line) throws ScriptFault {
        Place.checkBoundary(statements, line);
        Place.checkForeground(statements, roles, Role.READ_ONLY);
        for (int i = 0; i < statements.size(); i++) {
            Set<Role> found = roles.get(i);
            boolean before = statements.get(i).lastLine() < line;
            if (before && (found.contains(Role.WAIT_CLEAN) || found.contains(Role.KEXEC) || found.contains(Role.UPS))) {
                throw new ScriptFault(Reason.RO_ORDER, "wait-clean, kexec or a UPS action in line "
                        + statements.get(i).firstLine() + " comes before everything is read-only");
            }
            if (!before && (found.contains(Role.READ_ONLY) || !Collections.disjoint(found, HAZARDS))) {
                throw new ScriptFault(Reason.RO_ORDER, "line " + statements.get(i).firstLine()
                        + " remounts, mounts, checks or writes to a disk after the read-only loop");
            }
        }
    }
}
