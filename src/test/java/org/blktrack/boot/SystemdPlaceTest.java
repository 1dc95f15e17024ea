package org.blktrack.boot;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.blktrack.bootscript.FakeRoot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The kernel that runs has to be among those that are looked at. */
class SystemdPlaceTest {
    private static final String RUNNING = "6.1.0-2-amd64";

    @TempDir
    Path root;

    private static SystemdPlace running() {
        return new SystemdPlace(tree -> Optional.of(RUNNING));
    }

    private static void assertUnseen(FakeRoot fake) {
        List<HookState> conditions = running().conditions(fake.tree());
        List<HookState> ofTheRunning = conditions.stream().filter(state -> state.path().equals("/lib/modules/" + RUNNING)).toList();
        assertEquals(1, ofTheRunning.size(), conditions.toString());
        assertEquals(HookState.Standing.MISSING, ofTheRunning.get(0).standing());
        assertEquals("no initramfs is found for the kernel that runs: is /boot mounted?", ofTheRunning.get(0).detail());
        assertEquals("NO_INITRAMFS", assertThrows(Refusal.class, () -> running().checkRuns(fake.tree())).reason());
    }

    @Test
    void aBootThatIsNotMountedIsSeen() {
        assertUnseen(FakeRoot.systemd(root).directory("/usr/lib/modules/" + RUNNING));
    }

    @Test
    void anotherKernelsImageIsNotEnough() {
        assertUnseen(FakeRoot.systemd(root).kernel("6.1.0-1-amd64").file("/boot/initrd.img-6.1.0-1-amd64", "").kernel(RUNNING));
    }

    @Test
    void itsOwnImageIs() {
        FakeRoot fake = FakeRoot.systemd(root).kernel(RUNNING).file("/boot/initrd.img-" + RUNNING, "");
        assertEquals(List.of(), running().conditions(fake.tree()));
        assertDoesNotThrow(() -> running().checkRuns(fake.tree()));
    }

    @Test
    void aTreeThatDoesNotRunNeedsNoKernel() {
        FakeRoot fake = FakeRoot.systemd(root);
        assertEquals(Optional.empty(), RunningKernel.of(fake.tree()));
        assertEquals(List.of(), new SystemdPlace().conditions(fake.tree()));
        assertDoesNotThrow(() -> new SystemdPlace().checkRuns(fake.tree()));
    }
}
