package org.blktrack.bootscript;

import java.util.List;
import java.util.Set;

/** Tells the programs that write to a block device by themselves, mount(8) and fsck(8) left out; a mere query is no write. */
final class DiskWriter {
    private static final Set<String> ALWAYS = Set.of(
            "mke2fs", "mkreiserfs", "mkdosfs", "mkswap", "resize2fs", "resize_reiserfs", "reiserfstune", "btrfstune", "blkdiscard", "fstrim",
            "shred", "ntfs-3g", "lowntfs-3g", "pvresize", "pvcreate");
    private static final Set<String> FSCK =
            Set.of("fsck", "e2fsck", "e4fsck", "xfs_repair", "reiserfsck", "jfs_fsck", "dosfsck", "btrfsck");
    private static final Set<String> BTRFS = Set.of(
            "balance", "resize", "defragment", "label", "create", "delete", "snapshot", "set-default", "add", "remove", "replace", "start", "rescue",
            "receive", "enable", "disable", "--repair");
    /** What can be written to and is no disk. */
    private static final String NO_DISK = "/dev/(|.*/|null|zero|full|u?random|tty.*|console|kmsg|pts/.*|shm/.*|fd/.*|std(in|out|err)|ptmx|vcs.*|input/.*"
            + "|log|initctl|rtc.*|watchdog.*|hw_?r.*|lp[0-9]*|tcp/.*|udp/.*|mem|cpu.*|\\..*)";

    private DiskWriter() {}

    /** Whether it checks, and so may repair, a file system. */
    static boolean checks(String name) {
        return FSCK.contains(name) || name.startsWith("fsck.");
    }

    static boolean writes(String name, List<String> arguments) {
        return switch (name) {
            // A redirection, which stands as a command of its own.
            case ">" -> arguments.stream().anyMatch(DiskWriter::isDisk);
            case "dd" -> arguments.stream().anyMatch(DiskWriter::toDisk);
            case "cp", "tee" -> arguments.stream().anyMatch(DiskWriter::isDisk);
            case "sed" -> has(arguments, "-[nrEsuz]*i.*|--in-place.*") && arguments.stream().anyMatch(DiskWriter::isDisk);
            case "swapon" -> !has(arguments, "-s|--show.*|--summary");
            case "tune2fs" -> !has(arguments, "-[a-z]*l[a-z]*");
            case "sfdisk", "fdisk" -> !has(arguments, "-[lsd]|--list.*|--dump|--show-.*|--getsz");
            case "parted" -> !has(arguments, "-l|--list|print|p");
            case "sgdisk" -> !has(arguments, "-[a-z]*[pv]|--print|--verify|-i.*|--info.*");
            // With the device alone it shows the label.
            case "e2label", "xfs_admin" -> operands(arguments) > 1;
            case "xfs_growfs" -> !has(arguments, "-[a-z]*n[a-z]*|-V");
            case "fsadm" -> !has(arguments, "-[a-z]*[nh][a-z]*|--dry-run|--help");
            case "lvextend", "lvresize", "lvreduce" -> has(arguments, "-[a-zA-Z]*r[a-zA-Z]*|--resizefs");
            case "wipefs" -> has(arguments, "-[a-z]*[ao].*|--all|--offset.*");
            case "badblocks" -> has(arguments, "-[a-z]*[nw][a-z]*");
            case "debugfs" -> has(arguments, "-[a-z]*w[a-z]*");
            case "btrfs" -> arguments.stream().anyMatch(BTRFS::contains);
            default -> ALWAYS.contains(name) || name.startsWith("mkfs");
        };
    }

    /** A variable may hold a disk's name. A file's content can be written only once its file system is writable, and that is told by itself. */
    private static boolean toDisk(String argument) {
        String target = argument.startsWith("of=") ? argument.substring("of=".length()) : "";
        return target.startsWith("$") || isDisk(target);
    }

    /** Whether a file below /dev is none that is known to be no disk; a name that ends with a slash is a directory's. */
    static boolean isDisk(String file) {
        return file.startsWith("/dev/") && !file.matches(NO_DISK);
    }

    private static boolean has(List<String> arguments, String option) {
        return arguments.stream().anyMatch(argument -> argument.matches(option));
    }

    private static long operands(List<String> arguments) {
        return arguments.stream().filter(argument -> !argument.startsWith("-")).count();
    }
}
