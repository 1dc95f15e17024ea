package org.blktrack.bootscript;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds the command that is meant behind prefixes such as {@code action "text"}, {@code fstab-decode} or {@code LC_ALL=C}. */
final class Unwrapping {
    private static final Pattern ASSIGNMENT = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*(\\[[^]]*])?\\+?=.*", Pattern.DOTALL);
    private static final Pattern LOOKED_UP = Pattern.compile("(?:\\$\\(|`)\\s*(?:which|type -[pP]|command -v)\\s+([^\\s)`]+)\\s*(?:2>\\s*/dev/null\\s*)?[)`]");

    /**
     * A program that runs another.
     *
     * @param valued its options that take the next word
     * @param operands how many words of its own stand before the other program's name
     */
    private record Prefix(String valued, int operands) {
        static final Prefix PLAIN = new Prefix("", 0);
    }

    private static final Map<String, Prefix> PREFIXES = Map.ofEntries(
            Map.entry("action", new Prefix("", 1)), Map.entry("action_silent", new Prefix("", 1)), Map.entry("runcmd", new Prefix("", 1)),
            Map.entry("fstab-decode", Prefix.PLAIN), Map.entry("busybox", Prefix.PLAIN), Map.entry("lvm", Prefix.PLAIN),
            Map.entry("command", Prefix.PLAIN), Map.entry("builtin", Prefix.PLAIN),
            Map.entry("daemon", Prefix.PLAIN), Map.entry("stdbuf", new Prefix("ioe", 0)), Map.entry("logsave", new Prefix("", 1)),
            Map.entry("sudo", new Prefix("ugpCDhRrtTU", 0)), Map.entry("nohup", Prefix.PLAIN), Map.entry("setsid", Prefix.PLAIN), Map.entry("env", new Prefix("uCS", 0)),
            Map.entry("nice", new Prefix("n", 0)), Map.entry("ionice", new Prefix("cn", 0)), Map.entry("chrt", new Prefix("TPD", 1)),
            Map.entry("taskset", new Prefix("", 1)), Map.entry("timeout", new Prefix("ks", 1)), Map.entry("flock", new Prefix("wE", 1)),
            Map.entry("chroot", new Prefix("", 1)), Map.entry("xargs", new Prefix("nILPdasE", 0)));

    private Unwrapping() {}

    /** @return the words of the command itself, its name without directory and {@code .static}; empty if only assignments */
    static List<String> unwrap(List<String> words) {
        List<String> left = new ArrayList<>(words);
        for (int count = inFront(left); count > 0; count = inFront(left)) {
            left.subList(0, count).clear();
        }
        if (!left.isEmpty()) {
            left.set(0, plainName(left.get(0)));
        }
        return left;
    }

    /** Whether the command itself runs in another root than the script. */
    static boolean changesRoot(List<String> words) {
        List<String> left = words;
        for (int count = inFront(left); count > 0; count = inFront(left)) {
            if (plainName(left.get(0)).equals("chroot") && !left.get(count - 1).equals("/")) {
                return true;
            }
            left = left.subList(count, left.size());
        }
        return false;
    }

    /** How many words stand before what the first of them, an assignment or a prefix, leaves to run. */
    private static int inFront(List<String> words) {
        if (words.isEmpty()) {
            return 0;
        }
        if (ASSIGNMENT.matcher(words.get(0)).matches()) {
            return 1;
        }
        String name = plainName(words.get(0));
        Prefix prefix = PREFIXES.get(name);
        return prefix != null && words.size() > 1 && !asksForName(name, words.get(1)) ? length(prefix, words) : 0;
    }

    /** {@code command -v fsck} tells where fsck is, and runs nothing. */
    private static boolean asksForName(String name, String option) {
        return name.equals("command") && option.matches("-[vV]+");
    }

    /** How many words stand before the other program's name: the prefix, its options, and its own operands. */
    private static int length(Prefix prefix, List<String> words) {
        int at = 1;
        while (at < words.size() && words.get(at).startsWith("-")) {
            String option = words.get(at);
            at += option.length() == 2 && prefix.valued().indexOf(option.charAt(1)) >= 0 ? 2 : 1;
        }
        return Math.min(at + prefix.operands(), words.size());
    }

    /**
     * A program's name without its directory and {@code .static}; that of {@code $(which fsck)} is {@code fsck}. A word that expands to what can't be split stays as
     * it is.
     */
    static String plainName(String word) {
        Matcher lookedUp = LOOKED_UP.matcher(word);
        String path = lookedUp.matches() ? lookedUp.group(1) : word;
        String name = path.substring(behindDirectory(path));
        return name.endsWith(".static") ? name.substring(0, name.length() - ".static".length()) : name;
    }

    /** Behind the last slash that is in no expansion: one in there ends no directory's name. 0 where it can't be told, the quotes being gone. */
    private static int behindDirectory(String path) {
        Deque<Character> open = new ArrayDeque<>();
        int behind = 0;
        boolean odd = false;
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            if (!open.isEmpty() && c == open.peek()) {
                open.pop();
            } else if (c == '`') {
                open.push('`');
            } else if (path.startsWith("${", i) || path.startsWith("$(", i)) {
                i++;
                open.push(path.charAt(i) == '{' ? '}' : ')');
            } else if (c == '/' && open.isEmpty()) {
                behind = i + 1;
                odd = false;
            } else {
                odd |= c == '}' || c == ')';
            }
        }
        boolean expanded = path.startsWith("$") || path.startsWith("`");
        return open.isEmpty() && !odd ? behind : expanded ? 0 : path.lastIndexOf('/') + 1;
    }
}
