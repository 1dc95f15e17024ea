package org.blktrack.boot;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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
                if (!files.isWritten(file)) {
                    changes.add(diff(file.path(), tree.text(file.path()), file.content()));
                }
            }
        }
        places.forEach(place -> changes.addAll(place.preview(tree)));
        return changes;
    }

    List<String> remove(Optional<Receipt> receipt, List<HookPlace> places) {
        List<String> changes = new ArrayList<>();
        receipt.ifPresent(written -> written.files().keySet().stream()
                .filter(tree::isFile)
                .forEach(path -> changes.add(diff(path, tree.text(path), ""))));
        places.forEach(place -> changes.addAll(place.removalPreview(tree)));
        return changes;
    }

    /** All lines out, all lines in: these files are ours as a whole, so there is nothing between to keep. */
    private static String diff(String path, String before, String after) {
        StringBuilder diff = new StringBuilder();
        diff.append("--- ").append(before.isEmpty() ? "/dev/null" : "a" + path).append('\n');
        diff.append("+++ ").append(after.isEmpty() ? "/dev/null" : "b" + path).append('\n');
        List<String> out = before.lines().toList();
        List<String> in = after.lines().toList();
        diff.append(String.format("@@ -%s +%s @@%n", range(out), range(in)));
        out.forEach(line -> diff.append('-').append(line).append('\n'));
        in.forEach(line -> diff.append('+').append(line).append('\n'));
        return diff.toString();
    }

    private static String range(List<String> lines) {
        return (lines.isEmpty() ? 0 : 1) + "," + lines.size();
    }
}
