package org.blktrack.bootscript;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.blktrack.model.Digest;

/**
 * A hook's lines in a script.
 *
 * @param line 1-based line of the begin marker
 * @param count lines, markers included
 * @param current whether they are what is put in today; else another version put them there
 */
record HookBlock(int line, int count, boolean current) {

    /**
     * Looks for the block. Only lines that are exactly this program's count as intact, or exactly those of which the receipt tells that an
     * earlier version put them in: what someone wrote between the markers would be lost with them.
     *
     * @param receipt of the script
     * @throws ScriptFault PARTIAL where markers are there but not one whole block
     */
    static Optional<HookBlock> find(ScriptText text, Hook hook, Optional<PatchReceipt> receipt) throws ScriptFault {
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
        List<String> found = text.lines().subList(line - 1, line - 1 + count);
        boolean current = stripped(found).equals(stripped(HookLines.of(hook)));
        if (!current && receipt.filter(one -> tellsOf(one, text, found)).isEmpty()) {
            throw new ScriptFault(Reason.PARTIAL, "the lines between the markers, " + line + " to " + ends.get(0)
                    + ", are not the hook's");
        }
        return Optional.of(new HookBlock(line, count, current));
    }

    private static List<String> stripped(List<String> lines) {
        return lines.stream().map(String::strip).toList();
    }

    /** By their own hash; by the file's too, since after a crash the receipt may tell already of lines that were to take these ones' place. */
    private static boolean tellsOf(PatchReceipt receipt, ScriptText text, List<String> lines) {
        String file = Digest.sha256(text.encode());
        return sha256(lines).equals(receipt.hookSha256()) || file.equals(receipt.sha256Before()) || file.equals(receipt.sha256After());
    }

    static String sha256(List<String> lines) {
        return Digest.sha256Latin1(String.join("\n", lines));
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
