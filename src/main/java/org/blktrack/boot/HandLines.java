package org.blktrack.boot;

import java.util.List;
import java.util.stream.Collectors;
import org.blktrack.bootscript.RedHatScripts;

/** What to add by hand, and where, on init systems and customised scripts that no program changes. */
public final class HandLines {
    private HandLines() {}

    /** A text for a person: for each hook the place, then the lines. */
    public static String of(Tree tree, InitName init) {
        if (init != InitName.REDHAT) {
            return Template.render("lines/" + init + ".txt");
        }
        return RedHatScripts.at(tree.root()).lines().stream()
                .map(script -> place(script.path(), script.line(), script.where(), script.lines()))
                .collect(Collectors.joining("\n"));
    }

    private static String place(String path, int line, String where, List<String> lines) {
        String at = line > 0 ? path + ", before line " + line : path;
        return "In " + at + ", " + where + ":\n\n"
                + lines.stream().map(text -> text.isEmpty() ? "\n" : "    " + text + "\n").collect(Collectors.joining());
    }
}
