package org.blktrack.bootscript;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * One simple command inside a statement.
 *
 * @param words quotes removed, expansions left as written, assignments and redirections included and left out respectively
 * @param guard the last of what decides whether it is reached, or null; those of a function's commands begin at the function
 * @param loops the loops whose bodies it stands in, outermost first
 * @param background whether the script goes on without waiting for it
 */
record Command(List<String> words, Guard guard, List<Loop> loops, boolean background) {
    /**
     * A test on the way to a command.
     *
     * @param test the command that decides; {@code case} stands as one with its word and patterns. Two stand for any number
     * @param holds whether the command is reached where the test succeeds, or where it fails
     * @param outer the test before it, or null; commands share them, since a list of ands may be as long as the script
     */
    record Guard(List<Command> test, boolean holds, Guard outer) {
        private static final int SEVERAL = 2;

        Guard {
            test = List.copyOf(test.subList(0, Math.min(test.size(), SEVERAL)));
        }
    }

    /**
     * @param head of {@code while} and {@code until}: the commands that are asked before each round; of {@code for}: itself and its words
     */
    record Loop(List<Command> head) {}

    /** Innermost first. */
    Stream<Guard> guards() {
        return Stream.iterate(guard, Objects::nonNull, Guard::outer);
    }

    boolean inLoop() {
        return !loops.isEmpty();
    }

    Command inBackground() {
        return new Command(words, guard, loops, true);
    }
}
