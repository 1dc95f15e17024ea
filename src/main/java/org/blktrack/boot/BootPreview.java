package org.blktrack.boot;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.util.ArrayList;
import java.util.List;
import org.blktrack.bootscript.Tree;
import org.blktrack.model.Digest;

/** What a command would change, as unified diffs. */
final class BootPreview {
    private final Tree tree;

    BootPreview(Tree tree) {
        this.tree = tree;
    }

    List<String> install(List<HookPlace> places, HookFiles files) {
        List<String> changes = new ArrayList<>();
        for (HookPlace place : places) {
            for (HookFile file : place.files(tree)) {
                if (files.isEdited(file)) {
                    changes.add(HookFiles.copyAsideLine(file.path()));
                }
                if (!files.isWritten(file)) {
                    changes.add(diff(file.path(), tree.text(file.path()), file.content()));
                }
            }
        }
        places.forEach(place -> changes.addAll(place.preview(tree)));
        return changes;
    }

    List<String> remove(InstallReceipt receipt, List<HookPlace> places) {
        List<String> changes = new ArrayList<>();
        receipt.files().forEach((path, hash) -> {
            if (Files.exists(tree.place(path), LinkOption.NOFOLLOW_LINKS)) {
                boolean ours = Digest.sha256Latin1(tree.text(path)).equals(hash);
                changes.add(ours ? diff(path, tree.text(path), "") : HookFiles.putAsideLine(path));
            }
        });
        places.forEach(place -> changes.addAll(place.removalPreview(tree)));
        return changes;
    }

    /** All lines out, all lines in: these files are ours as a whole, so there is nothing between to keep. */
    private static String diff(String path, String before, String after) {
        StringBuilder diff = new StringBuilder();
        diff.append("--- ").append(before.isEmpty() ? "/dev/null" : "a" + path).append('\n');
        diff.append("+++ ").append(after.isEmpty() ? "/dev/null" : "b" + path).append('\n');
        diff.append(String.format("@@ -%s +%s @@%n", range(before), range(after)));
        return diff.append(side('-', before)).append(side('+', after)).toString();
    }

    /** Lines end in a line feed and in nothing else: what patch(1) compares is bytes. */
    private static String side(char sign, String text) {
        if (text.isEmpty()) {
            return "";
        }
        boolean whole = text.endsWith("\n");
        String lines = sign + (whole ? text.substring(0, text.length() - 1) : text).replace("\n", "\n" + sign) + "\n";
        return whole ? lines : lines + "\\ No newline at end of file\n";
    }

    private static String range(String text) {
        long feeds = text.chars().filter(c -> c == '\n').count();
        long lines = feeds + (text.isEmpty() || text.endsWith("\n") ? 0 : 1);
        return (lines == 0 ? 0 : 1) + "," + lines;
    }
}
