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
 * @param child whether it runs in a shell of its own (brackets, a pipeline, a substitution), which it may end without ending the script
 */
record Command(List<String> words, Guard guard, List<Loop> loops, boolean background, boolean child) {
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

        /** Whether the test always comes out so: {@code true} holds, {@code false} doesn't, and every word fits {@code *}. */
        boolean always() {
            return decidedBy(holds);
        }

        /** Whether it never comes out so. */
        boolean never() {
            return decidedBy(!holds);
        }

        private boolean decidedBy(boolean outcome) {
            List<String> words = test.size() == 1 ? test.get(0).words() : List.of();
            if (words.isEmpty()) {
                return false;
            }
            return switch (words.get(0)) {
                case "true", ":" -> outcome;
                case "false" -> !outcome;
                case "case" -> outcome && words.subList(2, words.size()).contains("*");
                default -> false;
            };
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
        return new Command(words, guard, loops, true, true);
    }

    Command inChild() {
        return new Command(words, guard, loops, background, true);
    }

    Command withWords(List<String> others) {
        return new Command(List.copyOf(others), guard, loops, background, child);
    }

    /** Whether the script comes by here whatever happens, as far as the text tells, and it is the script's own shell that does. */
    boolean always() {
        return !child && !inLoop() && guards().allMatch(Guard::always);
    }
}
