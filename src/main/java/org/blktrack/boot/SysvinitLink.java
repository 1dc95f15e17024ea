package org.blktrack.boot;

import java.util.List;
import java.util.regex.Pattern;
import org.blktrack.bootscript.Hook;
import org.blktrack.bootscript.Tree;

/**
 * One of the links by which sysvinit runs a script, and its place in the order: by its number, as without startpar.
 *
 * @param directory the runlevel's, such as {@code /etc/rcS.d}
 * @param kind {@code S} or {@code K}; those of K are run first
 * @param after a script that has to come before it, or an empty text
 * @param before a script that has to come after it, or an empty text
 */
record SysvinitLink(Hook hook, String directory, char kind, String script, String after, String before) {
    HookState state(Tree tree, String place) {
        List<String> links = links(tree, kind + "[0-9][0-9]" + Pattern.quote(script));
        if (links.isEmpty()) {
            String path = directory + "/" + kind + "??" + script;
            return new HookState(hook, place, path, HookState.Standing.MISSING, "no such link");
        }
        // Each of them is run: one that comes at a wrong time is not made good by another.
        String link = links.stream().filter(each -> !fault(tree, each).isEmpty()).findFirst().orElse(links.get(0));
        String fault = fault(tree, link);
        HookState.Standing standing = fault.isEmpty() ? HookState.Standing.IN_PLACE : HookState.Standing.OVERWRITTEN;
        return new HookState(hook, place, directory + "/" + link, standing, fault);
    }

    private String fault(Tree tree, String link) {
        if (!tree.resolve(directory + "/" + link).equals(tree.resolve("/etc/init.d/" + script))) {
            return "does not lead to /etc/init.d/" + script;
        }
        for (String neighbour : neighbours(tree, after)) {
            if (position(neighbour) >= position(link)) {
                return "comes before " + neighbour;
            }
        }
        for (String neighbour : neighbours(tree, before)) {
            if (position(neighbour) <= position(link)) {
                return "comes after " + neighbour;
            }
        }
        return "";
    }

    private List<String> neighbours(Tree tree, String name) {
        return name.isEmpty() ? List.of() : links(tree, "[SK][0-9][0-9]" + name + "(\\.sh)?");
    }

    private List<String> links(Tree tree, String pattern) {
        return tree.names(directory).stream().filter(name -> name.matches(pattern)).toList();
    }

    private static int position(String link) {
        return (link.charAt(0) == 'S' ? 100 : 0) + Integer.parseInt(link.substring(1, 3));
    }
}
