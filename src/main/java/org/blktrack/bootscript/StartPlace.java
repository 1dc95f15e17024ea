package org.blktrack.bootscript;

import java.util.List;
import java.util.Set;

/**
 * Where tracking starts in rc.sysinit: behind all device-mapper and md set-up, before the first fsck or write. The block that
 * asks for /fastboot stands there in every version that fits; "just before fsck" would be too late, since the stateless mounts
 * come between.
 */
final class StartPlace extends Place {
    StartPlace(ShellScript script) {
        super(script);
    }

    @Override
    int find() throws ScriptFault {
        int hazard = first(0, HAZARDS);
        int setup = last(Role.SETUP);
        if (setup < 0) {
            throw new ScriptFault(Reason.NO_DM, "no device-mapper or md set-up was found to start tracking behind");
        }
        // Swap alone may be turned on anywhere, and doesn't tell the script that brings the file systems up.
        if (first(0, Set.of(Role.FSCK, Role.WRITE)) < 0) {
            throw new ScriptFault(Reason.NO_FSCK, "no fsck and no mount was found to start tracking before");
        }
        if (setup == hazard) {
            throw new ScriptFault(Reason.AMBIGUOUS,
                    "device-mapper set-up and an fsck or write share the statement in line " + lineOf(setup));
        }
        if (setup > hazard) {
            throw new ScriptFault(Reason.DM_AFTER_FSCK, "line " + lineOf(setup)
                    + " sets up device-mapper after the fsck or write in line " + lineOf(hazard));
        }
        int line = lineBetween(setup, hazard);
        check(line);
        return line;
    }

    private int lineBetween(int setup, int hazard) throws ScriptFault {
        List<Statement> fastboot =
                statements.subList(setup + 1, hazard).stream().filter(StartPlace::asksForFastboot).toList();
        if (fastboot.size() > 1) {
            throw new ScriptFault(Reason.AMBIGUOUS, "more than one block asks for /fastboot: lines "
                    + fastboot.get(0).firstLine() + " and " + fastboot.get(1).firstLine());
        }
        return fastboot.isEmpty() ? statements.get(setup).lastLine() + 1 : fastboot.get(0).firstLine();
    }

    private static boolean asksForFastboot(Statement statement) {
        return statement.kind() == Statement.Kind.IF
                && statement.condition().stream().anyMatch(command -> command.words().contains("/fastboot"));
    }

    @Override
    void checkOrder(int index) throws ScriptFault {
        checkForeground(Role.SETUP);
        for (int i = 0; i < roles.size(); i++) {
            if (i < index && has(i, HAZARDS)) {
                throw new ScriptFault(Reason.MISPLACED, "an fsck or write in line " + lineOf(i) + " comes before the start of tracking");
            }
            checkClear(i, i < index ? Role.UNCLEAR_WRITE : Role.UNCLEAR_SETUP);
            // In halt it is the UPS's driver that /etc/sysconfig names, and the helper refuses a save where something is writable.
            checkClear(i, Role.UNCLEAR_COMMAND);
            if (i >= index && has(i, Set.of(Role.SETUP))) {
                throw new ScriptFault(Reason.MISPLACED, "device-mapper set-up in line " + lineOf(i) + " comes after the start of tracking");
            }
        }
    }
}
