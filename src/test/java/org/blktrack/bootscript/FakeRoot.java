package org.blktrack.bootscript;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A tree in the shape of a system, as small as the code under test can tell it by. */
public final class FakeRoot {
    private final Path root;

    private FakeRoot(Path root) {
        this.root = root;
    }

    public static FakeRoot empty(Path root) {
        return new FakeRoot(root).directory("/etc").directory("/var/lib").directory("/usr/lib");
    }

    public static FakeRoot openRc(Path root) {
        return empty(root)
                .program("/sbin/init", "sysvinit")
                .file("/etc/inittab", "si::sysinit:/sbin/openrc sysinit\n")
                .directory("/etc/init.d")
                .directory("/etc/runlevels/boot")
                .directory("/etc/runlevels/shutdown")
                .program("/sbin/blktrack-helper", "helper");
    }

    public static FakeRoot redHat(Path root) {
        return empty(root)
                .program("/sbin/init", "sysvinit")
                .file("/etc/inittab", "si::sysinit:/etc/rc.d/rc.sysinit\n")
                .program("/etc/rc.d/rc.sysinit", """
                        #!/bin/bash
                        vgchange -a y --sysinit
                        if [ -f /fastboot ]; then
                            fastboot=yes
                        fi
                        [ -n "$fastboot" ] || fsck -T -A -a
                        mount -n -o remount,rw /
                        """)
                .program("/etc/rc.d/init.d/halt", """
                        #!/bin/bash
                        mount | awk '{ print $1,$3 }' | while read dev dir; do
                            mount -n -o ro,remount $dir
                        done
                        exec /sbin/halt -d -f -p
                        """)
                .program("/sbin/blktrack-helper", "helper");
    }

    public static FakeRoot systemd(Path root) {
        return empty(root)
                .program("/usr/lib/systemd/systemd", "systemd")
                .program("/usr/lib/systemd/systemd-shutdown", "systemd")
                .directory("/usr/lib/udev/rules.d")
                .directory("/etc/initramfs-tools/hooks")
                .program("/usr/sbin/mkinitramfs", "builder")
                .program("/usr/sbin/update-initramfs", "builder")
                .program("/usr/sbin/blktrack-helper", "helper")
                .link("/sbin", "usr/sbin")
                .link("/lib", "usr/lib")
                .link("/usr/sbin/init", "../lib/systemd/systemd");
    }

    public FakeRoot kernel(String release) {
        return directory("/usr/lib/modules/" + release).file("/boot/vmlinuz-" + release, "kernel");
    }

    public Tree tree() {
        return Tree.at(root);
    }

    public Path path(String path) {
        return root.resolve(path.substring(1));
    }

    public FakeRoot directory(String path) {
        return doing(() -> Files.createDirectories(path(path)));
    }

    public FakeRoot file(String path, String text) {
        return doing(() -> {
            Files.createDirectories(path(path).getParent());
            Files.writeString(path(path), text);
        });
    }

    public FakeRoot program(String path, String text) {
        file(path, text);
        return doing(() -> Files.setPosixFilePermissions(path(path), PosixFilePermissions.fromString("rwxr-xr-x")));
    }

    public FakeRoot link(String path, String target) {
        return doing(() -> Files.createSymbolicLink(path(path), Path.of(target)));
    }

    public FakeRoot delete(String path) {
        return doing(() -> Files.delete(path(path)));
    }

    /** Everything there is, with modes and contents, to see whether a command has left a trace. */
    public Map<String, String> snapshot() {
        Map<String, String> all = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(root)) {
            for (Path path : paths.toList()) {
                Object mode = Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
                String content = "";
                if (Files.isSymbolicLink(path)) {
                    content = Files.readSymbolicLink(path).toString();
                } else if (Files.isRegularFile(path) && Files.size(path) < 1 << 20) {
                    content = Files.readString(path, StandardCharsets.ISO_8859_1);
                }
                all.put(root.relativize(path).toString(), mode + " " + content);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        return all;
    }

    private interface Step {
        void run() throws IOException;
    }

    private FakeRoot doing(Step step) {
        try {
            step.run();
            return this;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
