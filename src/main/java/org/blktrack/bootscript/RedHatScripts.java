package org.blktrack.bootscript;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;

/**
 * The Red-Hat-style boot scripts of one tree: the way in for everything outside this package. Whoever changes them holds the {@link TreeLock}.
 *
 * <p>All methods throw {@link BlktrackException}: status REFUSED with a {@link Reason}'s name where nothing was changed.
 */
public final class RedHatScripts {
    private static final String BY_HAND = "'blktrack boot lines' prints what to add by hand, and where.";
    private static final String DAMAGED = "Take out by hand what is left of the lines from '" + HookLines.BEGIN + "' to '" + HookLines.END + "', then try again.";

    private final Tree tree;
    private final Planner planner;
    private final Catalogue catalogue;
    private final boolean generates;
    private final StateDirectory state;
    private final Clock clock;

    /** @param generates whether a file that the catalogue does not know is patched by its structure */
    RedHatScripts(Tree tree, BashSyntax bash, Catalogue catalogue, boolean generates, Clock clock) {
        this.tree = tree;
        this.planner = new Planner(tree, bash, new StateDirectory(tree));
        this.catalogue = catalogue;
        this.generates = generates;
        this.state = new StateDirectory(tree);
        this.clock = clock;
    }

    /** Patches known files by the catalogue on board, and others by their structure. */
    public static RedHatScripts in(Tree tree) {
        return new RedHatScripts(tree, BashSyntax.onThisMachine(), Catalogue.onBoard(), true, Clock.systemUTC());
    }

    /** Patches files that the catalogue on board or these rows know, and no others: those are refused with NO_PATCH. */
    public static RedHatScripts knownIn(Tree tree, List<CatalogueRow> rows) {
        return new RedHatScripts(tree, BashSyntax.onThisMachine(), Catalogue.onBoard().and(rows), false, Clock.systemUTC());
    }

    /** What {@link #apply()} would do; changes nothing. */
    public RedHatPlan plan() {
        return plan(insertions());
    }

    /** What {@link #remove()} would do; changes nothing. */
    public RedHatPlan removalPlan() {
        return plan(removals());
    }

    /**
     * Puts both hooks in place, or neither.
     *
     * @return what was done; never refused, that is an exception
     */
    public RedHatPlan apply() {
        List<PreparedChange> changes = insertions();
        return carriedOut(changes, () -> {
            if (changes.stream().anyMatch(PreparedChange::changes)) {
                state.make();
                transaction().insert(changes, version().version());
            }
        });
    }

    /** Takes both hooks out again, keeps every other edit, and forgets receipts and backups. */
    public RedHatPlan remove() {
        List<PreparedChange> changes = removals();
        return carriedOut(changes, () -> {
            transaction().remove(changes);
            for (PreparedChange change : changes) {
                cleanUp(change);
            }
            state.clear();
        });
    }

    public RedHatStatus status() {
        HookCheck check = new HookCheck(tree, state);
        return new RedHatStatus(Stream.of(Script.values()).map(check::check).toList(), version());
    }

    /** The installed initscripts version, from rpm or from the files alone. */
    public InitscriptsVersion version() {
        return new InitscriptsPackage(tree, catalogue).read();
    }

    /** What to add by hand, and where; works for scripts that are refused too. */
    public List<ScriptLines> lines() {
        return Stream.of(Script.values()).map(script -> HandGuide.of(tree, script)).toList();
    }

    private interface Work {
        void run() throws ScriptFault;
    }

    /** A script that changed after it was planned for is noticed when it is about to be replaced. */
    private RedHatPlan carriedOut(List<PreparedChange> changes, Work work) {
        RedHatPlan plan = plan(changes);
        refuse(plan);
        try {
            work.run();
            return plan;
        } catch (ScriptFault fault) {
            throw refusal(fault.reason(), fault.getMessage());
        }
    }

    private static void refuse(RedHatPlan plan) {
        plan.scripts().stream().filter(script -> script.action() == ScriptPlan.Action.REFUSE).findFirst().ifPresent(script -> {
            throw refusal(script.reason(), script.path() + " is left as it is (" + script.reason() + "): " + script.detail());
        });
    }

    private static BlktrackException refusal(Reason reason, String message) {
        ExitStatus status = reason == Reason.NO_PATCH ? ExitStatus.NO_PATCH : ExitStatus.REFUSED;
        String named = message.contains("(" + reason + ")") ? message : message + " (" + reason + ")";
        return new BlktrackException(status, reason.name(), named, remedy(reason));
    }

    /** The way out of a script that is refused. */
    public static String remedy(Reason reason) {
        return reason == Reason.PARTIAL ? DAMAGED : BY_HAND;
    }

    private static void cleanUp(PreparedChange change) throws ScriptFault {
        if (change.file() != null) {
            try {
                Replacement.clean(change.file().path());
            } catch (IOException e) {
                throw Faults.of("remove the copy beside " + change.file().inside(), e);
            }
        }
    }

    private Transaction transaction() {
        return new Transaction(state, clock);
    }

    private List<PreparedChange> insertions() {
        return each(script -> planner.insertion(script, catalogue, generates));
    }

    private List<PreparedChange> removals() {
        return each(planner::removal);
    }

    private static List<PreparedChange> each(Function<Script, PreparedChange> plan) {
        return Stream.of(Script.values()).map(plan).toList();
    }

    private RedHatPlan plan(List<PreparedChange> changes) {
        return new RedHatPlan(changes.stream().map(PreparedChange::plan).toList(), notes());
    }

    /** What stays outside: init.d/netfs attaches network block devices and checks their file systems itself, long after rc.sysinit. */
    public List<String> notes() {
        try {
            Path netfs = tree.resolve("etc/rc.d/init.d/netfs");
            boolean checks = Files.isRegularFile(netfs)
                    && Files.readString(netfs, StandardCharsets.ISO_8859_1).lines().anyMatch(line -> line.matches(".*\\bfsck\\b.*-A.*"));
            return checks
                    ? List.of("Volumes marked _netdev in /etc/fstab appear in init.d/netfs, after tracking has started:"
                            + " their record does not outlive a reboot.")
                    : List.of();
        } catch (IOException | BlktrackException e) {
            return List.of();
        }
    }
}
