package org.blktrack.boot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.blktrack.bootscript.Script;
import org.blktrack.bootscript.Tree;

/** Tells a system's init: by the program that runs as PID 1, and where none runs, by what the tree holds. */
public final class InitRecognition {
    /** Upstart's, of Fedora 9 to 11 and from Fedora 12 and EL6 on. */
    static final List<String> UPSTART_JOBS = List.of("/etc/event.d/rcS", "/etc/init/rcS.conf");

    private InitRecognition() {}

    /** Whether systemd starts this system, whatever files of others it holds. */
    public static boolean isSystemd(Tree tree) {
        try {
            return of(tree) == InitName.SYSTEMD;
        } catch (Refusal unknown) {
            return false;
        }
    }

    /** @throws Refusal UNKNOWN_INIT where none of the known ones is found */
    static InitName of(Tree tree) {
        return of(tree, runningInit(tree));
    }

    /**
     * @param pid1 path of the program that runs as PID 1 in this tree, if it runs at all. Leftover files of another init
     *     system are common (Fedora 15 to 17 kept rc.sysinit beside systemd), so it goes before any file.
     */
    static InitName of(Tree tree, Optional<String> pid1) {
        String program = fileName(pid1.orElseGet(() -> tree.resolve("/sbin/init").toString()));
        InitName named =
                switch (program) {
                    case "systemd" -> InitName.SYSTEMD;
                    case "busybox" -> isOpenRc(tree) ? InitName.OPENRC : InitName.BUSYBOX;
                    case "openrc-init" -> InitName.OPENRC;
                    case "runit", "runit-init" -> InitName.RUNIT;
                    case "init", "upstart" -> byScripts(tree);
                    default -> null;
                };
        if (named == null) {
            throw new Refusal(
                    "UNKNOWN_INIT",
                    "can't tell the init system: " + (pid1.isEmpty() && !tree.exists("/sbin/init") ? "there is no /sbin/init" : program + " starts this system, and is none that blktrack knows"),
                    "Name it: 'blktrack boot install --init NAME'; or see 'blktrack boot lines --init NAME' for what to add by hand.");
        }
        return named;
    }

    /** {@code /sbin/init} by that name is sysvinit or Upstart: the scripts it starts make the difference. */
    private static InitName byScripts(Tree tree) {
        if (isOpenRc(tree) || tree.text("/etc/init.d/rc").contains("/sbin/openrc")) {
            return InitName.OPENRC;
        }
        String inittab = commands(tree, "/etc/inittab");
        if (inittab.contains("rc.sysinit") || UPSTART_JOBS.stream().anyMatch(job -> commands(tree, job).contains("rc.sysinit"))) {
            return tree.exists("/etc/rc.d/functions.d") ? InitName.ARCH : InitName.REDHAT;
        }
        if (tree.exists("/etc/rc.d/rc.S")) {
            return InitName.SLACKWARE;
        }
        if (tree.exists("/etc/init.d/boot.localfs")) {
            return InitName.SUSE;
        }
        if (tree.exists("/etc/init/mountall.conf")) {
            return InitName.UPSTART;
        }
        boolean debian = tree.exists("/etc/init.d/checkroot.sh") || tree.exists("/etc/init.d/checkroot");
        if (debian) {
            return InitName.SYSVINIT;
        }
        if (!tree.exists("/sbin/init") && (tree.isFile("/usr/lib/systemd/systemd") || tree.isFile("/lib/systemd/systemd"))) {
            return InitName.SYSTEMD;
        }
        // An installer's tree may lack all that starts it. Upstart's inittab names a runlevel and no script.
        if (Script.RC_SYSINIT.places().stream().anyMatch(tree::isFile) && !inittab.contains(":sysinit:")) {
            return InitName.REDHAT;
        }
        return null;
    }

    /** Alpine's init is busybox, and all that its inittab starts is OpenRC. */
    private static boolean isOpenRc(Tree tree) {
        return commands(tree, "/etc/inittab").contains("openrc");
    }

    /** The lines of a file that are no comments. */
    static String commands(Tree tree, String file) {
        return tree.text(file).lines().filter(line -> !line.stripLeading().startsWith("#")).collect(Collectors.joining("\n"));
    }

    private static Optional<String> runningInit(Tree tree) {
        try {
            return isBooted(tree) ? Optional.of(Files.readSymbolicLink(Path.of("/proc/1/exe")).toString()) : Optional.empty();
        } catch (IOException | RuntimeException unreadable) {
            return Optional.empty();
        }
    }

    /** Whether the machine runs from this tree. In a chroot, PID 1 is another system's: an image build, or a rescue. */
    static boolean isBooted(Tree tree) {
        try {
            return tree.isRunning()
                    && Files.getAttribute(Path.of("/"), "unix:fileKey").equals(Files.getAttribute(Path.of("/proc/1/root"), "unix:fileKey"));
        } catch (IOException | RuntimeException unreadable) {
            return false;
        }
    }

    private static String fileName(String path) {
        String name = path.substring(path.lastIndexOf('/') + 1);
        // The kernel adds this when an update has replaced the running program.
        return name.endsWith(" (deleted)") ? name.substring(0, name.length() - " (deleted)".length()) : name;
    }
}
