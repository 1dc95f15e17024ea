package org.blktrack.bootscript;

import com.github.difflib.UnifiedDiffUtils;
import com.github.difflib.patch.ChangeDelta;
import com.github.difflib.patch.Chunk;
import com.github.difflib.patch.Patch;
import com.github.difflib.patch.PatchFailedException;
import java.util.ArrayList;
import java.util.List;

/** Lines put into a script or taken out of it, as a patch; the only class that knows java-diff-utils. */
final class LineChange {
    private final ScriptText before;
    private final int line;
    private final int removed;
    private final int added;
    private final Patch<String> patch = new Patch<>();

    private LineChange(ScriptText before, int line, List<String> removed, List<String> added) {
        this.before = before;
        this.line = line;
        this.removed = removed.size();
        this.added = added.size();
        patch.addDelta(new ChangeDelta<>(new Chunk<>(line - 1, removed), new Chunk<>(line - 1, added)));
    }

    /** @param line 1-based line that {@code lines} go before */
    static LineChange insertion(ScriptText before, int line, List<String> lines) {
        return new LineChange(before, line, List.of(), lines);
    }

    static LineChange removal(ScriptText before, HookBlock block) {
        return replacement(before, block, List.of());
    }

    static LineChange replacement(ScriptText before, HookBlock block, List<String> lines) {
        return new LineChange(before, block.line(), before.lines().subList(block.line() - 1, block.line() - 1 + block.count()), lines);
    }

    ScriptText apply() {
        try {
            return new ScriptText(List.copyOf(patch.applyTo(before.lines())), before.finalNewline());
        } catch (PatchFailedException e) {
            throw new IllegalStateException("a patch made from a text does not fit that text", e);
        }
    }

    /**
     * A unified diff as GNU diff writes it.
     *
     * @param path inside the tree, with its leading slash
     * @param context lines of context; with 0 the diff holds none of the script's own text
     */
    String unified(String path, int context) {
        List<String> lines = new ArrayList<>(
                UnifiedDiffUtils.generateUnifiedDiff("a" + path, "b" + path, before.lines(), patch, context));
        lines.set(2, header(context));
        if (!before.finalNewline() && lastLineShown(context)) {
            lines.add("\\ No newline at end of file");
        }
        return String.join("\n", lines) + "\n";
    }

    /**
     * The hunk's header, worked out here: GNU counts a side without lines from the line before it, and java-diff-utils 4.15
     * and 4.16 count it from the line after.
     */
    private String header(int context) {
        int above = Math.min(context, line - 1);
        int below = Math.min(context, before.lines().size() - (line - 1) - removed);
        int old = above + below + removed;
        int fresh = above + below + added;
        int first = line - above;
        return "@@ -" + side(first, old) + " +" + side(first, fresh) + " @@";
    }

    private static String side(int first, int length) {
        return (length == 0 ? first - 1 : first) + (length == 1 ? "" : "," + length);
    }

    private boolean lastLineShown(int context) {
        return line - 1 + removed + context >= before.lines().size() && context > 0;
    }
}
