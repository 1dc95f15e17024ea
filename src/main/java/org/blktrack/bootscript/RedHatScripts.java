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
 * The Red-Hat-style boot scripts of one tree: the way in for everything outside this package.
 *
 * <p>All methods throw {@link BlktrackException}: status REFUSED with a {@link Reason}'s name where nothing was changed.
 */
public final class RedHatScripts {
    private static final String BY_HAND = "'blktrack boot lines' prints what to add by hand, and where.";

    private final Tree tree;
    private final Planner planner;
    private final Catalogue onBoard;
    private final StateDirectory state;
    private final Clock clock;

    RedHatScripts(Path root, BashSyntax bash, Catalogue onBoard, Clock clock) {
        this.tree = new Tree(root);
        this.planner = new Planner(tree, bash, new StateDirectory(tree));
        this.onBoard = onBoard;
        this.state = new StateDirectory(tree);
        this.clock = clock;
    }

    /** @param root the tree's top, {@code /} for the running system */
    public static RedHatScripts at(Path root) {
        return new RedHatScripts(root, BashSyntax.onThisMachine(), Catalogue.onBoard(), Clock.systemUTC());
    }

    /**
     * @param inside a path in the tree
     * @return where it lies on this machine, links resolved as they would be inside the tree
     */
    public Path locate(String inside) {
        try {
            return tree.resolve(inside);
        } catch (ScriptFault fault) {
            throw refusal(fault.reason(), fault.getMessage());
        }
    }

    /** True where rc.sysinit and halt are both there, as files or links to files inside the tree. */
    public boolean present() {
        return Stream.of(Script.values()).allMatch(script -> {
            try {
                return Files.isRegularFile(ScriptFile.locate(tree, script));
            } catch (ScriptFault fault) {
                return false;
            }
        });
    }

    /** What {@link #apply()} would do; changes nothing. */
    public RedHatPlan plan() {
        return plan(insertions(onBoard, true));
    }

    /** What {@link #applyKnown} would do; changes nothing. */
    public RedHatPlan planKnown(List<CatalogueRow> rows) {
        return plan(insertions(onBoard.and(rows), false));
    }

    /** What {@link #remove()} would do; changes nothing. */
    public RedHatPlan removalPlan() {
        return plan(removals());
    }

    /**
     * Puts both hooks in place, or neither. Known files go by the catalogue on board, others by their structure.
     *
     * @return what was done; never refused, that is an exception
     */
    public RedHatPlan apply() {
        return insert(insertions(onBoard, true));
    }

    /**
     * As {@link #apply()}, for files that the catalogue on board or {@code rows} know, and no others.
     *
     * @throws BlktrackException NO_PATCH with status NO_PATCH where a file without its hook is not known
     */
    public RedHatPlan applyKnown(List<CatalogueRow> rows) {
        return insert(insertions(onBoard.and(rows), false));
    }

    /** Puts back what an update took away; does nothing where the hooks were never put in place. */
    public RedHatPlan reapply() {
        return promised() ? apply() : new RedHatPlan(List.of(), List.of());
    }

    /** Whether a receipt says that the hooks were put in place. */
    public boolean promised() {
        try {
            for (Script script : Script.values()) {
                if (state.receipt(script).isPresent()) {
                    return true;
                }
            }
            return false;
        } catch (ScriptFault fault) {
            throw refusal(fault.reason(), fault.getMessage());
        }
    }

    /** Takes both hooks out again, keeps every other edit, and forgets receipts and backups. */
    public RedHatPlan remove() {
        List<PreparedChange> changes = removals();
        try {
            if (plan(changes).nothingToDo() && !state.exists()) {
                state.clear();
                return plan(changes);
            }
        } catch (ScriptFault fault) {
            throw refusal(fault.reason(), fault.getMessage());
        }
        return locked(changes, () -> {
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
        return new InitscriptsPackage(tree, onBoard).read();
    }

    /** What to add by hand, and where; works for scripts that are refused too. */
    public List<HandLines> lines() {
        return Stream.of(Script.values()).map(script -> HandGuide.of(tree, script)).toList();
    }

    private RedHatPlan insert(List<PreparedChange> changes) {
        RedHatPlan plan = plan(changes);
        refuse(plan);
        if (plan.nothingToDo()) {
            return plan;
        }
        String version = version().version();
        return locked(changes, () -> transaction().insert(changes, version));
    }

    private interface Work {
        void run() throws ScriptFault;
    }

    /** A script that changed after it was planned for is noticed when it is about to be replaced. */
    private RedHatPlan locked(List<PreparedChange> changes, Work work) {
        RedHatPlan plan = plan(changes);
        refuse(plan);
        try {
            state.make();
            try (StateLock lock = StateLock.take(state)) {
                work.run();
                return plan;
            }
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
        ExitStatus status = switch (reason) {
            case NO_PATCH -> ExitStatus.NO_PATCH;
            case BUSY -> ExitStatus.BUSY;
            default -> ExitStatus.REFUSED;
        };
        String named = message.contains("(" + reason + ")") ? message : message + " (" + reason + ")";
        return new BlktrackException(status, reason.name(), named, BY_HAND);
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

    private List<PreparedChange> insertions(Catalogue catalogue, boolean generate) {
        return each(script -> planner.insertion(script, catalogue, generate));
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
        } catch (IOException | ScriptFault e) {
            return List.of();
        }
    }
}
