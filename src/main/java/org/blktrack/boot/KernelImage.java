package org.blktrack.boot;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.blktrack.bootscript.Tree;

/**
 * The initramfs image of one installed kernel.
 *
 * @param version the kernel's release, as its module directory is named
 * @param path such as {@code /boot/initrd.img-6.1.0-50-amd64}
 */
record KernelImage(String version, String path) {
    private static final List<String> ENTRY_ROOTS = List.of("/efi", "/boot/efi", "/boot");

    /** The images that are there; a kernel without one gets the hooks when its image is first built. */
    static List<KernelImage> of(Tree tree) {
        List<KernelImage> images = new ArrayList<>();
        for (String version : kernels(tree)) {
            images(tree, version).forEach(path -> images.add(new KernelImage(version, path)));
        }
        return images;
    }

    /** Releases of installed kernels that have no image. */
    static List<String> kernelsWithout(Tree tree) {
        return kernels(tree).stream().filter(version -> images(tree, version).isEmpty()).toList();
    }

    private static List<String> images(Tree tree, String version) {
        List<String> images = new ArrayList<>();
        Stream.of("/boot/initrd.img-" + version, "/boot/initramfs-" + version + ".img", "/boot/initrd-" + version)
                .filter(tree::isFile)
                .findFirst()
                .ifPresent(images::add);
        for (String directory : entryDirectories(tree, version)) {
            tree.names(directory).stream()
                    .filter(name -> name.startsWith("initrd") && !name.contains(ImageRebuild.OURS))
                    .map(name -> directory + "/" + name)
                    .filter(tree::isFile)
                    .forEach(images::add);
        }
        return images;
    }

    /** Where kernel-install(8) puts a kernel with its image: below the machine's id, or what /etc/kernel/entry-token names. */
    private static List<String> entryDirectories(Tree tree, String version) {
        Map<Path, String> directories = new LinkedHashMap<>();
        for (String file : List.of("/etc/kernel/entry-token", "/etc/machine-id")) {
            String token = tree.text(file).strip();
            if (token.matches("[A-Za-z0-9._-]+")) {
                for (String root : ENTRY_ROOTS) {
                    String directory = root + "/" + token + "/" + version;
                    // One may be a link to another.
                    directories.putIfAbsent(tree.resolve(directory), directory);
                }
            }
        }
        return List.copyOf(directories.values());
    }

    /** Releases of the installed kernels. */
    static List<String> kernels(Tree tree) {
        return tree.names("/lib/modules").stream()
                .filter(name -> name.matches("[0-9]+\\.[0-9]+.*"))
                // A directory may outlive its kernel, with modules that were built by hand.
                .filter(name -> isInstalled(tree, name))
                .toList();
    }

    private static boolean isInstalled(Tree tree, String version) {
        return tree.exists("/boot/vmlinuz-" + version)
                || tree.exists("/lib/modules/" + version + "/vmlinuz")
                || entryDirectories(tree, version).stream().anyMatch(directory -> tree.exists(directory + "/linux"));
    }
}
