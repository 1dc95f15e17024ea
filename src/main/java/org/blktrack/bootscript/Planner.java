package org.blktrack.bootscript;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.blktrack.model.Digest;

/** Works out what is to be done to a script, and checks the result before anything is written. */
final class Planner {
    private static final int DIFF_CONTEXT = 3;

    private final Tree tree;
    private final BashSyntax bash;
    private final StateDirectory state;

    Planner(Tree tree, BashSyntax bash, StateDirectory state) {
        this.tree = tree;
        this.bash = bash;
        this.state = state;
    }

    /** @param generate whether a file without a row may be patched by its structure */
    PreparedChange insertion(Script script, Catalogue catalogue, boolean generate) {
        ScriptFile file = null;
        try {
            file = ScriptFile.read(tree, script);
            ScriptText text = file.text();
            Optional<HookBlock> there = HookBlock.find(text, script.hook(), state.receipt(script));
            if (there.isPresent()) {
                checkPlace(script, text, there.get());
                return there.get().current() ? unchanged(file, there.get().line(), "the hook is in place") : renewed(file, text, there.get());
            }
            ShellScript shell = ShellScript.parse(text);
            if (HandCall.in(script, shell)) {
                return unchanged(file, 0, "lines of someone's own call the helper");
            }
            Optional<CatalogueRow> row = catalogue.find(script, file.sha256());
            if (row.isEmpty() && !generate) {
                throw new ScriptFault(Reason.NO_PATCH, "no catalogue knows this file");
            }
            int line = row.isPresent() ? lineOf(row.get(), shell, text) : Place.in(script, shell).find();
            ScriptPlan.Source source = row.isPresent() ? ScriptPlan.Source.CATALOGUE : ScriptPlan.Source.GENERATED;
            LineChange change = LineChange.insertion(text, line, HookLines.of(script.hook()));
            return inserted(file, text, change, line, source);
        } catch (ScriptFault fault) {
            return refused(script, file, fault);
        }
    }

    private static int lineOf(CatalogueRow row, ShellScript shell, ScriptText text) throws ScriptFault {
        try {
            if (row.line() > text.lines().size()) {
                throw new ScriptFault(Reason.BAD_ROW, "the file has only " + text.lines().size() + " lines");
            }
            Place.in(Script.named(row.file()), shell).check(row.line());
            return row.line();
        } catch (ScriptFault fault) {
            throw new ScriptFault(Reason.BAD_ROW, "the catalogue's line " + row.line() + " is wrong: " + fault.getMessage());
        }
    }

    /** The lines stay where they stand, as they do where they are today's. */
    private PreparedChange renewed(ScriptFile file, ScriptText text, HookBlock old) throws ScriptFault {
        LineChange change = LineChange.replacement(text, old, HookLines.of(file.script().hook()));
        return inserted(file, old.removedFrom(text), change, old.line(), ScriptPlan.Source.RENEWED);
    }

    /** @param bare the script without a hook */
    private PreparedChange inserted(ScriptFile file, ScriptText bare, LineChange change, int line, ScriptPlan.Source source)
            throws ScriptFault {
        Replacement.check(file);
        ScriptText after = change.apply();
        verify(file, bare, after, line);
        String diff = change.unified(file.inside(), DIFF_CONTEXT);
        String detail = "the hook goes before line " + line;
        byte[] bytes = after.encode();
        return new PreparedChange(
                new ScriptPlan(file.script(), file.inside(), ScriptPlan.Action.INSERT, null, detail, line, source, diff,
                        file.sha256(), Digest.sha256(bytes)),
                file, bytes);
    }

    /**
     * Parts and whole are valid, nothing but the hook was added, and it is found again where it was put. A script that bash
     * rejects is refused here too, since then one of the parts is invalid.
     */
    private void verify(ScriptFile file, ScriptText before, ScriptText after, int line) throws ScriptFault {
        boolean posix = before.isPosix();
        bash.check(before.head(line - 1), posix, "the part of " + file.inside() + " above line " + line);
        bash.check(before.tail(line - 1), posix, "the part of " + file.inside() + " from line " + line + " on");
        bash.check(after, posix, "the patched " + file.inside());
        HookBlock block = HookBlock.find(after, file.script().hook(), Optional.empty()).orElse(null);
        if (block == null || block.line() != line || !block.removedFrom(after).equals(before)) {
            throw new ScriptFault(Reason.AMBIGUOUS, "the patched script does not read back as the old one and the hook");
        }
        checkPlace(file.script(), after, block);
    }

    /** A hook in the wrong place, as after the script around it was rearranged, is worse than none: it claims to track. */
    static void checkPlace(Script script, ScriptText text, HookBlock block) throws ScriptFault {
        ShellScript without = ShellScript.parse(block.removedFrom(text));
        try {
            Place.in(script, without).check(block.line());
        } catch (ScriptFault fault) {
            throw new ScriptFault(Reason.MISPLACED, fault.getMessage());
        }
    }

    PreparedChange removal(Script script) {
        ScriptFile file = null;
        try {
            file = ScriptFile.read(tree, script);
            ScriptText text = ScriptText.of(new String(file.bytes(), StandardCharsets.ISO_8859_1));
            Optional<HookBlock> block = HookBlock.find(text, script.hook(), state.receipt(script));
            if (block.isEmpty()) {
                return unchanged(file, 0, "there is no hook to remove");
            }
            Replacement.check(file);
            LineChange change = LineChange.removal(text, block.get());
            byte[] bytes = change.apply().encode();
            return new PreparedChange(
                    new ScriptPlan(script, file.inside(), ScriptPlan.Action.REMOVE, null, "the hook is taken out",
                            block.get().line(), null, change.unified(file.inside(), DIFF_CONTEXT), file.sha256(),
                            Digest.sha256(bytes)),
                    file, bytes);
        } catch (ScriptFault fault) {
            return holdsNoHook(script, fault.reason())
                    ? new PreparedChange(plan(script, null, ScriptPlan.Action.NOTHING, null, 0, fault.getMessage()), null, null)
                    : refused(script, file, fault);
        }
    }

    /** What is no file can't hold one; where a receipt says that it did, somebody has to look. */
    private boolean holdsNoHook(Script script, Reason reason) {
        try {
            return reason == Reason.NOT_FOUND || (reason == Reason.NOT_A_FILE && state.receipt(script).isEmpty());
        } catch (ScriptFault unreadable) {
            return false;
        }
    }

    private PreparedChange unchanged(ScriptFile file, int line, String detail) {
        return new PreparedChange(plan(file.script(), file, ScriptPlan.Action.NOTHING, null, line, detail), file, null);
    }

    private PreparedChange refused(Script script, ScriptFile file, ScriptFault fault) {
        ScriptPlan plan = plan(script, file, ScriptPlan.Action.REFUSE, fault.reason(), 0, fault.getMessage());
        return new PreparedChange(plan, file, null);
    }

    private static ScriptPlan plan(
            Script script, ScriptFile file, ScriptPlan.Action action, Reason reason, int line, String detail) {
        String path = file == null ? "/" + script.places().get(0) : file.inside();
        return new ScriptPlan(script, path, action, reason, detail, line, null, "", file == null ? null : file.sha256(), null);
    }
}
