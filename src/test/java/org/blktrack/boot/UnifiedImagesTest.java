package org.blktrack.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.blktrack.bootscript.FakeRoot;
import org.blktrack.model.BlktrackException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Systems that boot images in which kernel and initramfs are one file: told by what is there, and by what is configured. */
class UnifiedImagesTest {
    @TempDir
    Path base;

    private final AtomicInteger trees = new AtomicInteger();

    private FakeRoot system() {
        return FakeRoot.systemd(base.resolve("root" + trees.incrementAndGet()));
    }

    private FakeRoot dracut() {
        return system().directory("/usr/lib/dracut/modules.d").program("/usr/bin/dracut", "builder");
    }

    private static void assertUnified(boolean unified, FakeRoot fake) {
        assertEquals(unified, UnifiedImages.areIn(fake.tree()));
        if (unified) {
            BlktrackException refusal = assertThrows(
                    BlktrackException.class, () -> BootIntegration.of(fake.tree(), null).previewInstall(true));
            assertEquals("UNIFIED_KERNEL_IMAGE", refusal.reason());
        }
    }

    @Test
    void theLayoutIsSeenInEveryPlaceOfKernelInstall() {
        for (String place : List.of("/etc", "/run", "/usr/local/lib", "/usr/lib")) {
            assertUnified(true, system().file(place + "/kernel/install.conf", "layout=uki\n"));
            assertUnified(true, system().file(place + "/kernel/install.conf.d/10-uki.conf", "layout=uki\n"));
            assertUnified(false, system().file(place + "/kernel/install.conf.d/10-uki.conf.orig", "layout=uki\n"));
            assertUnified(false, system().file(place + "/kernel/install.conf.d/10-bls.conf", "layout=bls\n"));
        }
        assertUnified(false, system());
    }

    @Test
    void theLayoutIsReadAsKernelInstallReadsIt() {
        for (String text : List.of("# x\n  layout = uki\n", "layout=\"uki\"\n", "layout='uki'", "initrd_generator=none\nlayout=bls\nlayout=uki\n")) {
            assertUnified(true, system().file("/etc/kernel/install.conf", text));
        }
        for (String text : List.of("#layout=uki\n", "; layout=uki\n", "layout=uki\nlayout=bls\n", "layout=ukix\n", "mylayout=uki\n", "layout\n")) {
            assertUnified(false, system().file("/etc/kernel/install.conf", text));
        }
    }

    /** Drop-ins go before the file, later names before earlier ones, and of one name the administrator's counts alone. */
    @Test
    void whatOverridesTheLayoutCounts() {
        FakeRoot overridden = system()
                .file("/etc/kernel/install.conf", "layout=uki\n")
                .file("/usr/lib/kernel/install.conf.d/50-layout.conf", "layout=bls\n");
        assertUnified(false, overridden);
        assertUnified(true, overridden.file("/run/kernel/install.conf.d/60-layout.conf", "layout=uki\n"));
        FakeRoot masked = system().file("/usr/lib/kernel/install.conf.d/50-layout.conf", "layout=uki\n");
        assertUnified(true, masked);
        assertUnified(false, masked.directory("/etc/kernel/install.conf.d").link("/etc/kernel/install.conf.d/50-layout.conf", "/dev/null"));
        FakeRoot replaced = system()
                .file("/usr/lib/kernel/install.conf", "layout=uki\n")
                .file("/etc/kernel/install.conf", "layout=bls\n");
        assertUnified(false, replaced);
    }

    @Test
    void dracutMayBeToldToBuildThem() {
        for (String file : List.of("/etc/dracut.conf", "/etc/dracut.conf.d/uki.conf", "/usr/lib/dracut/dracut.conf.d/uki.conf")) {
            for (String text : List.of("uefi=yes\n", "uefi=\"yes\"  # for the firmware\n", "  uefi='yes'\n", "a=b; uefi=yes\n", "export uefi=yes\n")) {
                assertUnified(true, dracut().file(file, text));
            }
            for (String text : List.of("#uefi=yes\n", "uefi=no\n", "uefi=yes\nuefi=no\n", "no_uefi=yes\n", "uefi_stub=/x\n")) {
                assertUnified(false, dracut().file(file, text));
            }
        }
        FakeRoot overridden = dracut()
                .file("/etc/dracut.conf", "uefi=yes\n")
                .file("/usr/lib/dracut/dracut.conf.d/01-dist.conf", "uefi=no\n");
        assertUnified(false, overridden);
        assertUnified(true, overridden.file("/etc/dracut.conf.d/02-uki.conf", "uefi=yes\n"));
        assertUnified(false, overridden.file("/etc/dracut.conf.d/02-uki.conf", "\n"));
        assertUnified(false, system().file("/etc/dracut.conf.d/uki.conf", "uefi=yes\n"));
    }

    @Test
    void imagesThatLieThereCount() {
        for (String directory : List.of("/boot/EFI/Linux", "/boot/efi/EFI/Linux", "/efi/EFI/Linux")) {
            assertUnified(true, system().file(directory + "/x.efi", ""));
            assertUnified(false, system().file(directory + "/x.txt", ""));
        }
    }
}
