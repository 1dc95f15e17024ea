package org.blktrack.bootscript;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;

/** Tells of one script whether its hook is in place, and if not, how it may have got lost. */
final class HookCheck {
    private final Tree tree;
    private final StateDirectory state;

    HookCheck(Tree tree, StateDirectory state) {
        this.tree = tree;
        this.state = state;
    }

    ScriptStatus check(Script script) {
        String place = "/" + script.places().get(0);
        ScriptFile file;
        try {
            file = ScriptFile.read(tree, script);
        } catch (ScriptFault fault) {
            return new ScriptStatus(script, place, ScriptStatus.State.NO_SCRIPT, fault.getMessage(), 0);
        }
        try {
            return check(file);
        } catch (ScriptFault fault) {
            ScriptStatus.State found = switch (fault.reason()) {
                case PARTIAL -> ScriptStatus.State.PARTIAL;
                case MISPLACED -> ScriptStatus.State.MISPLACED;
                default -> ScriptStatus.State.NO_SCRIPT;
            };
            return new ScriptStatus(script, file.inside(), found, fault.getMessage(), 0);
        }
    }

    private ScriptStatus check(ScriptFile file) throws ScriptFault {
        Script script = file.script();
        ScriptText text = file.text();
        Optional<PatchReceipt> receipt = state.receipt(script);
        Optional<HookBlock> block = HookBlock.find(text, script.hook(), receipt);
        if (block.isPresent()) {
            Planner.checkPlace(script, text, block.get());
            ScriptStatus.State found = block.get().current() ? ScriptStatus.State.IN_PLACE : ScriptStatus.State.OUTDATED;
            String whose = found == ScriptStatus.State.IN_PLACE ? "the hook" : "the hook of another version";
            return new ScriptStatus(script, file.inside(), found, whose + " stands in line " + block.get().line(), block.get().line());
        }
        if (HandCall.in(script, ShellScript.parse(text))) {
            return new ScriptStatus(script, file.inside(), ScriptStatus.State.BY_HAND,
                    "lines of someone's own call the helper", 0);
        }
        if (receipt.isEmpty()) {
            return new ScriptStatus(script, file.inside(), ScriptStatus.State.MISSING, "there is no hook", 0);
        }
        Path saved = file.path().resolveSibling(file.path().getFileName() + ".rpmsave");
        boolean kept = holdsHook(saved, script, receipt);
        return new ScriptStatus(
                script,
                file.inside(),
                kept ? ScriptStatus.State.RPMSAVE : ScriptStatus.State.OVERWRITTEN,
                "the hook put in place at " + receipt.get().appliedAt()
                        + (kept ? " is now in " + tree.inside(saved) : " was overwritten"),
                0);
    }

    private static boolean holdsHook(Path path, Script script, Optional<PatchReceipt> receipt) {
        try {
            return Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)
                    && HookBlock.find(ScriptText.decode(Files.readAllBytes(path)), script.hook(), receipt).isPresent();
        } catch (IOException | ScriptFault e) {
            return false;
        }
    }
}
