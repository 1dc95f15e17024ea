package org.blktrack.boot;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.blktrack.bootscript.Tree;

/** Whether a system boots images in which kernel and initramfs are one file, built and signed elsewhere. */
final class UnifiedImages {
    private static final List<String> DIRECTORIES = List.of("/boot/EFI/Linux", "/boot/efi/EFI/Linux", "/efi/EFI/Linux");

    /** Of kernel-install(8), the one that goes before the others first. */
    private static final List<String> KERNEL_INSTALL = List.of("/etc/kernel", "/run/kernel", "/usr/local/lib/kernel", "/usr/lib/kernel");
    private static final Pattern LAYOUT = Pattern.compile("(?m)^[ \t]*layout[ \t]*=[ \t]*[\"']?(\\w*)");

    /** dracut.conf(5) is shell. */
    private static final Pattern UEFI = Pattern.compile("(?m)^(?:[^#\n]*[ \t;&])?uefi=[\"']?(\\w*)");

    private UnifiedImages() {}

    static boolean areIn(Tree tree) {
        return DIRECTORIES.stream().flatMap(directory -> tree.names(directory).stream()).anyMatch(name -> name.endsWith(".efi"))
                || isLayout(tree)
                || DracutPlace.isIn(tree) && isBuiltByDracut(tree);
    }

    private static boolean isLayout(Tree tree) {
        Stream<String> main = KERNEL_INSTALL.stream()
                .filter(directory -> tree.names(directory).contains("install.conf"))
                .limit(1)
                .map(directory -> directory + "/install.conf");
        List<String> dropIns = KERNEL_INSTALL.stream().map(directory -> directory + "/install.conf.d").toList();
        return last(tree, LAYOUT, main, dropIns).equals("uki");
    }

    private static boolean isBuiltByDracut(Tree tree) {
        List<String> dropIns = List.of("/etc/dracut.conf.d", "/usr/lib/dracut/dracut.conf.d");
        return last(tree, UEFI, Stream.of("/etc/dracut.conf"), dropIns).equals("yes");
    }

    /**
     * The value that counts, empty where none is set: drop-ins override the main file, and of those with one name, the first directory's counts alone.
     *
     * @param setting its first group is the value
     */
    private static String last(Tree tree, Pattern setting, Stream<String> main, List<String> dropInDirectories) {
        Map<String, String> dropIns = new TreeMap<>();
        for (String directory : dropInDirectories) {
            tree.names(directory).stream()
                    .filter(name -> name.endsWith(".conf"))
                    .forEach(name -> dropIns.putIfAbsent(name, directory + "/" + name));
        }
        return Stream.concat(main, dropIns.values().stream())
                .flatMap(file -> setting.matcher(tree.text(file)).results())
                .map((MatchResult found) -> found.group(1))
                .reduce("", (earlier, later) -> later);
    }
}
