package org.blktrack.bootscript;

import java.util.List;
import java.util.Set;

/** Tells the tests in halt's read-only loop that let pass only what has no disk of its own, is unmounted, or is read-only already. */
final class DisklessTest {
    private static final String PLACE = "/(proc|sys|dev|run|selinux)([/*].*)?";

    private final List<String> devices;
    private final Roles classify;
    private final LoopVariables variables;

    DisklessTest(Statement loop, Roles classify, LoopVariables variables) {
        this.classify = classify;
        this.variables = variables;
        this.devices = loop.commands().stream().map(command -> Unwrapping.unwrap(command.words()))
                .filter(words -> !words.isEmpty() && words.get(0).equals("read"))
                .map(words -> words.stream().skip(1).filter(word -> !word.startsWith("-")).toList())
                .filter(names -> names.size() > 1).map(names -> names.get(0)).toList();
    }

    /** Whether the test, coming out so, means that there is nothing to remount. Several commands can't be judged. */
    boolean told(List<Command> test, boolean succeeds) {
        List<String> words = test.size() == 1 ? Unwrapping.unwrap(test.get(0).words()) : List.of();
        if (words.isEmpty()) {
            return false;
        }
        return switch (words.get(0)) {
            case "umount" -> succeeds && variables.isPlaceOf(test.get(0)) && words.stream().noneMatch(word -> word.matches("-[a-zA-Z]*l[a-zA-Z]*|--lazy"));
            // No further file system; what never comes about.
            case "read", "true", ":" -> !succeeds;
            case "case" -> fits(words.get(1), words.subList(2, words.size()), succeeds);
            case "[", "[[", "test" -> compared(words, succeeds);
            default -> succeeds && classify.of(test.get(0)).equals(Set.of(Role.READ_ONLY)) && variables.isPlaceOf(test.get(0));
        };
    }

    private boolean fits(String word, List<String> patterns, boolean succeeds) {
        return succeeds ? variables.mentioned(word) && patterns.stream().allMatch(pattern -> isDiskless(word, pattern)) : patterns.contains("*");
    }

    private boolean compared(List<String> words, boolean succeeds) {
        List<String> asked = words.subList(1, words.size() - (words.get(words.size() - 1).equals("]") ? 1 : 0));
        if (asked.size() == 2 && variables.mentioned(asked.get(1))) {
            return asked.get(0).equals(succeeds ? "-z" : "-n");
        }
        return asked.size() == 3 && variables.mentioned(asked.get(0))
                && (succeeds ? asked.get(1).matches("==?") : asked.get(1).equals("!=")) && isDiskless(asked.get(0), asked.get(2));
    }

    /** A place below /dev is the kernel's own, a device's name is a disk: {@code read} takes the device first, then the place. */
    private boolean isDiskless(String tested, String pattern) {
        boolean device = devices.stream().anyMatch(name -> tested.matches("\\$\\{?" + name + "\\b.*"));
        return isType(pattern) || pattern.matches(PLACE) && !(device && pattern.startsWith("/dev"));
    }

    private static boolean isType(String name) {
        return MountCommand.isVirtualType(name);
    }

    /** Of a pattern for grep: whether every name in it is of something without a disk. */
    static boolean namesOnlyDiskless(String pattern) {
        return List.of(pattern.replaceAll("/dev/(pts|shm)|\\W+", " ").strip().split(" +")).stream()
                .allMatch(name -> isType(name) || Set.of("sys", "run", "selinux").contains(name));
    }
}
