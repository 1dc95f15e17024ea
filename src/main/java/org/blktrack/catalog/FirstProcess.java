package org.blktrack.catalog;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.blktrack.bootscript.RedHatScripts;
import org.blktrack.bootscript.Tree;

/** Whether a machine is started by systemd: then rc.sysinit and halt are not run, even if a legacy package left them there. */
final class FirstProcess {
    private FirstProcess() {}

    static boolean isSystemd(Tree tree, RedHatScripts scripts) {
        if (tree.isRunning()) {
            if (Files.isDirectory(Path.of("/run/systemd/system"))) { // sd_booted(3)
                return true;
            }
            if (isOurs()) {
                return programOf(Path.of("/proc/1/exe")).equals("systemd");
            }
        }
        Path init = tree.resolve("sbin/init");
        if (Files.exists(init)) {
            return init.getFileName().toString().equals("systemd");
        }
        return !scripts.present()
                && (Files.exists(tree.resolve("usr/lib/systemd/systemd")) || Files.exists(tree.resolve("lib/systemd/systemd")));
    }

    /** In a chroot, as in an image build, process 1 is another system's. */
    private static boolean isOurs() {
        try {
            return Files.isSameFile(Path.of("/proc/1/root"), Path.of("/"));
        } catch (IOException e) {
            return false;
        }
    }

    private static String programOf(Path link) {
        try {
            // The kernel adds this when an update replaced the running program.
            return Files.readSymbolicLink(link).getFileName().toString().replace(" (deleted)", "");
        } catch (IOException e) {
            return "";
        }
    }
}
