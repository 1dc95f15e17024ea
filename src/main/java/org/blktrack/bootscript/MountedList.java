package org.blktrack.bootscript;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Judges what lists the file systems that halt's read-only loop goes through. Only what is known to tell all of them is taken: mount(8) itself
 * or the kernel's table, through programs that leave no line out.
 */
enum MountedList {
    /** Tells all that is mounted. */
    SOURCE,
    /** Passes on all that it reads. */
    FILTER,
    /** Tells or passes on some. */
    SOME,
    UNKNOWN;

    private static final Set<String> TABLES = Set.of("/proc/mounts", "/proc/self/mounts", "/etc/mtab");
    /** One action, without a condition or a redirection in it. */
    private static final String PRINTS = "(?s)\\s*\\{\\s*printf?\\b[^;{}<>=~!&|?()]*;?\\s*}\\s*";

    static boolean isTable(String file) {
        return TABLES.contains(file);
    }

    /** @param words of a command, unwrapped */
    static MountedList of(List<String> words) {
        List<String> arguments = words.subList(1, words.size());
        return switch (words.get(0)) {
            case "mount" -> MountCommand.listsAll(arguments) ? SOURCE : MountCommand.listsTypes(arguments) ? SOME : UNKNOWN;
            case "awk", "gawk", "mawk" -> ofAwk(operands(arguments, "Fv"), has(arguments, "-f.*"));
            case "grep", "egrep", "fgrep" -> ofGrep(arguments);
            case "head", "tail" -> SOME;
            case "cut" -> ofFiles(operands(arguments, "dfbc"));
            // By a key it leaves out lines that differ.
            case "sort" -> has(arguments, "-[a-z]*u[a-z]*|--unique") && has(arguments, "-[a-z]*k.*|--key.*") ? UNKNOWN : ofFiles(operands(arguments, "kt"));
            case "uniq" -> arguments.isEmpty() ? FILTER : UNKNOWN;
            case "cat", "tac" -> ofFiles(operands(arguments, ""));
            default -> UNKNOWN;
        };
    }

    private static MountedList ofAwk(List<String> operands, boolean fromFile) {
        if (fromFile || operands.isEmpty()) {
            return UNKNOWN;
        }
        String program = operands.get(0);
        if (!program.strip().startsWith("{") || program.matches("(?s).*(==|!=|~|\\bif\\b).*")) {
            return SOME;
        }
        return program.matches(PRINTS) ? ofFiles(operands.subList(1, operands.size())) : UNKNOWN;
    }

    /** What has no disk may be left out. */
    private static MountedList ofGrep(List<String> arguments) {
        boolean leavesOut = has(arguments, "-[a-zA-Z]*v[a-zA-Z]*|--invert-match");
        return leavesOut && operands(arguments, "").stream().allMatch(DisklessTest::namesOnlyDiskless) ? FILTER : SOME;
    }

    private static MountedList ofFiles(List<String> files) {
        return files.isEmpty() ? FILTER : files.stream().allMatch(MountedList::isTable) ? SOURCE : UNKNOWN;
    }

    private static boolean has(List<String> arguments, String option) {
        return arguments.stream().anyMatch(argument -> argument.matches(option));
    }

    private static List<String> operands(List<String> arguments, String valued) {
        List<String> operands = new ArrayList<>();
        for (int i = 0; i < arguments.size(); i++) {
            String word = arguments.get(i);
            if (!word.startsWith("-")) {
                operands.add(word);
            } else if (word.length() == 2 && valued.indexOf(word.charAt(1)) >= 0) {
                i++;
            }
        }
        return operands;
    }
}
