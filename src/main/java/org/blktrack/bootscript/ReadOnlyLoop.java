package org.blktrack.bootscript;

import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Judges whether halt's read-only loop reaches every mounted file system. One that it passes by stays writable, and the save behind the
 * loop is refused then: a machine whose record never lasts, which is better told when the hook is put in place. So a condition in the loop
 * must plainly pass by what has no disk, or is unmounted.
 */
final class ReadOnlyLoop {
    /** More tests on the way to one command than any real script has; keeps hostile input from taking for ever. */
    private static final int MOST_TESTS = 16;
    private static final Set<String> JUMPS = Set.of("continue", "break", "return", "exit");

    private final Statement loop;
    private final Roles classify;
    private final LoopVariables variables;
    private final DisklessTest diskless;
    /** In a long list of ands, commands share most of their guards. */
    private final Map<Command.Guard, Boolean> judged = new IdentityHashMap<>();

    ReadOnlyLoop(Statement loop, Roles classify) {
        this.loop = loop;
        this.classify = classify;
        this.variables = new LoopVariables(loop);
        this.diskless = new DisklessTest(loop, classify, variables);
    }

    static boolean is(Statement statement, Roles classify) {
        return statement.lastLine() > statement.firstLine()
                && (statement.kind() == Statement.Kind.SIMPLE || statement.kind() == Statement.Kind.LOOP)
                && statement.commands().stream().anyMatch(command -> command.inLoop() && remounts(command, classify));
    }

    private static boolean remounts(Command command, Roles classify) {
        return classify.of(command).contains(Role.READ_ONLY);
    }

    void check() throws ScriptFault {
        checkCovers();
        checkReaches(loop.commands().stream().filter(Command::inLoop).toList(), new HashSet<>());
    }

    /** Whatever picks some of the mounted file systems, or names them one by one, leaves others writable. */
    private void checkCovers() throws ScriptFault {
        boolean reads = loop.commands().stream().anyMatch(command -> command.words().contains("read"));
        boolean complete = false;
        for (Command command : loop.commands()) {
            List<String> words = Unwrapping.unwrap(command.words());
            MountedList list = words.isEmpty() ? MountedList.FILTER : MountedList.of(words);
            if (list == MountedList.SOME || !reads && namesEach(words)) {
                throw new ScriptFault(Reason.RO_PARTIAL, "the read-only loop in line " + loop.firstLine()
                        + " covers only some file systems: " + String.join(" ", words));
            }
            if (!command.inLoop() && list == MountedList.UNKNOWN && !words.get(0).equals("for")) {
                throw doubtful("depends on what \"" + text(command) + "\" does");
            }
            complete |= !command.inLoop() && list == MountedList.SOURCE;
        }
        checkInputs(complete);
    }

    /** What is fed in by a redirection; a process substitution and the substitution in a here-string are judged by their commands. */
    private void checkInputs(boolean complete) throws ScriptFault {
        boolean all = complete;
        for (String input : loop.inputs()) {
            if (!MountedList.isTable(input) && !input.isEmpty() && !input.matches("(\\$\\(|`)(?s).*")) {
                throw doubtful("goes through " + input);
            }
            all |= MountedList.isTable(input);
        }
        if (!all) {
            throw doubtful("goes through something else than mount or /proc/mounts tells");
        }
    }

    private static boolean namesEach(List<String> words) {
        return !words.isEmpty() && words.get(0).equals("for") && words.contains("in") && words.stream().noneMatch(ReadOnlyLoop::isExpanded);
    }

    private static boolean isExpanded(String word) {
        return word.contains("$") || word.contains("`");
    }

    /**
     * Some remount is reached in every round, and nothing jumps past it.
     *
     * @param open the functions on the way here; what calls itself reaches nothing that way
     */
    private void checkReaches(List<Command> commands, Set<String> open) throws ScriptFault {
        List<Command> remounts =
                commands.stream().filter(command -> remounts(command, classify) && !open.contains(nameOf(command))).toList();
        if (remounts.isEmpty()) {
            throw doubtful("calls itself in " + open);
        }
        List<Command> ofRound = remounts.stream().filter(this::isOfRound).toList();
        if (ofRound.isEmpty()) {
            throw doubtful("does not remount what it goes through by \"" + text(remounts.get(0)) + "\"");
        }
        Command sure = ofRound.stream().filter(this::isSure).findFirst().orElse(null);
        if (sure == null) {
            Command first = ofRound.get(0);
            Command.Guard doubt = first.guards().filter(guard -> !passesByDiskless(guard)).findFirst().orElse(first.guard());
            throw doubtful("reaches \"" + text(first) + "\" or not by \"" + text(doubt.test().get(0)) + "\"");
        }
        boolean behind = false;
        for (Command command : commands) {
            behind |= command == sure;
            if (isJump(command) && !isHarmless(command, behind)) {
                throw doubtful("may be left by \"" + text(command) + "\" before everything is read-only");
            }
        }
        List<String> words = Unwrapping.unwrap(sure.words());
        List<Command> body = classify.inside(words);
        if (body != null) {
            open.add(words.get(0));
            variables.learnCall(words.subList(1, words.size()), body);
            checkReaches(body, open);
        }
    }

    /** Whether it is this round's file system that is remounted; what a function or a text remounts is looked into when it is the one. */
    private boolean isOfRound(Command remount) {
        return classify.inside(Unwrapping.unwrap(remount.words())) == null
                ? variables.isPlaceOf(remount)
                : !Unwrapping.changesRoot(remount.words());
    }

    private static String nameOf(Command command) {
        return Unwrapping.unwrap(command.words()).get(0);
    }

    private boolean isSure(Command remount) {
        return remount.guards().limit(MOST_TESTS).allMatch(this::passesByDiskless) && remount.guards().skip(MOST_TESTS).findAny().isEmpty();
    }

    private boolean passesByDiskless(Command.Guard guard) {
        return judged.computeIfAbsent(guard, one -> diskless.told(one.test(), !one.holds()));
    }

    private static boolean isJump(Command command) {
        return !command.words().isEmpty() && JUMPS.contains(command.words().get(0));
    }

    private boolean isHarmless(Command jump, boolean behindRemount) {
        boolean passesNothing = behindRemount || jump.guards().limit(MOST_TESTS).anyMatch(guard -> diskless.told(guard.test(), guard.holds()));
        return passesNothing && switch (jump.words().get(0)) {
            case "continue" -> jump.words().size() == 1;
            case "break" -> jump.words().size() == 1 && triesAgain(jump.loops());
            // Of a function that is called in the loop; elsewhere it is an error.
            case "return" -> jump.loops().isEmpty();
            default -> false;
        };
    }

    /** Whether the innermost loop does the same over and over; one that goes through file systems must not end early. */
    private static boolean triesAgain(List<Command.Loop> loops) {
        List<Command> head = loops.isEmpty() ? List.of() : loops.get(loops.size() - 1).head();
        return head.size() == 1
                && switch (head.get(0).words().get(0)) {
                    case "for" -> head.get(0).words().stream().noneMatch(ReadOnlyLoop::isExpanded);
                    case "true", ":" -> true;
                    default -> false;
                };
    }

    private ScriptFault doubtful(String what) {
        return new ScriptFault(Reason.AMBIGUOUS, "the read-only loop in line " + loop.firstLine() + " " + what
                + ", and what stays writable then can't be told");
    }

    private static String text(Command command) {
        return String.join(" ", command.words());
    }
}
