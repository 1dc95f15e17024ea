package org.blktrack.bootscript;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Finds the command that is meant behind prefixes such as {@code action "text"}, {@code fstab-decode} or {@code LC_ALL=C}. */
final class Unwrapping {
    private static final Pattern ASSIGNMENT = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*(\\[[^]]*])?\\+?=.*", Pattern.DOTALL);
    private static final Set<String> PREFIXES =
            Set.of("fstab-decode", "command", "builtin", "env", "nice", "ionice", "nohup", "setsid", "busybox", "lvm", "runcmd", "timeout", "xargs");
    private static final Set<String> TEXT_RUNNERS = Set.of("initlog", "sh", "bash", "su", "runuser");

    private Unwrapping() {}

    /** @return the words of the command itself, its name without directory and {@code .static}; empty if only assignments */
    static List<String> unwrap(List<String> words) {
        List<String> left = new ArrayList<>(words);
        while (!left.isEmpty()) {
            String name = plainName(left.get(0));
            if (ASSIGNMENT.matcher(left.get(0)).matches()) {
                left.remove(0);
            } else if (name.equals("action")) {
                left.subList(0, Math.min(2, left.size())).clear();
            } else if (PREFIXES.contains(name) && left.size() > 1) {
                left.remove(0);
                left.subList(0, optionCount(left)).clear();
            } else if (TEXT_RUNNERS.contains(name) && left.indexOf("-c") > 0 && left.indexOf("-c") + 1 < left.size()) {
                String text = left.get(left.indexOf("-c") + 1);
                left = new ArrayList<>(List.of(text.strip().split("\\s+")));
            } else {
                left.set(0, name);
                return left;
            }
        }
        return left;
    }

    private static int optionCount(List<String> words) {
        int count = 0;
        while (count < words.size() - 1 && (words.get(count).startsWith("-") || words.get(count).matches("[0-9.]+[smhd]?"))) {
            count++;
        }
        return count;
    }

    private static String plainName(String word) {
        String name = word.substring(word.lastIndexOf('/') + 1);
        return name.endsWith(".static") ? name.substring(0, name.length() - ".static".length()) : name;
    }
}
