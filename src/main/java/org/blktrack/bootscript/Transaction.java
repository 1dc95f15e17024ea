package org.blktrack.bootscript;

import java.time.Clock;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Carries out a plan for both scripts: all of it, or, short of a crash, nothing. */
final class Transaction {
    private final StateDirectory state;
    private final Clock clock;

    Transaction(StateDirectory state, Clock clock) {
        this.state = state;
        this.clock = clock;
    }

    /** @param version of initscripts for the receipts, or null */
    void insert(List<PreparedChange> changes, String version) throws ScriptFault {
        Map<Script, Optional<PatchReceipt>> before = new EnumMap<>(Script.class);
        try {
            run(changes, change -> {
                Script script = change.plan().script();
                Optional<PatchReceipt> earlier = state.receipt(script);
                state.write(script, receipt(change, state.keep(change.file()), version));
                before.put(script, earlier);
            });
        } catch (ScriptFault fault) {
            for (Map.Entry<Script, Optional<PatchReceipt>> entry : before.entrySet()) {
                if (entry.getValue().isPresent()) {
                    state.write(entry.getKey(), entry.getValue().get());
                } else {
                    state.forget(entry.getKey());
                }
            }
            throw fault;
        }
    }

    void remove(List<PreparedChange> changes) throws ScriptFault {
        run(changes, change -> {});
    }

    private interface Step {
        void take(PreparedChange change) throws ScriptFault;
    }

    /** Everything that can be done beforehand is: after the first rename only the second can fail, and is then undone. */
    private static void run(List<PreparedChange> changes, Step beforeCommit) throws ScriptFault {
        List<Replacement> staged = new ArrayList<>();
        List<PreparedChange> effective = changes.stream().filter(PreparedChange::changes).toList();
        try {
            for (PreparedChange change : effective) {
                staged.add(Replacement.stage(change.file(), change.after()));
            }
            for (PreparedChange change : effective) {
                beforeCommit.take(change);
            }
            for (Replacement replacement : staged) {
                replacement.commit();
            }
        } catch (ScriptFault fault) {
            undo(effective, staged);
            throw fault;
        } finally {
            staged.forEach(Replacement::close);
        }
    }

    private static void undo(List<PreparedChange> changes, List<Replacement> staged) throws ScriptFault {
        for (int i = 0; i < staged.size(); i++) {
            if (staged.get(i).committed()) {
                ScriptFile file = changes.get(i).file();
                ScriptFile patched = new ScriptFile(file.script(), file.path(), file.inside(), changes.get(i).after());
                try (Replacement back = Replacement.stage(patched, file.bytes())) {
                    back.commit();
                }
            }
        }
    }

    private PatchReceipt receipt(PreparedChange change, String backup, String version) {
        ScriptPlan plan = change.plan();
        return new PatchReceipt(
                plan.script().fileName(), plan.path(), plan.sha256Before(), plan.sha256After(), plan.line(),
                plan.script().hook().toString(), plan.source().name(), version, backup, clock.instant().toString(),
                HookBlock.sha256(HookLines.of(plan.script().hook())));
    }
}
