package org.blktrack.bootscript;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A root directory with bash, a few text tools, and for every program that would touch the machine a stub that only writes
 * its name and arguments to /events. Scripts are run in it by chroot(8).
 */
final class Sandbox {
    private static final List<String> STUBS = List.of(
            "blktrack-helper", "lvm", "lvm.static", "vgscan", "vgchange", "multipath", "multipath.static", "kpartx", "dmsetup",
            "dmraid", "cryptsetup", "mdadm", "raidautorun", "fsck", "sulogin", "swapon", "swapoff", "start_udev",
            "sysctl", "modprobe", "hwclock", "killall5", "kexec", "upsdrvctl", "halt", "reboot", "halt.local", "quotaoff",
            "ready");
    private static final List<String> TOOLS = List.of("awk", "cat", "grep", "fgrep", "sed", "rm", "hostname", "ls", "sleep");
    private static final int TIMEOUT_SECONDS = 30;

    private final Path root;

    Sandbox(Path root) throws IOException, InterruptedException {
        this.root = root;
        for (String directory : List.of("bin", "sbin", "etc/ups", "proc", "dev/mapper", "tmp", "data", "run")) {
            Files.createDirectories(root.resolve(directory));
        }
        copyWithLibraries(Path.of("/bin/bash"));
        copyWithLibraries(Path.of("/bin/busybox"));
        Files.createSymbolicLink(root.resolve("bin/sh"), Path.of("bash"));
        for (String tool : TOOLS) {
            Files.createSymbolicLink(root.resolve("bin/" + tool), Path.of("busybox"));
        }
        stub("sbin/stub", "echo \"${0##*/} $*\" >> /events");
        for (String name : STUBS) {
            Files.createSymbolicLink(root.resolve("sbin/" + name), Path.of("stub"));
        }
        stub("bin/mount", "if [ $# -eq 0 ]; then echo '/dev/sda1 on / type ext4 (rw)'; echo '/dev/sda2 on /data type ext4 (rw)'; "
                + "else echo \"mount $*\" >> /events; fi");
        stub("sbin/umount", "echo \"umount $*\" >> /events; [ \"${!#}\" != / ] # busy, as ever");
        stub("bin/fstab-decode", "exec \"$@\"");
        stub("bin/chroot", "shift; exec \"$@\"");
        stub("bin/initlog", "shift; exec $1");
        for (String file : List.of("etc/crypttab", "etc/mdadm.conf", "etc/multipath.conf", "etc/ups/upsmon.conf", "etc/killpower",
                "etc/kexec.wanted", "etc/rc.readonly", "dev/mapper/control", "dev/null", "etc/sysctl.conf")) {
            Files.writeString(root.resolve(file), "");
        }
        Files.writeString(root.resolve("etc/crypttab"), "secret /dev/sdb2 none\n");
        Files.writeString(root.resolve("proc/cmdline"), "ro root=/dev/sda1 quiet\n");
        Files.writeString(root.resolve("proc/devices"), "253 device-mapper\n");
        Files.writeString(root.resolve("proc/mdstat"), "Personalities :\n");
        Files.writeString(root.resolve("proc/mounts"), "/dev/sda1 / ext4 rw 0 0\n/dev/sda2 /data ext4 rw 0 0\n");
        Files.writeString(root.resolve("proc/swaps"), "Filename Type\n/dev/sda3 partition\n");
    }

    private void stub(String name, String body) throws IOException {
        Path path = root.resolve(name);
        Files.writeString(path, "#!/bin/bash\n" + body + "\n");
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private void copyWithLibraries(Path program) throws IOException, InterruptedException {
        copy(program);
        Process ldd = new ProcessBuilder("ldd", program.toString()).redirectErrorStream(true).start();
        Matcher library = Pattern.compile("(/\\S+) \\(0x").matcher(new String(ldd.getInputStream().readAllBytes()));
        while (library.find()) {
            copy(Path.of(library.group(1)));
        }
        ldd.waitFor();
    }

    private void copy(Path file) throws IOException {
        Path target = root.resolve(file.toString().substring(1));
        Files.createDirectories(target.getParent());
        Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
    }

    /** @param status the script's exit status */
    record Run(List<String> events, int status, String output) {}

    /** @param name what the script is called as, such as {@code halt} */
    Run run(String name, byte[] script) throws IOException, InterruptedException {
        Path path = root.resolve(name);
        Files.write(path, script);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.deleteIfExists(root.resolve("events"));
        ProcessBuilder builder = new ProcessBuilder("chroot", root.toString(), "/" + name).redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().put("PATH", "/sbin:/bin:/usr/sbin:/usr/bin");
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes());
        if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IllegalStateException("the script did not end");
        }
        Path events = root.resolve("events");
        return new Run(Files.exists(events) ? Files.readAllLines(events) : List.of(), process.exitValue(), output);
    }

    void helper(String body) throws IOException {
        Files.deleteIfExists(root.resolve("sbin/blktrack-helper"));
        if (body != null) {
            stub("sbin/blktrack-helper", body);
        }
    }

    Path root() {
        return root;
    }
}
