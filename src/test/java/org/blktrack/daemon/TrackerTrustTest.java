package org.blktrack.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ChangeId;
import org.blktrack.model.ExitStatus;
import org.blktrack.model.SeriesId;
import org.blktrack.track.Answer;
import org.blktrack.track.Tracker;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every way in which a record may not be what the kernel tracks: each is a reason, none is an answer. */
class TrackerTrustTest {
    @TempDir
    Path folder;

    private Machine machine;
    private Tracker tracker;
    private String start;

    @BeforeEach
    void track() {
        machine = new Machine(folder);
        tracker = machine.daemon();
        start = tracker.enable(Machine.A, 4096, false, false).record().live().hex();
    }

    private void write(int first, int end) {
        machine.kernel.volume(Machine.A).write(first, end);
    }

    private String checkpoint() {
        return tracker.createCheckpoint(Machine.A).id().hex();
    }

    private String reason(String device, String since, String until) {
        try (Answer answer = tracker.changes(device, since, until)) {
            assertEquals(answer.trust().isComplete(), answer.bits() != null);
            return answer.trust().reason();
        }
    }

    private List<Path> files(Path under) throws IOException {
        try (Stream<Path> all = Files.walk(under)) {
            return all.filter(Files::isRegularFile).toList();
        }
    }

    @Test
    void idsThatNobodyKnows() {
        assertEquals("UNKNOWN_CHANGE_ID", reason(Machine.A, ChangeId.random().hex(), null));
        assertEquals("UNKNOWN_CHANGE_ID", reason(Machine.A, "no id at all", null));
        assertEquals("UNKNOWN_CHANGE_ID", reason(Machine.A, start, start.toUpperCase(java.util.Locale.ROOT)));
        String other = tracker.enable(Machine.B, 4096, false, false).record().live().hex();
        try (Answer answer = tracker.changes(Machine.A, other, null)) {
            assertEquals("UNKNOWN_CHANGE_ID", answer.trust().reason());
            assertTrue(answer.trust().evidence().contains(Machine.B), answer.trust().evidence());
        }
    }

    @Test
    void anEmptyRangeIsAnAnswerAndABackwardOneIsAMistake() {
        String next = checkpoint();
        assertTrue(Machine.bits(tracker.changes(Machine.A, next, next))[0].isEmpty());
        assertEquals(ExitStatus.USAGE, assertThrows(BlktrackException.class, () -> tracker.changes(Machine.A, next, start)).status());
    }

    /** A write that was under way when marking began may land after a backup has read its place, and is in no epoch. */
    @Test
    void theFirstIdOfABusyVolumeIsNone() {
        machine.kernel.comesBusy = true;
        String first = tracker.enable(Machine.B, 4096, false, false).record().live().hex();
        assertEquals("UNKNOWN_CHANGE_ID", reason(Machine.B, first, null));
        String next = tracker.createCheckpoint(Machine.B).id().hex();
        assertEquals("UNKNOWN_CHANGE_ID", reason(Machine.B, first, next));
        machine.kernel.volume(Machine.B).write(3, 4);
        assertEquals(1, Machine.bits(tracker.changes(Machine.B, next, null))[0].cardinality());
        assertEquals(1, machine.daemon().status(Machine.B).get(0).record().checkpoints().stream().filter(each -> !each.deleted()).count());
    }

    @Test
    void aVolumeThatIsNotTracked() {
        assertEquals("NOT_TRACKED_SINCE", reason(Machine.B, start, null));
        assertEquals("NOT_TRACKED", assertThrows(BlktrackException.class, () -> tracker.createCheckpoint(Machine.B)).reason());
        assertEquals("NO_SUCH_DEVICE", assertThrows(BlktrackException.class, () -> tracker.changes("/dev/none", start, null)).reason());
        tracker.disable(Machine.A);
        assertEquals("NOT_TRACKED_SINCE", reason(Machine.A, start, null));
        tracker.enable(Machine.A, 4096, false, false);
        assertEquals("NOT_TRACKED_SINCE", reason(Machine.A, start, null));
    }

    @Test
    void everyReasonOfTheKernelEndsTheSeriesAndTheNextIsComplete() {
        for (String reason : List.of("UNCLEAN_SHUTDOWN", "FOREIGN_WRITE", "A_REASON_OF_TOMORROW")) {
            String before = checkpoint();
            machine.kernel.volume(Machine.A).reason = reason;
            machine.kernel.volume(Machine.A).evidence = "seen";
            assertEquals(reason, reason(Machine.A, before, null));
            String after = checkpoint();
            write(1, 2);
            assertEquals(1, Machine.bits(tracker.changes(Machine.A, after, null))[0].cardinality());
            assertEquals(reason, tracker.status(Machine.A).get(0).record().lastEnded().trust().reason());
        }
    }

    /** The helper can't begin a series on what is not there, and names only its number. */
    @Test
    void aCheckpointOfWhatIsGoneNamesItAndTheWayOut() {
        String before = checkpoint();
        for (String verdict : List.of("VOLUME_MISSING", "DEVICE_REPLACED")) {
            machine.kernel.volume(Machine.A).verdict = verdict;
            machine.kernel.gone = verdict.equals("VOLUME_MISSING");
            machine.kernel.replaced = !machine.kernel.gone;
            for (int asked = 0; asked < 2; asked++) {
                BlktrackException refusal = assertThrows(BlktrackException.class, this::checkpoint);
                assertEquals(verdict, refusal.reason());
                assertEquals(ExitStatus.UNTRUSTED, refusal.status());
                assertTrue(refusal.getMessage().contains(Machine.A) && refusal.getMessage().contains("partuuid:a"), refusal.getMessage());
                assertTrue(refusal.remedy().contains("blktrack disable partuuid:a"), refusal.remedy());
                assertEquals(verdict, reason(Machine.A, before, null));
            }
            machine.kernel.gone = false;
            machine.kernel.replaced = false;
            before = checkpoint();
        }
    }

    @Test
    void aReplacedDeviceIsAnswered() {
        String before = checkpoint();
        machine.kernel.volume(Machine.A).verdict = "DEVICE_REPLACED";
        machine.kernel.replaced = true;
        for (int asked = 0; asked < 2; asked++) {
            assertEquals("DEVICE_REPLACED", reason(Machine.A, before, null));
            assertEquals("DEVICE_REPLACED", reason(Machine.A, start, before));
            assertEquals("UNKNOWN_CHANGE_ID", reason(Machine.A, ChangeId.random().hex(), null));
            assertEquals("DEVICE_REPLACED", assertThrows(BlktrackException.class, this::checkpoint).reason());
        }
        machine.kernel.replaced = false;
        String after = checkpoint();
        assertTrue(Machine.bits(tracker.changes(Machine.A, after, null))[0].isEmpty());
        assertEquals("DEVICE_REPLACED", reason(Machine.A, before, null));
    }

    @Test
    void aResize() {
        machine.kernel.volume(Machine.A).sectors += 8;
        assertEquals("VOLUME_RESIZED", reason(Machine.A, start, null));
    }

    /** The helper makes its maps anew, in the lowest slot that is free. */
    @Test
    void aResizeMovesItToAnotherSlot() {
        String other = tracker.enable(Machine.B, 4096, false, false).record().live().hex();
        tracker.disable(Machine.A);
        machine.kernel.moves = true;
        machine.kernel.volume(Machine.B).sectors += 8;
        assertTrue(tracker.status(Machine.B).get(0).trust().isComplete());
        assertEquals("VOLUME_RESIZED", reason(Machine.B, other, null));
        assertEquals(0, machine.kernel.volume(Machine.B).slot);
        assertEquals(4096L * 128 + 8, tracker.status(Machine.B).get(0).record().sizeBytes() / 512);
        assertNull(reason(Machine.B, tracker.createCheckpoint(Machine.B).id().hex(), null));
    }

    /** What no record waits for goes soon, and what one waits for stays. */
    @Test
    void aClosedEpochThatNobodyStores() {
        boolean[] full = {true};
        Tracker onFullDisk = machine.daemon(new org.blktrack.linux.Disk(step -> {
            if (full[0] && step.startsWith("create ") && step.endsWith(".epoch")) {
                throw new BlktrackException(ExitStatus.FAILED, "DISK_FULL", "No space left on device", null);
            }
        }));
        write(1, 4);
        assertThrows(BlktrackException.class, () -> onFullDisk.createCheckpoint(Machine.A));
        onFullDisk.tick();
        assertEquals(1, machine.kernel.heldPins());
        machine.kernel.volume(Machine.A).verdict = "AUDIT_MISMATCH";
        onFullDisk.tick();
        assertEquals(0, machine.kernel.heldPins());
        assertEquals("AUDIT_MISMATCH", onFullDisk.changes(Machine.A, start, null).trust().reason());
    }

    @Test
    void aDamagedCheckpointFileSpoilsTheRangesThatNeedItAndNoOther() throws IOException {
        write(1, 5);
        String middle = checkpoint();
        write(7, 9);
        String last = checkpoint();
        Path file = machine.checkpointFile(start);
        byte[] good = Files.readAllBytes(file);
        byte[] bad = good.clone();
        bad[bad.length / 2] ^= 4;
        Files.write(file, bad);
        assertEquals("CHECKPOINT_CORRUPT", reason(Machine.A, start, null));
        assertNotNull(Machine.bits(tracker.changes(Machine.A, middle, last)));
        Files.delete(file);
        assertEquals("CHECKPOINT_CORRUPT", reason(Machine.A, start, last));
        // A good file in the wrong place is as bad as none.
        Files.copy(machine.checkpointFile(middle), file);
        assertEquals("CHECKPOINT_CORRUPT", reason(Machine.A, start, middle));
        Files.write(file, good);
        assertEquals(4, Machine.bits(tracker.changes(Machine.A, start, middle))[0].cardinality());
    }

    /** It may be whole, and readable a moment later. */
    @Test
    void aCheckpointFileThatCanNotBeReadNowIsAnErrorAndNoReason() throws IOException {
        write(1, 5);
        String middle = checkpoint();
        String last = checkpoint();
        Path file = machine.checkpointFile(start);
        byte[] good = Files.readAllBytes(file);
        Files.delete(file);
        Files.createDirectory(file);
        assertEquals("STATE_NOT_READABLE", assertThrows(BlktrackException.class, () -> tracker.changes(Machine.A, start, null)).reason());
        tracker.deleteCheckpoint(Machine.A, middle);
        Files.delete(file);
        Files.write(file, good);
        tracker = machine.daemon();
        assertEquals(4, Machine.bits(tracker.changes(Machine.A, start, last))[0].cardinality());
    }

    @Test
    void aMergeOverADamagedFileKeepsTheRestAnswerable() throws IOException {
        String middle = checkpoint();
        String last = checkpoint();
        Files.delete(machine.checkpointFile(middle));
        tracker.deleteCheckpoint(Machine.A, middle);
        assertEquals("CHECKPOINT_CORRUPT", reason(Machine.A, start, null));
        assertNull(reason(Machine.A, last, null));
        tracker = machine.daemon();
        assertEquals("CHECKPOINT_CORRUPT", reason(Machine.A, start, null));
        assertNull(reason(Machine.A, last, null));
    }

    @Test
    void aRecordOfBeforePutBack() throws IOException {
        Map<Path, byte[]> old = new LinkedHashMap<>();
        for (Path file : files(machine.places.stateDir())) {
            old.put(file, Files.readAllBytes(file));
        }
        String next = checkpoint();
        for (Map.Entry<Path, byte[]> file : old.entrySet()) {
            Files.write(file.getKey(), file.getValue());
        }
        tracker = machine.daemon();
        assertEquals("TABLE_REPLACED", reason(Machine.A, start, null));
        assertEquals("UNKNOWN_CHANGE_ID", reason(Machine.A, next, null));
    }

    @Test
    void anotherSeriesInTheKernel() {
        machine.kernel.volume(Machine.A).series = SeriesId.random().hex();
        machine.kernel.volume(Machine.A).epoch = ChangeId.random().hex();
        assertEquals("TABLE_REPLACED", reason(Machine.A, start, null));
        assertNull(reason(Machine.A, machine.kernel.volume(Machine.A).epoch, null));
    }

    @Test
    void aSeriesThatCameBackFromTheDead() {
        String series = machine.kernel.volume(Machine.A).series;
        machine.kernel.volume(Machine.A).verdict = "AUDIT_MISMATCH";
        assertEquals("AUDIT_MISMATCH", reason(Machine.A, start, null));
        machine.kernel.volume(Machine.A).series = series;
        machine.kernel.volume(Machine.A).epoch = start;
        assertEquals("AUDIT_MISMATCH", reason(Machine.A, start, null));
    }

    @Test
    void anyFlippedByteOfTheRecord() throws IOException {
        checkpoint();
        Path file = files(machine.places.volumes()).get(0);
        byte[] good = Files.readAllBytes(file);
        for (int at = 0; at < good.length; at += 7) {
            byte[] bad = good.clone();
            bad[at] ^= 1;
            Files.write(file, bad);
            tracker = machine.daemon();
            try (Answer answer = tracker.changes(Machine.A, start, null)) {
                assertNull(answer.bits(), "byte " + at);
            }
            assertEquals("TABLE_CORRUPT", tracker.status(null).get(0).record().lastEnded().trust().reason());
            start = tracker.checkpoints(Machine.A).live().hex();
            good = Files.readAllBytes(file);
        }
    }

    /** The ids that the damaged record held are known to nobody: the damage explains them all. */
    @Test
    void anIdOfADamagedRecord() throws IOException {
        String next = checkpoint();
        Path file = files(machine.places.volumes()).get(0);
        byte[] bad = Files.readAllBytes(file);
        bad[bad.length / 2] ^= 1;
        Files.write(file, bad);
        tracker = machine.daemon();
        assertEquals("TABLE_CORRUPT", reason(Machine.A, start, null));
        assertEquals("TABLE_CORRUPT", reason(Machine.A, next, null));
        assertNull(reason(Machine.A, checkpoint(), null));
    }

    /** Copies under other names, before and behind the record in every order of a folder. */
    @Test
    void aStrayCopyOfTheRecordIsPassedOver() throws IOException {
        Path file = files(machine.places.volumes()).get(0);
        for (int i = 0; i < 20; i++) {
            Files.copy(file, file.resolveSibling("saved-" + i + ".json"));
        }
        String next = checkpoint();
        write(1, 4);
        tracker = machine.daemon();
        assertNull(reason(Machine.A, start, null));
        assertEquals(3, Machine.bits(tracker.changes(Machine.A, next, null))[0].cardinality());
        assertTrue(Files.exists(file.resolveSibling("saved-0.json")), "it is somebody's");
    }

    @Test
    void aSeriesBeganWhenItBegan() throws IOException {
        long began = tracker.status(Machine.A).get(0).record().seriesStartedMs();
        assertEquals(tracker.checkpoints(Machine.A).checkpoints().get(0).createdMs(), began);
        checkpoint();
        tracker.deleteCheckpoint(Machine.A, start);
        assertEquals(began, tracker.status(Machine.A).get(0).record().seriesStartedMs());
        tracker = machine.daemon();
        assertEquals(began, tracker.status(Machine.A).get(0).record().seriesStartedMs());
    }

    @Test
    void aLostRecordLeavesTheKernelsSeriesAsTheOnlyTruth() throws IOException {
        String next = checkpoint();
        write(3, 4);
        for (Path file : files(machine.places.volumes())) {
            Files.delete(file);
        }
        tracker = machine.daemon();
        assertEquals("UNKNOWN_CHANGE_ID", reason(Machine.A, start, null));
        assertEquals(1, Machine.bits(tracker.changes(Machine.A, next, null))[0].cardinality());
    }

    @Test
    void aVolumeThatTheKernelLost() {
        machine.kernel.volumes.clear();
        assertEquals("NOT_TRACKED_SINCE", reason(Machine.A, start, null));
        tracker = machine.daemon();
        assertEquals("NOT_TRACKED_SINCE", reason(Machine.A, start, null));
        assertEquals(1, machine.kernel.volumes.size(), "enabled is enabled: a start takes it up again");
        assertNotNull(tracker.createCheckpoint(Machine.A));
    }

    @Test
    void twoVolumesOfOneIdentity() {
        machine.kernel.device("/dev/c", "8:3", "partuuid:a");
        write(1, 2);
        tracker.enable("/dev/c", 4096, false, false);
        List<String> ids = new ArrayList<>();
        tracker.status(null).forEach(view -> ids.add(view.record().id().text()));
        assertEquals(ids.size(), ids.stream().distinct().count());
        assertEquals("UNKNOWN_CHANGE_ID", reason("/dev/c", start, null));
    }

    @Test
    void aFullDiskLosesNothing() throws IOException {
        write(1, 4);
        boolean[] full = {true};
        Tracker onFullDisk = machine.daemon(new org.blktrack.linux.Disk(step -> {
            if (full[0] && step.startsWith("create ") && step.endsWith(".epoch")) {
                throw new BlktrackException(ExitStatus.FAILED, "DISK_FULL", "No space left on device", null);
            }
        }));
        assertEquals("DISK_FULL", assertThrows(BlktrackException.class, () -> onFullDisk.createCheckpoint(Machine.A)).reason());
        try (Answer answer = onFullDisk.changes(Machine.A, start, null)) {
            assertEquals("CHECKPOINT_NOT_STORED", answer.trust().reason());
            assertTrue(answer.trust().evidence().contains("No space left"), answer.trust().evidence());
            assertNull(answer.bits());
        }
        org.blktrack.track.VolumeView view = onFullDisk.status(null).get(0);
        assertEquals("CHECKPOINT_NOT_STORED", view.trust().reason());
        assertEquals(-1, view.dataGranules(), "what the new epoch has marked is not what changed since the id that is shown");
        assertEquals("DISK_FULL", assertThrows(BlktrackException.class, () -> onFullDisk.createCheckpoint(Machine.A)).reason());
        full[0] = false;
        assertTrue(onFullDisk.status(null).get(0).trust().isComplete());
        assertEquals(3, Machine.bits(onFullDisk.changes(Machine.A, start, null))[0].cardinality());
    }

    /** What the kernel found weighs more than that it can't be written down. */
    @Test
    void aFullDiskHidesNoReason() {
        boolean[] full = {true};
        Tracker onFullDisk = machine.daemon(new org.blktrack.linux.Disk(step -> {
            if (full[0] && step.startsWith("create ")) {
                throw new BlktrackException(ExitStatus.FAILED, "DISK_FULL", "No space left on device", null);
            }
        }));
        machine.kernel.volume(Machine.A).verdict = "AUDIT_MISMATCH";
        for (int asked = 0; asked < 2; asked++) {
            try (Answer answer = onFullDisk.changes(Machine.A, start, null)) {
                assertEquals("AUDIT_MISMATCH", answer.trust().reason());
                assertNull(answer.bits());
            }
            assertEquals("AUDIT_MISMATCH", onFullDisk.status(null).get(0).trust().reason());
        }
        full[0] = false;
        try (Answer answer = onFullDisk.changes(Machine.A, start, null)) {
            assertEquals("AUDIT_MISMATCH", answer.trust().reason());
        }
    }

    /** Two disks had the name one after the other, and then the kernel lost both. */
    @Test
    void aNameOfTwoRecords() {
        machine.kernel.device(Machine.A, "8:3", "partuuid:c");
        String second = tracker.enable(Machine.A, 4096, false, false).record().live().hex();
        machine.kernel.volumes.clear();
        machine.kernel.listener = step -> {
            if (step.equals("before enable")) {
                throw new BlktrackException(ExitStatus.FAILED, "START_FAILED", "no", null);
            }
        };
        tracker = machine.daemon();
        assertEquals("NOT_TRACKED_SINCE", reason(Machine.A, second, null));
        assertEquals("UNKNOWN_CHANGE_ID", reason(Machine.A, start, null), "it is of the disk that was there before");
        machine.kernel.devices.put(Machine.A, new String[] {"8:1", "partuuid:a"});
        assertEquals("NOT_TRACKED_SINCE", reason(Machine.A, start, null));
        assertEquals("UNKNOWN_CHANGE_ID", reason(Machine.A, second, null));
        machine.kernel.devices.remove(Machine.A);
        assertEquals("AMBIGUOUS_DEVICE", assertThrows(BlktrackException.class, () -> tracker.changes(Machine.A, start, null)).reason());
        machine.kernel.device(Machine.A, "8:3", "partuuid:c");
        tracker.disable(Machine.A);
        assertEquals(List.of("partuuid:a"), tracker.status(null).stream().map(view -> view.record().id().text()).toList());
    }

    /** Nothing names such a volume in another boot: its records would come to more and more. */
    @Test
    void aVolumeWithoutAnIdentityInManyBoots() throws IOException {
        int others = files(machine.places.volumes()).size();
        for (int boot = 2; boot < 6; boot++) {
            String first = tracker.enable(Machine.B, 4096, false, false).record().live().hex();
            if (boot % 2 == 0) {
                tracker.disable(Machine.B);
            } else {
                machine.kernel.takeAway(Machine.B);
                machine.kernel.device(Machine.B, "8:2", "");
            }
            assertEquals("NOT_TRACKED_SINCE", reason(Machine.B, first, null));
            machine.kernel.bootId = "boot-" + boot;
            tracker = machine.daemon();
            assertEquals("NOT_TRACKED_SINCE", reason(Machine.B, first, null));
            assertEquals(others + 1, files(machine.places.volumes()).size());
        }
    }

    @Test
    void aNameThatMeansAnotherDeviceNow() {
        String next = checkpoint();
        machine.kernel.device(Machine.A, "8:3", "partuuid:c");
        assertEquals("NOT_TRACKED_SINCE", reason(Machine.A, start, next));
        assertEquals("NOT_TRACKED_SINCE", reason(Machine.A, start, null));
        assertEquals("NOT_TRACKED", assertThrows(BlktrackException.class, this::checkpoint).reason());
        assertEquals("NOT_TRACKED", assertThrows(BlktrackException.class, () -> tracker.status(Machine.A)).reason());
        assertEquals("NOT_TRACKED", assertThrows(BlktrackException.class, () -> tracker.deleteCheckpoint(Machine.A, start)).reason());
        assertEquals("NOT_TRACKED", assertThrows(BlktrackException.class, () -> tracker.disable(Machine.A)).reason());
        machine.kernel.device("/dev/moved", "8:1", "partuuid:a");
        assertNull(reason("/dev/moved", start, null));
    }

    @Test
    void aNewSeriesUnderAnIdOfAnEndedOne() {
        // Of a series that the daemon has yet to see the end of, and of one that ended long ago.
        for (int series = 0; series < 2; series++) {
            machine.kernel.volume(Machine.A).series = SeriesId.random().hex();
            machine.kernel.volume(Machine.A).epoch = start;
            assertEquals("TABLE_REPLACED", reason(Machine.A, start, null));
            assertNull(reason(Machine.A, checkpoint(), null));
        }
    }

    @Test
    void anOldCopyOfTheTableIsFoundOutBeforeAnybodyIsAnswered() {
        machine.kernel.listener = findsAnOldCopy();
        tracker = machine.daemon();
        machine.kernel.listener = step -> {};
        assertEquals("TABLE_REPLACED", reason(Machine.A, start, null));
        write(1, 2);
        machine.kernel.listener = findsAnOldCopy();
        tracker.tick();
        assertEquals("", machine.kernel.volume(Machine.A).reason, "a new series was begun");
        int refreshes = machine.kernel.refreshes;
        tracker.tick();
        assertEquals(refreshes, machine.kernel.refreshes, "nothing was written");
    }

    private FakeKernel.Listener findsAnOldCopy() {
        return step -> {
            if (step.equals("after table_refresh")) {
                machine.kernel.volume(Machine.A).reason = "TABLE_REPLACED";
            }
        };
    }

    @Test
    void aTableThatCannotBeRefreshedKeepsNobodyFromJudging() {
        machine.kernel.listener = step -> {
            if (step.equals("before table_refresh")) {
                throw new BlktrackException(ExitStatus.FAILED, "TABLE_NOT_WRITABLE", "read-only", null);
            }
        };
        tracker = machine.daemon();
        machine.kernel.volume(Machine.A).verdict = "AUDIT_MISMATCH";
        assertEquals(List.of("TABLE_NOT_WRITABLE"), tracker.tick().stream().map(BlktrackException::reason).toList());
        assertEquals("", machine.kernel.volume(Machine.A).verdict, "a new series was begun");
        machine.kernel.listener = step -> {};
        int refreshes = machine.kernel.refreshes;
        assertEquals(List.of(), tracker.tick());
        assertEquals(refreshes + 1, machine.kernel.refreshes, "tried again");
    }

    @Test
    void aCheckpointDeletedWhileAnotherIsHalfMade() {
        for (int deleted = 0; deleted < 3; deleted++) {
            machine = new Machine(folder.resolve("deleted-" + deleted));
            tracker = machine.daemon();
            List<String> ids = new ArrayList<>(List.of(tracker.enable(Machine.A, 4096, false, false).record().live().hex()));
            for (int made = 0; made < 2; made++) {
                write(10 * made, 10 * made + 5);
                ids.add(checkpoint());
            }
            write(20, 25);
            boolean[] full = {true};
            tracker = machine.daemon(new org.blktrack.linux.Disk(step -> {
                if (full[0] && step.startsWith("create ") && step.endsWith(ids.get(2) + ".epoch")) {
                    throw new BlktrackException(ExitStatus.FAILED, "DISK_FULL", "No space left on device", null);
                }
            }));
            assertEquals("DISK_FULL", assertThrows(BlktrackException.class, this::checkpoint).reason());
            tracker.deleteCheckpoint(Machine.A, ids.get(deleted));
            write(30, 35);
            full[0] = false;
            for (int looked = 0; looked < 2; looked++) {
                for (int since = 0; since < 3; since++) {
                    if (since == deleted) {
                        assertEquals("UNKNOWN_CHANGE_ID", reason(Machine.A, ids.get(since), null));
                        continue;
                    }
                    BitSet expected = new BitSet();
                    for (int made = since; made < 4; made++) {
                        expected.set(10 * made, 10 * made + 5);
                    }
                    assertEquals(expected, Machine.bits(tracker.changes(Machine.A, ids.get(since), null))[0], "deleted " + deleted + ", since " + since);
                }
                tracker = machine.daemon();
            }
        }
    }

    /** It waits for a moment of rest of each busy volume, and whoever asks meanwhile waits for it. */
    @Test
    void aBeatAuditsOnce() {
        List<String> steps = new ArrayList<>();
        write(1, 2);
        machine.kernel.listener = steps::add;
        tracker.tick();
        List<String> wanted = List.of("before audit", "before table_refresh", "before volumes");
        assertEquals(List.of("before audit", "before volumes", "before table_refresh", "before volumes"),
                steps.stream().filter(step -> wanted.contains(step)).toList());
        steps.clear();
        machine.daemon();
        assertEquals(1, steps.stream().filter("before audit"::equals).count());
    }

    /** The series that begins with the first judgement of a beat is not ended again by what the audit found on the one before. */
    @Test
    void whatAnAuditFoundEndsOneSeries() {
        write(1, 2);
        machine.kernel.volume(Machine.A).verdict = "AUDIT_MISMATCH";
        tracker.tick();
        assertEquals(1, tracker.status(Machine.A).get(0).record().ended().size());
        assertNull(reason(Machine.A, checkpoint(), null));
    }

    /** It is recorded; the pin goes with the next beat. */
    @Test
    void aCheckpointWhosePinIsNotReleasedIsMade() {
        for (String fault : List.of("BUSY", "AGENT_GONE")) {
            machine.kernel.listener = step -> {
                if (step.equals("before release")) {
                    throw new BlktrackException(ExitStatus.FAILED, fault, "not now", null);
                }
            };
            write(1, 2);
            String made = checkpoint();
            assertEquals(1, Machine.bits(tracker.changes(Machine.A, start, made))[0].cardinality(), fault);
            machine.kernel.listener = step -> {};
            assertEquals(1, machine.kernel.heldPins(), fault);
            tracker.tick();
            assertEquals(0, machine.kernel.heldPins(), fault);
        }
    }

    /** What a deleted one leaves behind is merged later. */
    @Test
    void aCheckpointAfterWhichTheDiskIsFullIsMade() {
        write(1, 2);
        String middle = checkpoint();
        tracker.deleteCheckpoint(Machine.A, middle);
        write(5, 6);
        boolean[] merged = {false};
        tracker = machine.daemon(new org.blktrack.linux.Disk(step -> {
            merged[0] |= step.startsWith("create ") && step.endsWith(start + ".epoch");
            if (merged[0] && step.startsWith("create ") && step.endsWith(".json")) {
                throw new BlktrackException(ExitStatus.FAILED, "DISK_FULL", "No space left on device", null);
            }
        }));
        String made = checkpoint();
        assertTrue(merged[0]);
        assertEquals(2, Machine.bits(tracker.changes(Machine.A, start, made))[0].cardinality());
        assertEquals(3, tracker.checkpoints(Machine.A).checkpoints().size());
        tracker = machine.daemon();
        assertEquals(2, tracker.checkpoints(Machine.A).checkpoints().size());
        assertEquals(2, Machine.bits(tracker.changes(Machine.A, start, made))[0].cardinality());
    }
}
