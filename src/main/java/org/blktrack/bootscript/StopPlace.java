package org.blktrack.bootscript;

import java.util.Collections;
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
        if (Place.first(roles.subList(loop + 1, roles.size()), Set.of(Role.GO_DOWN)) < 0) {
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

    /** Whatever picks some of the mounted file systems, or names them one by one, leaves others writable. */
    private static void checkCovers(Statement loop) throws ScriptFault {
        boolean reads = loop.commands().stream().anyMatch(command -> command.words().contains("read"));
        for (Command command : loop.commands()) {
            List<String> words = Unwrapping.unwrap(command.words());
            if (!words.isEmpty() && (picks(words) || !reads && namesEach(words))) {
                throw new ScriptFault(Reason.RO_PARTIAL, "the read-only loop in line " + loop.firstLine()
                        + " covers only some file systems: " + String.join(" ", words));
            }
        }
    }

    private static boolean picks(List<String> words) {
        List<String> arguments = words.subList(1, words.size());
        return switch (words.get(0)) {
            // A pattern in front of the action, or a comparison in it.
            case "awk", "gawk", "mawk" -> arguments.stream().filter(word -> !word.startsWith("-")).limit(1)
                    .anyMatch(program -> !program.strip().startsWith("{") || program.matches("(?s).*(==|!=|~|\\bif\\b).*"));
            case "grep", "egrep", "fgrep" -> arguments.stream().noneMatch(word -> word.matches("-[a-zA-Z]*v[a-zA-Z]*|--invert-match"));
            case "head", "tail" -> true;
            // A listing of one type of file system; a remount is none.
            case "mount" -> arguments.contains("-t") && arguments.size() == 2;
            default -> false;
        };
    }

    private static boolean namesEach(List<String> words) {
        return words.get(0).equals("for") && words.contains("in") && words.stream().noneMatch(word -> word.matches("(?s).*[$`].*"));
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
