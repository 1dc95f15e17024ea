package org.blktrack.bootscript;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A hook's lines in a script.
 *
 * @param line 1-based line of the begin marker
 * @param count lines, markers included
 */
record HookBlock(int line, int count) {

    /**
     * Looks for the block. Only lines that are exactly this program's count as intact: what someone wrote between the markers
     * would be lost with them.
     *
     * @throws ScriptFault PARTIAL where markers are there but not one whole block
     */
    static Optional<HookBlock> find(ScriptText text, Hook hook) throws ScriptFault {
        List<Integer> begins = linesWith(text, HookLines.BEGIN);
        List<Integer> ends = linesWith(text, HookLines.END);
        if (begins.isEmpty() && ends.isEmpty()) {
            return Optional.empty();
        }
        if (begins.size() != 1 || ends.size() != 1) {
            throw new ScriptFault(Reason.PARTIAL, "it holds " + begins.size() + " \"" + HookLines.BEGIN + "\" and " + ends.size()
                    + " \"" + HookLines.END + "\" where there should be one of each");
        }
        int line = begins.get(0);
        int count = ends.get(0) - line + 1;
        if (count < 2) {
            throw new ScriptFault(Reason.PARTIAL, "its end marker stands before its begin marker");
        }
        List<String> found = text.lines().subList(line - 1, line - 1 + count).stream().map(String::strip).toList();
        if (!found.equals(HookLines.of(hook).stream().map(String::strip).toList())) {
            throw new ScriptFault(Reason.PARTIAL, "the lines between the markers, " + line + " to " + ends.get(0)
                    + ", are not the hook's");
        }
        return Optional.of(new HookBlock(line, count));
    }

    private static List<Integer> linesWith(ScriptText text, String marker) {
        return IntStream.rangeClosed(1, text.lines().size())
                .filter(line -> text.lines().get(line - 1).strip().equals(marker))
                .boxed()
                .toList();
    }

    ScriptText removedFrom(ScriptText text) {
        return text.without(line, count);
    }
}
