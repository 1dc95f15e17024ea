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
import org.blktrack.bootscript.CatalogueRow;
import org.blktrack.bootscript.FakeRoot;
import org.blktrack.bootscript.Hook;
import org.blktrack.bootscript.HookLines;
import org.blktrack.bootscript.RowMaker;
import org.blktrack.bootscript.Script;
import org.blktrack.bootscript.Tree;
import org.blktrack.bootscript.TreeLock;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.Digest;
import org.blktrack.model.ExitStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BootIntegrationTest {
    private static final String START = "/etc/init.d/blktrack";

    @TempDir
    Path root;

    private static BootIntegration boot(FakeRoot fake) {
        return BootIntegration.of(fake.tree(), null);
    }

    private static Standing standing(FakeRoot fake, String path) {
        return boot(fake).verify().hooks().stream().filter(hook -> hook.path().equals(path)).findFirst().orElseThrow().standing();
    }

    private static String refusal(FakeRoot fake) {
        Map<String, String> before = fake.snapshot();
        BlktrackException refusal = assertThrows(BlktrackException.class, () -> boot(fake).install(false));
        assertEquals(ExitStatus.REFUSED, refusal.status());
        assertTrue(refusal.getMessage().endsWith("(" + refusal.reason() + ")"), refusal.getMessage());
        assertEquals(before, fake.snapshot());
        return refusal.reason();
    }

    @Test
    void removalLeavesNoTrace() {
        FakeRoot fake = FakeRoot.openRc(root);
        Map<String, String> before = fake.snapshot();
        assertFalse(boot(fake).verify().good());
        assertTrue(boot(fake).install(false).good());
        assertTrue(Files.isSymbolicLink(fake.path("/etc/runlevels/shutdown/blktrack-clear")));
        boot(fake).remove();
        assertEquals(before, fake.snapshot());
    }

    @Test
    void aStateDirectoryThatWasThereStays() {
        FakeRoot fake = FakeRoot.redHat(root).directory("/var/lib/blktrack");
        Map<String, String> before = fake.snapshot();
        boot(fake).remove();
        assertEquals(before, fake.snapshot());
        modupdate(fake);
        boot(fake).remove();
        assertEquals(before, fake.snapshot());
        boot(fake).install(false);
        boot(fake).remove();
        assertEquals(before, fake.snapshot());
    }

    @Test
    void whatModupdateMadeGoesWithAnInstallationAfterIt() {
        FakeRoot fake = FakeRoot.redHat(root);
        Map<String, String> before = fake.snapshot();
        modupdate(fake);
        boot(fake).install(false);
        boot(fake).remove();
        assertEquals(before, fake.snapshot());
    }

    /** In the place of what a run that was killed leaves there may be anything. */
    @Test
    void noLinkInTheStatesPlaceIsFollowed(@TempDir Path outside) throws IOException {
        for (String name : List.of(".blktrack.new", ".blktrack.blktrack-new")) {
            for (boolean absolute : List.of(true, false)) {
                FakeRoot fake = FakeRoot.redHat(root.resolve(name + absolute));
                Path kept = Files.createDirectories(outside.resolve("boot"));
                String target = absolute ? outside.toString() : fake.path("/var/lib").relativize(outside).toString();
                fake.link("/var/lib/" + name, target);
                boot(fake).remove();
                assertTrue(Files.isDirectory(kept), "removed through a link");
                boot(fake).install(false);
                boot(fake).remove();
                assertEquals(List.of("boot"), List.of(outside.toFile().list()), "made through a link");
                assertEquals(0, kept.toFile().list().length);
            }
        }
    }

    @Test
    void removalTellsOfTheLinesItTakesOutOfAnothersScripts() {
        FakeRoot fake = FakeRoot.redHat(root);
        Map<String, String> before = fake.snapshot();
        modupdate(fake);
        Map<String, String> patched = fake.snapshot();
        List<String> announced = boot(fake).previewRemove().changes();
        assertEquals(patched, fake.snapshot());
        List<String> changes = boot(fake).remove().changes();
        assertEquals(announced, changes);
        assertTrue(String.join("", changes).contains("-# blktrack begin"), changes.toString());
        assertEquals(before, fake.snapshot());
        assertEquals(List.of(), boot(fake).remove().changes());
    }

    @Test
    void directoriesThatWereMadeGoToo() {
        FakeRoot fake = FakeRoot.systemd(root);
        Map<String, String> before = fake.snapshot();
        assertTrue(boot(fake).install(false).good());
        assertTrue(Files.isDirectory(fake.path("/usr/lib/systemd/system-shutdown")));
        assertTrue(Files.isExecutable(fake.path("/etc/initramfs-tools/scripts/local-premount/blktrack")));
        boot(fake).remove();
        assertEquals(before, fake.snapshot());
    }

    @Test
    void aSecondInstallChangesNothing() {
        FakeRoot fake = FakeRoot.openRc(root);
        boot(fake).install(false);
        Map<String, String> once = fake.snapshot();
        assertTrue(boot(fake).install(false).changes().isEmpty());
        assertEquals(once, fake.snapshot());
    }

    @Test
    void aDryRunChangesNothingAndShowsDiffs() {
        FakeRoot fake = FakeRoot.openRc(root);
        Map<String, String> before = fake.snapshot();
        String diff = String.join("", boot(fake).previewInstall(false).changes());
        assertTrue(diff.contains("--- /dev/null\n+++ b/etc/init.d/blktrack\n@@ -0,0 +1,"), diff);
        assertEquals(before, fake.snapshot());
    }

    @Test
    void whatAnUpdateTookAwayIsNamedAndPutBack() {
        FakeRoot fake = FakeRoot.openRc(root);
        boot(fake).install(false);
        fake.file(START, "the distributor's own\n");
        assertEquals(Standing.OVERWRITTEN, standing(fake, START));
        fake.file(START + ".rpmsave", "ours\n");
        assertEquals(Standing.RPMSAVE, standing(fake, START));
        fake.delete(START).delete("/etc/runlevels/boot/blktrack");
        assertEquals(Standing.MISSING, standing(fake, "/etc/runlevels/boot/blktrack"));
        assertFalse(boot(fake).verify().good());
        assertTrue(boot(fake).reapply().good());
        assertTrue(boot(fake).reapply().changes().isEmpty());
    }

    @Test
    void reapplyDoesNothingWhereNothingWasInstalled() {
        FakeRoot fake = FakeRoot.openRc(root);
        Map<String, String> before = fake.snapshot();
        boot(fake).reapply();
        assertEquals(before, fake.snapshot());
    }

    @Test
    void aChangeOfEarlyConfIsTakenUpByReapply() {
        FakeRoot fake = FakeRoot.systemd(root);
        assertFalse(boot(fake).imagesAreBehind());
        boot(fake).install(false);
        assertFalse(boot(fake).imagesAreBehind());
        fake.file(ImageRebuild.EARLY_CONF, "table_bytes=1\n");
        assertTrue(boot(fake).imagesAreBehind());
        boot(fake).reapply();
        assertFalse(boot(fake).imagesAreBehind());
    }

    @Test
    void whereNothingBuildsImagesNoneIsBehind() {
        FakeRoot fake = FakeRoot.openRc(root);
        boot(fake).install(false);
        fake.file(ImageRebuild.EARLY_CONF, "table_bytes=1\n");
        assertFalse(boot(fake).imagesAreBehind(), "the hooks read what is there");
    }

    @Test
    void aHookOfAnEarlierVersionWorksUntilItIsReplaced() throws IOException {
        FakeRoot fake = FakeRoot.openRc(root);
        boot(fake).install(false);
        String older = Files.readString(fake.path(START)) + "# older\n";
        String receipt = Files.readString(fake.path(InstallReceipt.PATH));
        String hash = InstallReceipt.read(fake.tree()).orElseThrow().files().get(START);
        fake.program(START, older).file(InstallReceipt.PATH, receipt.replace(hash, Digest.sha256Latin1(older)));
        assertEquals(Standing.OUTDATED, standing(fake, START));
        assertTrue(boot(fake).verify().good());
        boot(fake).reapply();
        assertEquals(Standing.IN_PLACE, standing(fake, START));
    }

    @Test
    void anEditedHookIsPutAsideOnRemoval() throws IOException {
        FakeRoot fake = FakeRoot.openRc(root);
        boot(fake).install(false);
        fake.file(START, "edited\n");
        boot(fake).remove();
        assertFalse(Files.exists(fake.path(START)));
        assertEquals("edited\n", Files.readString(fake.path("/var/lib/blktrack/saved" + START)));
    }

    @Test
    void anEditedHookIsPutAsideWhenItIsRenewed() throws IOException {
        FakeRoot fake = FakeRoot.openRc(root);
        boot(fake).install(false);
        fake.program(START, "edited\n");
        String line = "copy " + START + ", which was edited, to /var/lib/blktrack/saved" + START;
        assertTrue(boot(fake).previewInstall(false).changes().contains(line));
        assertFalse(Files.exists(fake.path("/var/lib/blktrack/saved")));
        assertTrue(boot(fake).reapply().changes().contains(line));
        assertEquals("edited\n", Files.readString(fake.path("/var/lib/blktrack/saved" + START)));
        assertTrue(boot(fake).verify().good());
    }

    @Test
    void whatWasPutAsideGoesWhereTheRenewalFails() {
        FakeRoot fake = FakeRoot.openRc(root);
        boot(fake).install(false);
        fake.program(START, "edited\n").delete("/etc/runlevels/shutdown/blktrack-clear").file("/etc/runlevels/shutdown/blktrack-clear/x", "");
        Map<String, String> before = fake.snapshot();
        assertThrows(BlktrackException.class, () -> boot(fake).reapply());
        assertEquals(before, fake.snapshot());
    }

    @Test
    void aFailureHalfwayIsTakenBack() {
        // A directory in the link's place makes the last step fail.
        FakeRoot fake = FakeRoot.openRc(root).file("/etc/runlevels/shutdown/blktrack-clear/x", "");
        Map<String, String> before = fake.snapshot();
        BlktrackException failure = assertThrows(BlktrackException.class, () -> boot(fake).install(false));
        assertEquals(ExitStatus.FAILED, failure.status());
        assertEquals(before, fake.snapshot());
    }

    @Test
    void aRemovalThatCanNotLookIntoAnImageKeepsTheReceipt() {
        // Without lsinitramfs nothing tells whether the hook is in it.
        FakeRoot fake = FakeRoot.systemd(root);
        boot(fake).install(false);
        fake.kernel("6.1.0").file("/boot/initrd.img-6.1.0", "");
        BlktrackException failure = assertThrows(BlktrackException.class, () -> boot(fake).remove());
        assertEquals("IMAGE", failure.reason());
        assertTrue(Files.exists(fake.path(InstallReceipt.PATH)));
        fake.delete("/boot/initrd.img-6.1.0");
        boot(fake).remove();
        assertFalse(Files.exists(fake.path(InstallReceipt.PATH)));
    }

    @Test
    void aRemovalNeedsSpaceToo() throws IOException {
        FakeRoot fake = FakeRoot.systemd(root);
        boot(fake).install(false);
        fake.kernel("6.1.0").file("/boot/initrd.img-6.1.0", "");
        try (var image = new java.io.RandomAccessFile(fake.path("/boot/initrd.img-6.1.0").toFile(), "rw")) {
            image.setLength(1L << 42);
        }
        Map<String, String> before = fake.snapshot();
        BlktrackException refusal = assertThrows(BlktrackException.class, () -> boot(fake).remove());
        assertEquals("NO_SPACE_IN_BOOT", refusal.reason());
        assertEquals(before, fake.snapshot());
    }

    @Test
    void anInstallationThatWasCutShortIsRemoved() throws IOException {
        FakeRoot fake = FakeRoot.openRc(root);
        Map<String, String> before = fake.snapshot();
        boot(fake).install(false);
        fake.delete("/etc/init.d/blktrack-clear").delete("/etc/runlevels/shutdown/blktrack-clear");
        fake.file(InstallReceipt.PATH, Files.readString(fake.path(InstallReceipt.PATH)).replace("\"complete\": true", "\"complete\": false"));
        boot(fake).remove();
        assertEquals(before, fake.snapshot());
    }

    @Test
    void refusals() {
        assertEquals("NO_HELPER", refusal(FakeRoot.openRc(root.resolve("a")).delete("/sbin/blktrack-helper")));
        assertEquals("NO_DRIVER", refusal(FakeRoot.systemd(root.resolve("b")).kernel("4.18.0-553.el8")));
        assertEquals("OSTREE", refusal(FakeRoot.systemd(root.resolve("c")).directory("/ostree/repo")));
        assertEquals("UNIFIED_KERNEL_IMAGE", refusal(FakeRoot.systemd(root.resolve("d")).file("/efi/EFI/Linux/x.efi", "")));
        assertEquals("FOREIGN_FILE", refusal(FakeRoot.openRc(root.resolve("e")).program(START, "another's")));
        assertEquals("NO_INITRAMFS", refusal(FakeRoot.systemd(root.resolve("f")).delete("/usr/sbin/mkinitramfs")));
        assertEquals("NO_RUNLEVEL", refusal(FakeRoot.openRc(root.resolve("g")).delete("/etc/runlevels/shutdown")));
        assertEquals("NO_UPDATE_RC_D", refusal(FakeRoot.empty(root.resolve("h"))
                .program("/sbin/blktrack-helper", "").program("/sbin/init", "").program("/etc/init.d/checkroot.sh", "")));
    }

    @Test
    void linesOnlySystemsAreRefusedWithTheWayOut() {
        FakeRoot fake = FakeRoot.empty(root).program("/sbin/init", "").program("/etc/rc.d/rc.S", "");
        BlktrackException refusal = assertThrows(BlktrackException.class, () -> boot(fake).install(false));
        assertEquals("LINES_ONLY", refusal.reason());
        assertTrue(refusal.remedy().contains("boot lines --init slackware"));
    }

    @Test
    void noDriverAndNoHelperAreNoObstaclesToHooksOnly() {
        FakeRoot fake = FakeRoot.openRc(root).kernel("4.18.0").delete("/sbin/blktrack-helper");
        assertTrue(boot(fake).install(true).good());
    }

    @Test
    void aFullBootIsRefusedBeforeAnythingIsWritten() throws IOException {
        FakeRoot fake = FakeRoot.systemd(root).kernel("6.1.0-50-amd64").file("/boot/initrd.img-6.1.0-50-amd64", "");
        try (var image = new java.io.RandomAccessFile(fake.path("/boot/initrd.img-6.1.0-50-amd64").toFile(), "rw")) {
            image.setLength(1L << 42);
        }
        assertEquals("NO_SPACE_IN_BOOT", refusal(fake));
    }

    @Test
    void linksOutOfTheTreeAreNotFollowed(@TempDir Path outside) {
        FakeRoot fake = FakeRoot.openRc(root).delete("/etc/init.d").directory(outside.toString()).link("/etc/init.d", outside.toString());
        boot(fake).install(false);
        assertEquals(0, outside.toFile().list().length);
        assertTrue(Files.isRegularFile(fake.path(outside + "/blktrack")));
    }

    @Test
    void aDamagedReceiptIsSaid() {
        FakeRoot fake = FakeRoot.openRc(root).file(InstallReceipt.PATH, "{ \"format\": 1, ");
        assertEquals(ExitStatus.STATE_CORRUPT, assertThrows(BlktrackException.class, () -> boot(fake).verify()).status());
    }

    @Test
    void aReceiptThatLacksAPartIsDamaged() {
        FakeRoot fake = FakeRoot.openRc(root);
        boot(fake).install(false);
        String whole = fake.tree().text(InstallReceipt.PATH);
        for (String part : List.of("init", "places", "files", "directories", "earlyConf")) {
            fake.file(InstallReceipt.PATH, whole.replace("\"" + part + "\":", "\"x\":"));
            BlktrackException failure = assertThrows(BlktrackException.class, () -> boot(fake).remove(), part);
            assertEquals(ExitStatus.STATE_CORRUPT, failure.status(), part);
            assertTrue(failure.getMessage().contains(InstallReceipt.PATH) && failure.remedy() != null);
        }
        for (String damaged : List.of(
                whole.replace("\"openrc\"", "\"nonsense\""),
                whole.replace("\"openrc\"", "null"),
                whole.replaceFirst("\"[0-9a-f]{64}\"", "null"),
                "{\"format\":1,\"init\":\"openrc\",\"places\":[],\"files\":{},\"directories\":[null],\"earlyConf\":\"\"}")) {
            fake.file(InstallReceipt.PATH, damaged);
            assertEquals(ExitStatus.STATE_CORRUPT, assertThrows(BlktrackException.class, () -> boot(fake).remove()).status(), damaged);
        }
    }

    @Test
    void aReceiptOfTheFirstFormIsUnderstood() {
        FakeRoot fake = FakeRoot.openRc(root);
        Map<String, String> before = fake.snapshot();
        boot(fake).install(false);
        fake.file(InstallReceipt.PATH, fake.tree().text(InstallReceipt.PATH).replaceAll("(?m)^ *\"(initAsked|hooksOnly)\": false,\n", ""));
        assertFalse(fake.tree().text(InstallReceipt.PATH).contains("hooksOnly"));
        assertTrue(boot(fake).verify().good());
        boot(fake).remove();
        assertEquals(before, fake.snapshot());
    }

    @Test
    void linksOfRunlevelsAreAnnouncedAndSaid() {
        FakeRoot fake = FakeRoot.openRc(root);
        String link = "link /etc/runlevels/boot/blktrack to /etc/init.d/blktrack";
        assertTrue(boot(fake).previewInstall(false).changes().contains(link));
        assertTrue(boot(fake).install(false).changes().contains(link));
        String delete = "delete /etc/runlevels/boot/blktrack";
        assertTrue(boot(fake).previewRemove().changes().contains(delete));
        assertTrue(boot(fake).remove().changes().contains(delete));
    }

    @Test
    void someoneElsesServiceIsNotReplaced() throws IOException {
        FakeRoot fake = FakeRoot.openRc(root).link("/etc/runlevels/boot/blktrack", "/etc/init.d/foreign");
        assertEquals("FOREIGN_FILE", refusal(fake));
        fake.delete("/etc/runlevels/boot/blktrack").link("/etc/runlevels/boot/blktrack", "../../init.d/blktrack");
        boot(fake).install(false);
        assertEquals("../../init.d/blktrack", Files.readSymbolicLink(fake.path("/etc/runlevels/boot/blktrack")).toString());
    }

    @Test
    void kernelsWithADriver() {
        assertTrue(Obstacles.hasDriver("5.10.0-46-amd64"));
        assertTrue(Obstacles.hasDriver("6.18"));
        assertFalse(Obstacles.hasDriver("2.6.32-754.el6.x86_64"));
        assertFalse(Obstacles.hasDriver("5.9.16"));
        assertFalse(Obstacles.hasDriver("odd"));
    }

    @Test
    void modesAreAsWritten() throws IOException {
        FakeRoot fake = FakeRoot.systemd(root);
        boot(fake).install(false);
        assertEquals("rw-r--r--", PosixFilePermissions.toString(Files.getPosixFilePermissions(fake.path("/usr/lib/udev/rules.d/90-blktrack.rules"))));
        assertEquals("rwxr-xr-x", PosixFilePermissions.toString(Files.getPosixFilePermissions(fake.path("/usr/lib/udev/blktrack"))));
    }

    @Test
    void systemdReleasesWhatItTakesApart() throws IOException {
        FakeRoot fake = FakeRoot.systemd(root);
        Map<String, String> before = fake.snapshot();
        String unit = "/usr/lib/systemd/system/blktrack-release@.service";
        BootReport report = boot(fake).install(false);
        assertTrue(report.hooks().stream().anyMatch(state -> state.path().equals(unit) && state.hook() == Hook.STOP && state.standing() == HookState.Standing.IN_PLACE));
        assertEquals("rw-r--r--", PosixFilePermissions.toString(Files.getPosixFilePermissions(fake.path(unit))));
        String rules = Files.readString(fake.path("/usr/lib/udev/rules.d/90-blktrack.rules"));
        assertTrue(rules.contains("RUN+=\"/usr/lib/udev/blktrack up\""));
        assertFalse(rules.contains("@UDEV_DIR@"));
        fake.delete(unit);
        assertFalse(boot(fake).verify().good());
        boot(fake).reapply();
        assertTrue(boot(fake).verify().good());
        boot(fake).remove();
        assertEquals(before, fake.snapshot());
    }

    /** Makes the change of the scripts fail after everything that is looked at beforehand. */
    private static void breakReceiptOfTheScript(FakeRoot fake) {
        fake.file("/var/lib/blktrack/boot/.rc.sysinit.receipt.json.new/x", "");
    }

    /** Lines in the scripts by the rows of a catalogue. */
    private static void modupdate(FakeRoot fake) {
        List<CatalogueRow> rows = List.of(
                RowMaker.row(Script.RC_SYSINIT, fake.path("/etc/rc.d/rc.sysinit")), RowMaker.row(Script.HALT, fake.path("/etc/rc.d/init.d/halt")));
        BootIntegration.ofPatches(fake.tree(), rows).install(false);
    }

    @Test
    void aReapplyThatFailsLeavesTheHookThatStands() throws IOException {
        FakeRoot fake = FakeRoot.redHat(root);
        String pristine = Files.readString(fake.path("/etc/rc.d/rc.sysinit"));
        boot(fake).install(false);
        fake.program("/etc/rc.d/rc.sysinit", pristine);
        breakReceiptOfTheScript(fake);
        Map<String, String> before = fake.snapshot();
        assertThrows(BlktrackException.class, () -> boot(fake).reapply());
        assertEquals(before, fake.snapshot());
        assertEquals(Standing.IN_PLACE, standing(fake, "/etc/rc.d/init.d/halt"));
    }

    @Test
    void aReapplyThatFailsLeavesLinksThatStand() {
        FakeRoot fake = FakeRoot.openRc(root);
        boot(fake).install(false);
        // Links are made anew one after the other: the second can't be.
        fake.delete(START).delete("/etc/runlevels/shutdown/blktrack-clear").file("/etc/runlevels/shutdown/blktrack-clear/x", "");
        BlktrackException failure = assertThrows(BlktrackException.class, () -> boot(fake).reapply());
        assertEquals("NOT_TAKEN_BACK", failure.reason(), failure.getMessage());
        assertTrue(Files.isSymbolicLink(fake.path("/etc/runlevels/boot/blktrack")));
    }

    @Test
    void whatModupdatePutInPlaceIsReapplied() throws IOException {
        FakeRoot fake = FakeRoot.redHat(root);
        String pristine = Files.readString(fake.path("/etc/rc.d/rc.sysinit"));
        modupdate(fake);
        assertTrue(boot(fake).verify().installed());
        assertEquals(List.of(), boot(fake).previewReapply().changes());
        fake.program("/etc/rc.d/rc.sysinit", pristine);
        Map<String, String> before = fake.snapshot();
        List<String> announced = boot(fake).previewReapply().changes();
        assertEquals(before, fake.snapshot());
        assertEquals(1, announced.size());
        assertEquals(announced, boot(fake).reapply().changes());
        assertTrue(boot(fake).verify().good());
        assertTrue(boot(fake).reapply().changes().isEmpty());
    }

    /** Makes of the hooks in the scripts those of a version whose lines are others. */
    private static void makeOlder(FakeRoot fake) throws IOException {
        for (Script script : Script.values()) {
            Path file = fake.path("/" + script.places().get(0));
            Path receipt = fake.path("/var/lib/blktrack/boot/" + script.fileName() + ".receipt.json");
            String lines = String.join("\n", HookLines.of(script.hook()));
            String olderLines = lines.replace(HookLines.BEGIN, HookLines.BEGIN + "\n# older");
            String text = Files.readString(file);
            String older = text.replace(lines, olderLines);
            Files.writeString(file, older);
            Files.writeString(receipt, Files.readString(receipt)
                    .replace(Digest.sha256Latin1(text), Digest.sha256Latin1(older))
                    .replace(Digest.sha256Latin1(lines), Digest.sha256Latin1(olderLines)));
        }
    }

    @Test
    void linesOfAnEarlierVersionAreRenewedAndTakenOut() throws IOException {
        FakeRoot fake = FakeRoot.redHat(root);
        Map<String, String> pristine = fake.snapshot();
        boot(fake).install(false);
        makeOlder(fake);
        assertEquals(Standing.OUTDATED, standing(fake, "/etc/rc.d/rc.sysinit"));
        assertTrue(boot(fake).verify().good());
        Map<String, String> older = fake.snapshot();
        List<String> announced = boot(fake).previewReapply().changes();
        assertEquals(older, fake.snapshot());
        assertTrue(announced.toString().contains("-# older"), announced.toString());
        assertEquals(announced, boot(fake).reapply().changes());
        assertEquals(Standing.IN_PLACE, standing(fake, "/etc/rc.d/rc.sysinit"));
        makeOlder(fake);
        BootIntegration.ofPatches(fake.tree(), List.of()).install(false); // a hook that is known needs no row
        assertEquals(Standing.IN_PLACE, standing(fake, "/etc/rc.d/init.d/halt"));
        makeOlder(fake);
        boot(fake).remove();
        assertEquals(pristine, fake.snapshot());
    }

    @Test
    void aHookThatNeverRunsIsMisplaced() throws IOException {
        FakeRoot fake = FakeRoot.redHat(root);
        boot(fake).install(false);
        Path halt = fake.path("/etc/rc.d/init.d/halt");
        fake.program("/etc/rc.d/init.d/halt", Files.readString(halt).replaceFirst("\n", "\nexit 0\n"));
        assertEquals(Standing.MISPLACED, standing(fake, "/etc/rc.d/init.d/halt"));
        assertFalse(boot(fake).verify().good());
    }

    @Test
    void whereNothingCanBeInstalledThereIsNothingToReapplyOrRemove() {
        FakeRoot fake = FakeRoot.empty(root).program("/sbin/init", "");
        assertTrue(boot(fake).reapply().changes().isEmpty());
        assertTrue(boot(fake).remove().changes().isEmpty());
        assertTrue(boot(fake).previewRemove().changes().isEmpty());
    }

    @Test
    void anotherInitThanTheOneInstalledForIsRefused() {
        FakeRoot fake = FakeRoot.openRc(root);
        boot(fake).install(false);
        Map<String, String> before = fake.snapshot();
        BootIntegration other = BootIntegration.of(fake.tree(), InitName.SYSVINIT);
        assertEquals("OTHER_INIT", assertThrows(BlktrackException.class, other::remove).reason());
        assertEquals("OTHER_INIT", assertThrows(BlktrackException.class, () -> other.install(true)).reason());
        assertEquals(before, fake.snapshot());
    }

    @Test
    void twoAtOnceDoNotGetInEachOthersWay() {
        FakeRoot fake = FakeRoot.openRc(root);
        try (TreeLock lock = TreeLock.take(root)) {
            Map<String, String> before = fake.snapshot();
            assertEquals(ExitStatus.BUSY, assertThrows(BlktrackException.class, () -> boot(fake).install(false)).status());
            assertEquals(ExitStatus.BUSY, assertThrows(BlktrackException.class, () -> boot(fake).remove()).status());
            assertEquals(before, fake.snapshot());
        }
        assertTrue(boot(fake).install(false).good());
    }

    @Test
    void aCopyThatACrashLeftBehindGoesWithTheRemoval() {
        FakeRoot fake = FakeRoot.openRc(root);
        Map<String, String> before = fake.snapshot();
        boot(fake).install(false);
        fake.delete(START).program("/etc/init.d/.blktrack.blktrack-new", "half of it");
        fake.file("/var/lib/blktrack/.boot.json.blktrack-new", "{");
        boot(fake).remove();
        assertEquals(before, fake.snapshot());
    }

    @Test
    void aDryRunWhereHooksAreInPlaceShowsNothing() {
        FakeRoot fake = FakeRoot.systemd(root);
        boot(fake).install(false);
        assertEquals(List.of(), boot(fake).previewInstall(false).changes());
    }

    @Test
    void theVersionAndWhatStaysOutsideAreSaid() {
        FakeRoot fake = FakeRoot.redHat(root).file("/etc/rc.d/init.d/netfs", "#!/bin/bash\nfsck -A -t opts=_netdev\n");
        List<String> notes = boot(fake).verify().notes();
        assertTrue(notes.get(0).startsWith("initscripts: "), notes.toString());
        assertTrue(notes.get(1).contains("_netdev"), notes.toString());
    }

    @Test
    void anEmptyRootIsNoDirectory() {
        assertEquals("NO_ROOT", assertThrows(BlktrackException.class, () -> Tree.at(Path.of(""))).reason());
    }

    @Test
    void aDryRunOverAnEditedFileIsADiffForPatch() throws IOException, InterruptedException {
        FakeRoot fake = FakeRoot.openRc(root);
        boot(fake).install(false);
        String ours = Files.readString(fake.path(START));
        for (String edited : List.of("edited\n", "no line feed at the end", "", "\f\n\r\n\n")) {
            fake.file(START, edited);
            String diff = String.join("", boot(fake).previewInstall(false).changes());
            Process patch = new ProcessBuilder("patch", "--binary", "-s", "-p1", "-d", root.toString()).redirectErrorStream(true).start();
            patch.getOutputStream().write(diff.getBytes());
            patch.getOutputStream().close();
            String said = new String(patch.getInputStream().readAllBytes());
            assertEquals(0, patch.waitFor(), said + diff);
            assertEquals(ours, Files.readString(fake.path(START)));
        }
    }

    @Test
    void aRemovalDoesWhatItsDryRunSaysOfAnEditedFile() {
        FakeRoot fake = FakeRoot.openRc(root);
        boot(fake).install(false);
        fake.file(START, "edited\n");
        String move = "move " + START + ", which was edited, to /var/lib/blktrack/saved" + START;
        assertTrue(boot(fake).previewRemove().changes().contains(move));
        assertTrue(boot(fake).remove().changes().contains(move));
    }
}
