package org.blktrack.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.blktrack.boot.HookState.Standing;
import org.blktrack.bootscript.FakeRoot;
import org.blktrack.bootscript.Hook;
import org.blktrack.model.BlktrackException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hooks that are where they belong, in a system that does not run them. */
class BootConditionsTest {
    private static final String HELPER = "/sbin/blktrack-helper";
    private static final String RULES = "/usr/lib/udev/rules.d/90-blktrack.rules";

    @TempDir
    Path root;

    private static BootIntegration boot(FakeRoot fake) {
        return BootIntegration.of(fake.tree(), null);
    }

    private static List<HookState> bad(FakeRoot fake) {
        return boot(fake).verify().hooks().stream().filter(hook -> !hook.works()).toList();
    }

    private static HookState only(FakeRoot fake) {
        List<HookState> bad = bad(fake);
        assertEquals(1, bad.size(), bad.toString());
        return bad.get(0);
    }

    private static String refusal(Runnable work) {
        return assertThrows(BlktrackException.class, work::run).reason();
    }

    private static void becomesSystemd(FakeRoot fake) {
        fake.delete("/sbin/init").program("/usr/lib/systemd/systemd", "").link("/sbin/init", "/usr/lib/systemd/systemd");
    }

    @Test
    void anotherInitThanAtTheInstallationIsMissing() {
        for (FakeRoot fake : List.of(FakeRoot.openRc(root.resolve("o")), FakeRoot.redHat(root.resolve("r")))) {
            Map<String, String> before = fake.snapshot();
            boot(fake).install(false);
            assertTrue(boot(fake).verify().good());
            becomesSystemd(fake);
            List<HookState> bad = bad(fake);
            assertEquals(List.of(Hook.START, Hook.STOP), bad.stream().map(HookState::hook).toList());
            assertTrue(bad.stream().allMatch(state -> state.standing() == Standing.MISSING), bad.toString());
            assertTrue(bad.get(0).detail().contains("systemd starts this system now"), bad.toString());
            assertEquals("OTHER_INIT", refusal(() -> boot(fake).reapply()));
            assertEquals("OTHER_INIT", refusal(() -> boot(fake).install(true)));
            assertEquals("OTHER_INIT", refusal(() -> boot(fake).previewInstall(true)));
            boot(fake).remove();
            fake.delete("/sbin/init").program("/sbin/init", "sysvinit").delete("/usr/lib/systemd/systemd").delete("/usr/lib/systemd");
            assertEquals(before, fake.snapshot());
        }
    }

    @Test
    void anInitThatWasNamedIsNotDoubted() {
        FakeRoot fake = FakeRoot.openRc(root);
        becomesSystemd(fake);
        BootIntegration.of(fake.tree(), InitName.OPENRC).install(false);
        assertTrue(boot(fake).verify().good());
        assertTrue(boot(fake).reapply().changes().isEmpty());
        assertTrue(InstallReceipt.read(fake.tree()).orElseThrow().initAsked());
    }

    @Test
    void aRemovalKnowsTheInitThatWasNamedToItsEnd() {
        for (InitName name : List.of(InitName.REDHAT, InitName.OPENRC)) {
            FakeRoot fake = name == InitName.REDHAT ? FakeRoot.redHat(root.resolve("r")) : FakeRoot.openRc(root.resolve("o"));
            fake.delete("/etc/inittab").delete("/sbin/init").program("/bin/busybox", "").link("/sbin/init", "/bin/busybox");
            Map<String, String> before = fake.snapshot();
            BootIntegration.of(fake.tree(), name).install(true);
            BootReport report = boot(fake).remove();
            assertEquals(name.toString(), report.init());
            assertFalse(report.changes().isEmpty());
            assertEquals(before, fake.snapshot());
            assertTrue(boot(fake).remove().changes().isEmpty());
        }
    }

    @Test
    void whatBuiltTheImagesNeedNotBeThereForARemoval() {
        FakeRoot fake = FakeRoot.systemd(root);
        boot(fake).install(false);
        fake.delete("/usr/sbin/mkinitramfs");
        boot(fake).remove();
        assertFalse(Files.exists(fake.path("/etc/initramfs-tools/hooks/blktrack")));
        assertFalse(Files.exists(fake.path(InstallReceipt.PATH)));
    }

    @Test
    void aHelperThatIsGoneIsMissing() throws IOException {
        FakeRoot fake = FakeRoot.openRc(root);
        boot(fake).install(false);
        Files.setPosixFilePermissions(fake.path(HELPER), PosixFilePermissions.fromString("rw-r--r--"));
        assertEquals("not executable", only(fake).detail());
        fake.delete(HELPER);
        assertEquals(HELPER, only(fake).path());
        assertEquals(Standing.MISSING, only(fake).standing());
        assertTrue(boot(fake).reapply().changes().isEmpty(), "that is no work for reapply");
        assertEquals("NO_HELPER", refusal(() -> boot(fake).install(false)));
    }

    @Test
    void hooksOnlyIsRemembered() {
        FakeRoot fake = FakeRoot.openRc(root).delete(HELPER);
        boot(fake).install(true);
        assertTrue(boot(fake).verify().good());
        boot(fake).reapply();
        assertTrue(boot(fake).verify().good());
        fake.program(HELPER, "helper");
        boot(fake).install(false);
        fake.delete(HELPER);
        assertEquals(HELPER, only(fake).path());
    }

    private static HookState helper(FakeRoot fake) {
        return boot(fake).verify().hooks().stream().filter(hook -> hook.path().equals(HELPER)).findFirst().orElseThrow();
    }

    @Test
    void theHelpersLineIsAlwaysThere() {
        FakeRoot fake = FakeRoot.openRc(root).delete(HELPER);
        boot(fake).install(true);
        assertEquals("not there", helper(fake).detail());
        assertTrue(helper(fake).works(), "--hooks-only said that it comes later");
        fake.program(HELPER, "helper");
        assertEquals(Standing.IN_PLACE, helper(fake).standing());
    }

    @Test
    void hooksOnlyEndsWhenTheHelperHasCome() {
        FakeRoot fake = FakeRoot.openRc(root).delete(HELPER);
        boot(fake).install(true);
        fake.program(HELPER, "helper");
        boot(fake).reapply();
        fake.delete(HELPER);
        assertEquals(Standing.MISSING, only(fake).standing());
        fake.program(HELPER, "helper");
        boot(fake).install(true);
        fake.delete(HELPER);
        assertEquals(HELPER, only(fake).path(), "it was there when --hooks-only was said");
    }

    @Test
    void aKernelWithoutAnImageIsMissing() {
        FakeRoot fake = FakeRoot.systemd(root).kernel("6.12.0");
        assertEquals("NO_INITRAMFS", refusal(() -> boot(fake).install(false)));
        boot(fake).install(true);
        assertEquals("/lib/modules/6.12.0", only(fake).path());
        assertEquals(Standing.MISSING, only(fake).standing());
    }

    @Test
    void whereUdevIsSentElsewhereTheHookDoesNotWork() {
        FakeRoot fake = FakeRoot.systemd(root);
        boot(fake).install(false);
        for (String directory : List.of("/etc", "/run")) {
            String mask = directory + "/udev/rules.d/90-blktrack.rules";
            fake.directory(directory + "/udev/rules.d").link(mask, "/dev/null");
            assertEquals(mask, only(fake).path());
            assertEquals("FOREIGN_FILE", refusal(() -> boot(fake).reapply()));
            fake.delete(mask);
            assertTrue(boot(fake).verify().good());
        }
    }

    @Test
    void modeAndOwnerCount() throws IOException {
        FakeRoot fake = FakeRoot.systemd(root);
        boot(fake).install(false);
        String shutdown = "/usr/lib/systemd/system-shutdown/blktrack";
        Files.setPosixFilePermissions(fake.path(shutdown), PosixFilePermissions.fromString("rwxrwxrwx"));
        assertEquals(new HookState(Hook.STOP, "systemd", shutdown, Standing.OVERWRITTEN, "mode 777"), only(fake));
        boot(fake).reapply();
        assertTrue(boot(fake).verify().good());
        if ("root".equals(System.getProperty("user.name"))) {
            Files.setAttribute(fake.path(RULES), "unix:uid", 1000);
            assertEquals("owner 1000", only(fake).detail());
            boot(fake).reapply();
            assertTrue(boot(fake).verify().good());
        }
    }
}
