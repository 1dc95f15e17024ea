package org.blktrack.boot;

import java.util.List;
import java.util.stream.Collectors;
import org.blktrack.bootscript.Hook;
import org.blktrack.bootscript.HookLines;
import org.blktrack.bootscript.RedHatScripts;
import org.blktrack.bootscript.Tree;

/** What to add by hand, and where, on init systems and customised scripts that no program changes. */
public final class HandLines {
    private HandLines() {}

    /** A text for a person: for each hook the place, then the lines. */
    public static String of(Tree tree, InitName init) {
        return switch (init) {
            case REDHAT -> scripts(tree);
            case SYSTEMD -> files(tree, new SystemdPlace(), "")
                    + "\nRoot itself is mounted by the initramfs: see '--init initramfs-tools' or '--init dracut'.\n";
            case SYSVINIT -> files(tree, new SysvinitPlace(), "update-rc.d blktrack-root defaults; update-rc.d blktrack defaults");
            case OPENRC -> files(tree, new OpenRcPlace(), OpenRcPlace.byHand(tree));
            case INITRAMFS_TOOLS -> files(tree, new InitramfsToolsPlace(), "update-initramfs -u -k all");
            case DRACUT -> files(tree, new DracutPlace(), "dracut --regenerate-all --force");
            default -> edits(init);
        };
    }

    private static String files(Tree tree, HookPlace place, String afterwards) {
        StringBuilder text = new StringBuilder();
        for (HookFile file : place.files(tree)) {
            String mode = Integer.toOctalString(file.mode());
            text.append("A file ").append(file.path()).append(", mode ").append(mode).append(":\n\n").append(file.content()).append('\n');
        }
        return afterwards.isEmpty() ? text.toString() : text + "Then: " + afterwards + "\n";
    }

    private static String edits(InitName init) {
        String start = block(Hook.START);
        return Template.render("lines/" + init + ".txt")
                .replace("@START_LINES@", start)
                .replace("@EARLY_LINES@", start.replace("start --tracking", "start --tracking --early"))
                .replace("@STOP_LINES@", block(Hook.STOP));
    }

    private static String block(Hook hook) {
        return String.join("\n", HookLines.of(hook));
    }

    private static String scripts(Tree tree) {
        return RedHatScripts.in(tree).lines().stream()
                .map(script -> place(script.path(), script.line(), script.where(), script.lines()))
                .collect(Collectors.joining("\n"));
    }

    private static String place(String path, int line, String where, List<String> lines) {
        String at = line > 0 ? path + ", before line " + line : path;
        return "In " + at + ", " + where + ":\n\n" + String.join("\n", lines) + "\n";
    }
}
