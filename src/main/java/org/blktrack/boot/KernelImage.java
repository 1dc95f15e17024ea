package org.blktrack.boot;

import java.util.ArrayList;
import java.util.List;

/**
 * The initramfs image of one installed kernel.
 *
 * @param version the kernel's release, as its module directory is named
 * @param path such as {@code /boot/initrd.img-6.1.0-50-amd64}
 */
record KernelImage(String version, String path) {
    /** The images that are there; a kernel without one gets the hooks when its image is first built. */
    static List<KernelImage> of(Tree tree) {
        List<KernelImage> images = new ArrayList<>();
        for (String version : kernels(tree)) {
            for (String path : List.of("/boot/initrd.img-" + version, "/boot/initramfs-" + version + ".img", "/boot/initrd-" + version)) {
                if (tree.isFile(path)) {
                    images.add(new KernelImage(version, path));
                    break;
                }
            }
        }
        return images;
    }

    /** Releases of the installed kernels. */
    static List<String> kernels(Tree tree) {
        return tree.names("/lib/modules").stream()
                .filter(name -> name.matches("[0-9]+\\.[0-9]+.*"))
                // A directory may outlive its kernel, with modules that were built by hand.
                .filter(name -> tree.exists("/boot/vmlinuz-" + name) || tree.exists("/lib/modules/" + name + "/vmlinuz"))
                .toList();
    }
}
