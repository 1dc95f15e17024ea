package org.blktrack.model.persistence;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * The protocol of start, merge, dirty mark, save and crash, as a machine that makes one small step at a time. Its volume has two granules. A
 * write to the table's disk is cached first; a flush makes it durable; a crash keeps or loses each cached write by itself.
 *
 * <p>Two worlds: where the volume has a fingerprint, others may write between boots and boots may go untracked; where it has none (the
 * administrator vouches for that), neither happens, but a boot may be vetoed. What must hold in both: a record that says complete has every write
 * in it.
 *
 * <p>One thing is left out of the second world, because it is a boot that was not tracked, and only a fingerprint can tell of those: the caller
 * leaves at its limit, something writes, and the machine crashes before the late dirty mark is durable. Explored too, it is found as a loss.
 */
final class Protocol {
    /** Each takes one thing out of the protocol, and each must be found out. */
    enum Mutation {
        NONE,
        /** The start returns, and the volume is mounted, before the dirty mark is durable. */
        MOUNT_BEFORE_DIRTY_MARK,
        /** The mark counts as set without a flush behind it. */
        DIRTY_MARK_NOT_FLUSHED,
        /** The clean mark goes out together with the bitmaps, without a flush between. */
        CLEAN_MARK_NOT_LAST,
        /** Saves while the volume is mounted read-write. */
        SAVE_WHILE_WRITABLE,
        /** Does not look again whether something was marked after the bitmaps were read. */
        NO_SECOND_LOOK,
        /** Believes a clean table whatever the fingerprint says. */
        NO_FINGERPRINT,
        /** Takes the fingerprint after the mount. */
        FINGERPRINT_AFTER_MOUNT,
        /** Attaches after the caller has gone on to mount. */
        ATTACH_AFTER_MOUNT,
        /** Believes the record although the caller left before the mark. */
        LATE_MARK_BELIEVED,
        /** A vetoed boot leaves the clean mark where it is. */
        VETO_NOT_MARKED,
        /** The dirty mark goes into the other slot, so that the clean one stays behind it. */
        CLEAN_SLOT_LEFT,
        /** A page counts as unchanged if it has as many bits as before, although a checkpoint came between. */
        COUNTS_ACROSS_EPOCHS,
    }

    static final int BOOTS = 3;

    private final Mutation mutation;
    private final boolean fingerprints;

    Protocol(Mutation mutation, boolean fingerprints) {
        this.mutation = mutation;
        this.fingerprints = fingerprints;
    }

    /** Where the boot's own helper stands. */
    enum Step { OFF, BOOTED, ATTACHED, COMPARED, MARKING, MARKED, RUNNING, SAVE_MARKED, BITS_READ, BITS_WRITTEN, FLUSHED, CLEANING, SAVED }

    enum Trust { NONE, PENDING, COMPLETE, UNKNOWN }

    enum Mount { NO, WRITABLE, READ_ONLY }

    /** What lies on the table's disk: a value each for the marks and for the saved record. */
    record Table(boolean clean, int bits, int print) {}

    /**
     * @param truth granules written since the consumer's last checkpoint: what must be reported
     * @param generation what the fingerprint shows of the volume: one more with each mount that writes
     * @param durable the table after a crash that loses everything cached
     * @param cached the table as a read sees it
     * @param took the fingerprint of this boot's attach
     * @param accepted the saved record was believed and waits for the mark
     * @param known the pages in the table are an earlier reading of the live epoch, so that counting tells whether they have changed
     */
    record State(int boot, Step step, Trust trust, Mount mount, boolean callerGone, boolean tracked, int live, int truth, int generation,
            Table durable, Table cached, int took, boolean accepted, int read, boolean ghost,
            boolean known) {
        boolean lost() {
            return trust == Trust.COMPLETE && (truth & ~live) != 0;
        }

        State with(Step to) {
            return new State(boot, to, trust, mount, callerGone, tracked, live, truth, generation, durable, cached, took, accepted, read, ghost, known);
        }

        State trust(Trust to) {
            return new State(boot, step, to, mount, callerGone, tracked, live, truth, generation, durable, cached, took, accepted, read, ghost, known);
        }

        State mount(Mount to, int newGeneration) {
            return new State(boot, step, trust, to, callerGone, tracked, live, truth, newGeneration, durable, cached, took, accepted, read, ghost, known);
        }

        State caller(boolean gone) {
            return new State(boot, step, trust, mount, gone, tracked, live, truth, generation, durable, cached, took, accepted, read, ghost, known);
        }

        State marks(int newLive, int newTruth) {
            return new State(boot, step, trust, mount, callerGone, tracked, newLive, newTruth, generation, durable, cached, took, accepted, read, ghost, known);
        }

        State attached() {
            return new State(boot, step, trust, mount, callerGone, true, live, truth, generation, durable, cached, took, accepted, read, ghost, known);
        }

        State table(Table newDurable, Table newCached) {
            return new State(boot, step, trust, mount, callerGone, tracked, live, truth, generation, newDurable, newCached, took, accepted, read, ghost, known);
        }

        State print(int print) {
            return new State(boot, step, trust, mount, callerGone, tracked, live, truth, generation, durable, cached, print, accepted, read, ghost, known);
        }

        State believed(boolean yes) {
            return new State(boot, step, trust, mount, callerGone, tracked, live, truth, generation, durable, cached, took, yes, read, ghost, known);
        }

        State bits(int bits) {
            return new State(boot, step, trust, mount, callerGone, tracked, live, truth, generation, durable, cached, took, accepted, bits, ghost, known);
        }

        State haunted(boolean clean) {
            return new State(boot, step, trust, mount, callerGone, tracked, live, truth, generation, durable, cached, took, accepted, read, clean, known);
        }

        State known(boolean yes) {
            return new State(boot, step, trust, mount, callerGone, tracked, live, truth, generation, durable, cached, took, accepted, read, ghost, yes);
        }
    }

    /** Saved, switched off, nothing written yet. */
    static State first() {
        Table table = new Table(true, 0, 0);
        return new State(0, Step.OFF, Trust.NONE, Mount.NO, false, false, 0, 0, 0, table, table, -1, false, 0, false, false);
    }

    /** All states one step on. */
    List<State> next(State state) {
        List<State> to = new ArrayList<>();
        if (state.step() == Step.OFF) {
            switchedOff(state, to);
            return to;
        }
        boolean untracked = !fingerprints && state.callerGone() && state.step().ordinal() < Step.MARKED.ordinal();
        if (!untracked) {
            crash(state, to);
        }
        environment(state, to);
        helper(state, to);
        return to;
    }

    private void switchedOff(State state, List<State> to) {
        if (fingerprints && state.generation() < 4) {       // somebody else mounts it and writes
            for (int granule : new int[] {1, 2}) {
                to.add(state.mount(Mount.NO, state.generation() + 1).marks(0, state.truth() | granule));
            }
        }
        if (state.boot() == BOOTS) {
            return;
        }
        State up = new State(state.boot() + 1, Step.BOOTED, Trust.NONE, Mount.NO, false, false, 0, state.truth(), state.generation(),
                state.durable(), state.durable(), -1, false, 0, state.ghost(), false);
        to.add(up);
        if (fingerprints) {                                 // a boot that tracks nothing: mounts, writes, ends
            to.add(up.with(Step.OFF).mount(Mount.NO, state.generation() + 1).marks(0, state.truth() | 1));
        } else {                                            // a vetoed boot: the helper marks the table, then the same
            Table marked = mutation == Mutation.VETO_NOT_MARKED ? state.durable() : new Table(false, state.durable().bits(), state.durable().print());
            to.add(up.with(Step.OFF).table(marked, marked).marks(0, state.truth() | 2));
        }
    }

    /** Each cached write is kept or lost by itself. A bit flipped in the newer slot lets an older clean one through, where it was left. */
    private void crash(State state, List<State> to) {
        for (boolean clean : both(state.durable().clean(), state.cached().clean())) {
            for (int bits : both(state.durable().bits(), state.cached().bits())) {
                for (int print : both(state.durable().print(), state.cached().print())) {
                    to.add(off(state, new Table(clean, bits, print)));
                }
            }
        }
        if (state.ghost()) {
            to.add(off(state, new Table(true, state.durable().bits(), state.durable().print())));
        }
    }

    private static State off(State state, Table table) {
        return new State(state.boot(), Step.OFF, Trust.NONE, Mount.NO, false, false, 0, state.truth(), state.generation(), table, table, -1, false, 0,
                state.ghost(), false);
    }

    private static Set<Boolean> both(boolean one, boolean other) {
        return one == other ? Set.of(one) : Set.of(one, other);
    }

    private static int[] both(int one, int other) {
        return one == other ? new int[] {one} : new int[] {one, other};
    }

    /** The boot scripts, the file system, the consumer. */
    private void environment(State state, List<State> to) {
        boolean starting = state.step().ordinal() < Step.RUNNING.ordinal();
        boolean early = mutation == Mutation.MOUNT_BEFORE_DIRTY_MARK && state.step().ordinal() >= Step.ATTACHED.ordinal();
        if (starting && !state.callerGone()) {
            to.add(state.caller(true));                     // the limit has come: the boot goes on
        }
        if (state.mount() == Mount.NO && (!starting || state.callerGone() || early || mayMountEarly(state)) && state.step().ordinal() <= Step.RUNNING.ordinal()
                && state.generation() < 6) {
            to.add(state.mount(Mount.WRITABLE, fingerprints ? state.generation() + 1 : state.generation()));
        }
        if (state.mount() == Mount.WRITABLE) {
            for (int granule : new int[] {1, 2}) {
                to.add(state.marks(state.tracked() ? state.live() | granule : state.live(), state.truth() | granule));
            }
            to.add(state.mount(Mount.READ_ONLY, state.generation()));
        }
        if (state.mount() == Mount.READ_ONLY && state.step().ordinal() >= Step.SAVE_MARKED.ordinal() && state.step() != Step.SAVED
                && state.step() != Step.CLEANING) {         // a writer below the file system, of whom nobody knew; marked, for we are attached
            to.add(state.marks(state.live() | 1, state.truth() | 1));
        }
        if (state.step() == Step.RUNNING && state.tracked()) {
            if (state.trust() == Trust.COMPLETE || state.trust() == Trust.UNKNOWN) {
                // A checkpoint; after a doubt with a full backup. It opens another epoch.
                to.add(state.trust(Trust.COMPLETE).marks(0, 0).known(state.known() && mutation == Mutation.COUNTS_ACROSS_EPOCHS));
                // A refresh, under the dirty mark and without a flush.
                Table refreshed = new Table(state.cached().clean(), written(state, state.live()), state.cached().print());
                to.add(state.table(state.durable(), refreshed).known(true));
            }
        }
    }

    private boolean mayMountEarly(State state) {
        return (mutation == Mutation.ATTACH_AFTER_MOUNT && state.step() == Step.BOOTED)
                || (mutation == Mutation.FINGERPRINT_AFTER_MOUNT && state.step() == Step.BOOTED);
    }

    private void helper(State state, List<State> to) {
        switch (state.step()) {
            case BOOTED -> {
                State attached = state.attached().with(Step.ATTACHED).trust(Trust.PENDING);
                // The fingerprint is read after the attach; the real one waits for no mount, so neither does this.
                boolean seesMount = mutation == Mutation.FINGERPRINT_AFTER_MOUNT;
                to.add(attached.print(seesMount && state.mount() != Mount.NO ? state.cached().print() : state.generation()));
            }
            case ATTACHED -> {
                boolean same = mutation == Mutation.NO_FINGERPRINT || !fingerprints || state.took() == state.cached().print();
                to.add(state.believed(state.cached().clean() && same).with(Step.COMPARED));
            }
            case COMPARED -> {
                Table marked = new Table(false, state.cached().bits(), state.cached().print());
                State next = state.table(state.durable(), marked).with(Step.MARKING);
                to.add(mutation == Mutation.CLEAN_SLOT_LEFT && state.cached().clean() ? next.haunted(true) : next);
            }
            case MARKING -> to.add((mutation == Mutation.DIRTY_MARK_NOT_FLUSHED ? state : state.table(state.cached(), state.cached())).with(Step.MARKED));
            case MARKED -> {
                boolean inTime = !state.callerGone() || mutation == Mutation.LATE_MARK_BELIEVED;
                boolean complete = state.accepted() && inTime;
                State merged = complete ? state.marks(state.live() | state.cached().bits(), state.truth()) : state;
                to.add(merged.known(complete).trust(complete ? Trust.COMPLETE : Trust.UNKNOWN).with(Step.RUNNING).caller(true));
            }
            case RUNNING -> {
                if (state.mount() != Mount.WRITABLE || mutation == Mutation.SAVE_WHILE_WRITABLE) {
                    to.add(state.with(Step.SAVE_MARKED));
                }
            }
            case SAVE_MARKED -> to.add(state.bits(state.live()).with(Step.BITS_READ));
            case BITS_READ -> {
                // An unknown record is saved with its reason; here as a fingerprint that no volume has.
                int print = state.trust() == Trust.COMPLETE ? state.generation() : -2;
                if (!fingerprints && state.trust() != Trust.COMPLETE) {
                    to.add(state.with(Step.SAVED));         // nothing to save that a next boot would believe
                } else {
                    Table written = new Table(state.cached().clean(), written(state, state.read()), print);
                    to.add(state.table(state.durable(), written).known(true).with(Step.BITS_WRITTEN));
                }
            }
            case BITS_WRITTEN -> {
                State flushed = mutation == Mutation.CLEAN_MARK_NOT_LAST ? state : state.table(state.cached(), state.cached());
                to.add(flushed.with(Step.FLUSHED));
            }
            case FLUSHED -> {
                boolean quiet = state.live() == state.read() || mutation == Mutation.NO_SECOND_LOOK || mutation == Mutation.SAVE_WHILE_WRITABLE;
                to.add(quiet ? state.table(state.durable(), new Table(true, state.cached().bits(), state.cached().print())).with(Step.CLEANING)
                        : state.with(Step.SAVED));
            }
            case CLEANING -> to.add(state.table(state.cached(), state.cached()).haunted(false).with(Step.SAVED));
            default -> { }                                  // saved: only the end of the power is left
        }
    }

    /** The page after a refresh or a save: left as it is where its bits are as many, if they are known to be of this epoch. */
    private static int written(State state, int bits) {
        int there = state.cached().bits();
        return state.known() && Integer.bitCount(there) == Integer.bitCount(bits) ? there : bits;
    }

    static Set<Mutation> mutations() {
        return EnumSet.complementOf(EnumSet.of(Mutation.NONE));
    }
}
