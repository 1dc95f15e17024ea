package org.blktrack.bootscript;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RolesTest {
    private static Set<Role> roles(String text) throws ScriptFault {
        ShellScript script = ShellScript.parse(ScriptText.of(text));
        Set<Role> roles = EnumSet.noneOf(Role.class);
        for (Statement statement : script.statements()) {
            roles.addAll(new Roles(script).of(statement));
        }
        return roles;
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "mount -o remount /", "mount -w -o remount /", "mount -o remount,rw /", "mount --options remount,rw /",
        "mount --options=remount,rw /", "mount -a", "mount --all", "mount -av", "mount /usr", "mount -n /var", "mount -L data /opt",
        "mount -U 1234 /opt", "mount -r /dev/sda5 /opt", "mount -t ext3 LABEL=x /opt"
    })
    void mountsThatWrite(String command) throws ScriptFault {
        assertEquals(EnumSet.of(Role.WRITE), roles(command));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "mount", "mount -l", "mount -f /", "mount -f -o remount,ro /", "mount --fake -o remount,rw /", "mount -n -t proc /proc /proc", "mount -n /proc", "mount -n /dev/pts",
        "mount -n -o remount /dev/shm", "mount -n -t usbfs /proc/bus/usb /proc/bus/usb", "mount -n --bind /a /b",
        "mount --move /dev /x", "mount -t tmpfs none /tmp", "exec 3>&1", "lvchange -an x/y"
    })
    void whatDoesNotMatter(String command) throws ScriptFault {
        assertEquals(Set.of(), roles(command));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "fsck -A", "exec fsck -A", "eval \"fsck -A\"", "timeout 30s fsck -A", "timeout -k 5 30 fsck -A", "xargs fsck <list",
        "LC_ALL=C nice -n 5 fsck -A", "sh -c 'fsck -A'", "chroot / fsck -A", "chroot --userspec=0:0 /sysroot /sbin/fsck -A", "env -u A B=c fsck -A",
        "ionice -c idle nice fsck -A", "flock -w 5 /var/lock/x fsck -A", "taskset 1 fsck -A", "$(which fsck) -A", "`which fsck` -A",
        "\"$(command -v fsck)\" -A", "runcmd $\"Checking\" fsck -A", "e4fsck -p /dev/sda1"
    })
    void prefixesAreLookedThrough(String command) throws ScriptFault {
        assertEquals(EnumSet.of(Role.FSCK), roles(command));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "dd if=x of=/dev/sda1 bs=1M", "dd if=x of=$disk", "mkfs -t ext3 /dev/sda1", "mkfs.ext4 /dev/sda1", "mke2fs -j /dev/sda1",
        "mkswap /dev/sda2", "swapon -a -e", "/sbin/swapon /swapfile", "tune2fs -c 0 /dev/sda1", "e2label /dev/sda1 root",
        "resize2fs /dev/sda1", "xfs_admin -L root /dev/sda1", "btrfs balance start /", "btrfs check --repair /dev/sda1", "wipefs -a /dev/sda1",
        "sfdisk /dev/sda < table", "badblocks -n /dev/sda1", "debugfs -w -R 'rm /x' /dev/sda1", "chroot / mkswap /dev/sda2",
        "cp image /dev/sda", "cp image /dev/sda1 -S .old", "tee /dev/sda", "tee -a /dev/mapper/x", "sed -i s/a/b/ /dev/sda", "sed -ni.old p /dev/sda",
        "sed --in-place s/a/b/ /dev/sda", "ntfs-3g /dev/sda1 /mnt", "xfs_growfs /data", "fsadm resize /dev/sda1", "lvextend -r -L +1G a/b",
        "lvm lvextend --resizefs -L +1G a/b", "lvresize -rL 1G a/b", "pvresize /dev/sda2"
    })
    void programsThatWriteToADisk(String command) throws ScriptFault {
        assertEquals(EnumSet.of(Role.RAW_WRITE), roles(command));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "dd if=/dev/urandom of=/var/lib/random-seed count=1", "dd if=x of=/dev/null", "dd if=/dev/sda of=/dev/tty1", "swapon -s", "tune2fs -l /dev/sda1",
        "e2label /dev/sda1", "xfs_admin /dev/sda1", "btrfs device scan", "btrfs filesystem show", "btrfs", "wipefs /dev/sda1", "sfdisk -d /dev/sda",
        "fdisk -l", "badblocks /dev/sda1", "debugfs -R stat /dev/sda1", "blkid", "hwclock --systohc", "swapoff -a", "command -v fsck", "which fsck",
        "losetup", "losetup -a", "losetup -f", "losetup /dev/loop0", "losetup -d /dev/loop0", "losetup -j /image", "chroot / ls", "multipath -ll", "multipath -v2 -ll",
        "multipath -F", "kpartx -l /dev/sda", "kpartx -dv /dev/sda", "cryptsetup --version", "cryptsetup luksClose x", "dmsetup --version", "dmraid -s -c -i",
        "dmraid -an", "mdadm --detail --scan", "mdadm -S /dev/md0", "mdadm --monitor --scan --config=/etc/Create", "systemd-cryptsetup detach x", "cp /x /dev/",
        "cp -a /lib/devices/* /dev/shm/x", "tee /dev/console", "tee /var/log/fsck", "sed s/a/b/ /dev/sda", "xfs_growfs -n /data", "fsadm -n resize /dev/sda1", "lvextend -L +1G a/b",
        "sh /etc/early", "sh -c :", "bash -o posix /etc/early", "bash --version"
    })
    void programsThatOnlyAsk(String command) throws ScriptFault {
        assertEquals(Set.of(), roles(command));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "lvchange -ay vg/lv", "mdadm -R /dev/md0", "mdadm --run /dev/md0", "mdadm --auto-detect", "mdadm --build /dev/md0 -n1 /dev/sda", "mdadm -B /dev/md0",
        "mdadm --create /dev/md0", "mdadm -Cv /dev/md0", "mdadm -As", "losetup /dev/loop0 /image", "losetup -f /image", "losetup -fP --show $image",
        "losetup -r -o 512 /dev/loop0 /image", "/lib/systemd/systemd-cryptsetup attach a /dev/sda", "multipath -v 0", "kpartx -a /dev/sda", "kpartx -u /dev/sda",
        "dmraid -ay -i -p x", "cryptsetup luksOpen /dev/sda a", "dmsetup create x"
    })
    void programsThatSetUp(String command) throws ScriptFault {
        assertEquals(EnumSet.of(Role.SETUP), roles(command));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "echo mount -a | sh", "bash <<EOF\nmount -a\nEOF", "sh < list", "bash -s x < list", "bash -eo pipefail <<< \"$x\"", "exec dash", "xargs sh", "sh /dev/stdin",
        "bash --rcfile /etc/x"
    })
    void aShellThatRunsWhatItIsFed(String command) throws ScriptFault {
        assertEquals(EnumSet.of(Role.UNCLEAR_WRITE, Role.UNCLEAR_SETUP), roles(command));
    }

    @Test
    void callsThatBranchWithoutEndAreLookedIntoOnce() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 60; i++) {
            text.append(String.format("f%d() { f%d; f%d; }%n", i, i + 1, i + 1));
        }
        text.append("f60() { fsck -A; f0; }\nf0\n");
        Assertions.assertTimeoutPreemptively(Duration.ofSeconds(10), () -> assertTrue(roles(text.toString()).contains(Role.FSCK)));
    }

    @Test
    void callsThatBranchWithEverNewWordsEnd() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 60; i++) {
            text.append(String.format("f%d() { f%d \"$@\" a; f%d \"$@\" b; }%n", i, i + 1, i + 1));
        }
        text.append("f60() { fsck -A; }\nf0\n");
        Assertions.assertTimeoutPreemptively(Duration.ofSeconds(10), () -> assertTrue(roles(text.toString()).contains(Role.UNCLEAR_WRITE)));
    }

    @Test
    void contentsThatBranchWithoutEndEnd() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 60; i++) {
            text.append(String.format("A%d='$A%d x'\nA%d='$A%d y'\n", i, i + 1, i, i + 1));
        }
        text.append("A60=true\n$A0\n");
        Set<Role> roles = Assertions.assertTimeoutPreemptively(Duration.ofSeconds(60), () -> roles(text.toString()));
        assertEquals(EnumSet.of(Role.UNCLEAR_COMMAND), roles);
    }

    @Test
    void conditionsWithoutEndAreNotFollowed() throws ScriptFault {
        String loop = "while read dev dir; do\nx || " + "mount -n -o ro,remount / || ".repeat(30_000) + "true\ndone < /proc/mounts\nexec $command\n";
        ShellScript script = ShellScript.parse(ScriptText.of(loop));
        ScriptFault fault = Assertions.assertTimeoutPreemptively(Duration.ofSeconds(20),
                () -> Assertions.assertThrows(ScriptFault.class, () -> new StopPlace(script).find()));
        assertEquals(Reason.AMBIGUOUS, fault.reason());
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "case $? in 0) ;; esac", "rc=${?:-1}", "echo ${PIPESTATUS[0]}", "[ $? = 0 ]", "if (( $? )); then echo failed; fi", "(( $? == 0 )) || exit",
        "for (( i = $?; i; i-- )); do :; done", "check lvm", "check_all lvm", "case x in x) [ $? = 0 ] ;; esac", "echo \"$(date) $?\""
    })
    void aStatementThatAsksForTheStatusBeforeItIsNoPlace(String next) throws ScriptFault {
        ShellScript script = ShellScript.parse(ScriptText.of("true\n" + next + "\ncheck() { [ $? -eq 0 ] && echo \"$1\"; }\ncheck_all() { check \"$@\"; }\n"));
        ScriptFault fault =
                Assertions.assertThrows(ScriptFault.class, () -> new StartPlace(script).checkBoundary(2));
        assertEquals(Reason.AMBIGUOUS, fault.reason());
    }

    @ParameterizedTest
    @ValueSource(strings = {"vgscan\nrc=$?", "if vgscan; then rc=$?; fi", "greet", "x=1 && [ $? = 0 ]"})
    void aStatementThatAsksForItsOwnStatusIsAPlace(String next) throws ScriptFault {
        new StartPlace(ShellScript.parse(ScriptText.of("true\n" + next + "\ngreet() { echo; [ $? = 0 ]; }\n"))).checkBoundary(2);
    }
}
