package org.blktrack.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import org.blktrack.bootscript.FakeRoot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where images lie. */
class KernelImageTest {
    @TempDir
    Path root;

    private static List<String> paths(FakeRoot fake) {
        return KernelImage.of(fake.tree()).stream().map(KernelImage::path).toList();
    }

    private FakeRoot fake() {
        return FakeRoot.empty(root).link("/lib", "usr/lib").directory("/boot").file("/usr/lib/modules/6.12.0/vmlinuz", "kernel");
    }

    @Test
    void besideTheKernel() {
        assertEquals(List.of("/boot/initramfs-6.12.0.img"), paths(fake().file("/boot/initramfs-6.12.0.img", "")));
    }

    @Test
    void whereKernelInstallPutsThem() {
        FakeRoot fake = fake().file("/etc/machine-id", "0123\n")
                .file("/boot/efi/0123/6.12.0/initrd", "")
                .file("/boot/efi/0123/6.12.0/initrd.blktrack-previous", "")
                .file("/boot/efi/4567/6.12.0/initrd", "another system's");
        assertEquals(List.of("/boot/efi/0123/6.12.0/initrd"), paths(fake));
        fake.file("/etc/kernel/entry-token", "Default\n").file("/efi/Default/6.12.0/initrd.img-6.12.0", "");
        assertEquals(List.of("/efi/Default/6.12.0/initrd.img-6.12.0", "/boot/efi/0123/6.12.0/initrd"), paths(fake));
        assertEquals(List.of(), KernelImage.kernelsWithout(fake.tree()));
    }

    @Test
    void aDirectoryWithTwoNamesCountsOnce() {
        FakeRoot fake = fake().file("/etc/machine-id", "0123\n").file("/boot/efi/0123/6.12.0/initrd", "").link("/efi", "boot/efi");
        assertEquals(List.of("/efi/0123/6.12.0/initrd"), paths(fake));
    }

    @Test
    void aKernelThatOnlyItsEntryHolds() {
        FakeRoot fake = FakeRoot.empty(root).directory("/lib/modules/6.12.0").file("/etc/machine-id", "0123\n").file("/efi/0123/6.12.0/linux", "");
        assertEquals(List.of("6.12.0"), KernelImage.kernels(fake.tree()));
        assertEquals(List.of("6.12.0"), KernelImage.kernelsWithout(fake.tree()));
    }
}
