package org.blktrack.bootscript;

import java.util.Set;

/**
 * Where tracking stops in halt: right behind the loop that remounts everything read-only, before anything that waits for
 * arrays, cuts the power or takes the machine down.
 */
final class StopPlace extends Place {
    private static final Set<Role> TOO_EARLY = Set.of(Role.WAIT_CLEAN, Role.KEXEC, Role.UPS);

    StopPlace(ShellScript script) {
        super(script);
    }

    @Override
    int find() throws ScriptFault {
        int loop = lastLoop(statements.size());
        if (loop < 0) {
            throw new ScriptFault(Reason.NO_RO_LOOP, "no loop over several lines that remounts read-only was found");
        }
        int line = statements.get(loop).lastLine() + 1;
        check(line);
        return line;
    }

    private int lastLoop(int before) {
        int loop = -1;
        for (int i = 0; i < before; i++) {
            loop = ReadOnlyLoop.is(statements.get(i), classify) ? i : loop;
        }
        return loop;
    }

    @Override
    void checkOrder(int index) throws ScriptFault {
        checkLoop(lastLoop(index));
        checkForeground(Role.READ_ONLY);
        for (int i = 0; i < statements.size(); i++) {
            if (i < index && has(i, TOO_EARLY)) {
                throw new ScriptFault(Reason.RO_ORDER, "wait-clean, kexec or a UPS action in line " + lineOf(i)
                        + " comes before everything is read-only");
            }
            if (i >= index && (has(i, Set.of(Role.READ_ONLY)) || has(i, HAZARDS))) {
                throw new ScriptFault(Reason.RO_ORDER, "line " + lineOf(i)
                        + " remounts, mounts, checks or writes to a disk after the read-only loop");
            }
            if (i >= index) {
                checkClear(i, Role.UNCLEAR_WRITE);
            }
        }
        if (first(index, Set.of(Role.GO_DOWN)) < 0) {
            throw new ScriptFault(Reason.NO_FINAL_COMMAND, "no exec or eval of $command follows the read-only loop");
        }
    }

    private void checkLoop(int loop) throws ScriptFault {
        if (loop < 0) {
            throw new ScriptFault(Reason.NO_RO_LOOP, "no loop that remounts everything read-only comes before");
        }
        new ReadOnlyLoop(statements.get(loop), classify).check();
    }
}
