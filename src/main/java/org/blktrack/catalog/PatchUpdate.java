package org.blktrack.catalog;

import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.blktrack.boot.BootIntegration;
import org.blktrack.boot.InitRecognition;
import org.blktrack.bootscript.CatalogueRow;
import org.blktrack.bootscript.Reason;
import org.blktrack.bootscript.RedHatPlan;
import org.blktrack.bootscript.RedHatScripts;
import org.blktrack.bootscript.ScriptPlan;
import org.blktrack.bootscript.Tree;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;

/**
 * Looks for patches that fit a machine's rc.sysinit and halt, on board and then in a catalogue, and applies them.
 *
 * <p>A catalogue that is named on the command line is always asked, and any fault in it ends the work; the configured one is
 * asked only where those on board don't fit.
 */
public final class PatchUpdate {
    private final Tree tree;
    private final Map<String, String> environment;
    private final Clock clock;

    /** How it ended. */
    public enum Outcome {
        APPLIED,
        /** A patch fits, and was only asked for. */
        AVAILABLE,
        UP_TO_DATE,
        NO_PATCH,
        /** No init system is known here, so whatever would fit, nothing runs it: a container, for one. */
        NO_INIT,
        NOT_NEEDED
    }

    /** @param environment for the names of proxies */
    public PatchUpdate(Tree tree, Map<String, String> environment, Clock clock) {
        this.tree = tree;
        this.environment = environment;
        this.clock = clock;
    }

    /**
     * @param catalog address or directory, or null
     * @param checkOnly change nothing, not even the record of versions seen
     * @throws BlktrackException REFUSED with the reason, FAILED where the catalogue can't be reached
     */
    public Outcome run(String catalog, boolean checkOnly) {
        if (InitRecognition.isSystemd(tree)) {
            return Outcome.NOT_NEEDED;
        }
        List<CatalogueRow> rows = catalog == null ? List.of() : remote(catalog, checkOnly);
        if (!BootIntegration.of(tree, null).knowsInit()) {
            return Outcome.NO_INIT;
        }
        RedHatPlan plan = plan(rows);
        if (catalog == null && isUnknown(plan)) {
            String configured = config().url();
            if (configured != null) {
                rows = remote(configured, checkOnly);
                plan = plan(rows);
            }
        }
        return carryOut(plan, rows, checkOnly);
    }

    private RedHatPlan plan(List<CatalogueRow> rows) {
        return RedHatScripts.knownIn(tree, rows).plan();
    }

    private Outcome carryOut(RedHatPlan plan, List<CatalogueRow> rows, boolean checkOnly) {
        for (ScriptPlan script : plan.scripts()) {
            if (script.action() == ScriptPlan.Action.REFUSE && !isUnknown(script)) {
                throw new BlktrackException(ExitStatus.REFUSED, script.reason().name(),
                        script.path() + " is left as it is (" + script.reason() + "): " + script.detail(),
                        RedHatScripts.remedy(script.reason()));
            }
        }
        if (isUnknown(plan)) {
            return Outcome.NO_PATCH;
        }
        BootIntegration boot = BootIntegration.ofPatches(tree, rows);
        if (plan.nothingToDo()) {
            return Outcome.UP_TO_DATE;
        }
        if (checkOnly) {
            boot.previewInstall(false);
            return Outcome.AVAILABLE;
        }
        boot.install(false);
        return Outcome.APPLIED;
    }

    private static boolean isUnknown(RedHatPlan plan) {
        return plan.scripts().stream().anyMatch(PatchUpdate::isUnknown);
    }

    private static boolean isUnknown(ScriptPlan script) {
        return script.reason() == Reason.NO_PATCH || script.reason() == Reason.NOT_FOUND;
    }

    private List<CatalogueRow> remote(String where, boolean checkOnly) {
        Path seen = tree.resolve("var/lib/blktrack/catalog/seen.json");
        return new RemoteCatalog(
                config().source(where, environment),
                CatalogConfig.trustedKeys(tree.resolve("etc/blktrack/keys.d")),
                new SeenVersions(seen, !checkOnly),
                clock)
                .load().rows();
    }

    private CatalogConfig config() {
        return CatalogConfig.read(tree.resolve("etc/blktrack/catalog.conf")).in(tree::resolve);
    }
}
