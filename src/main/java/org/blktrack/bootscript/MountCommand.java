package org.blktrack.bootscript;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a call of mount(8) means for the disks. */
final class MountCommand {
    private static final Set<String> VIRTUAL = Set.of(
            "proc", "sysfs", "devpts", "tmpfs", "devtmpfs", "ramfs", "usbfs", "usbdevfs", "binfmt_misc", "selinuxfs",
            "securityfs", "debugfs", "cgroup", "cgroup2", "mqueue", "hugetlbfs", "efivarfs", "none", "shm", "devfs", "rootfs", "autofs",
            "rpc_pipefs", "sunrpc", "nfs", "nfs4", "cifs", "smbfs", "ncpfs", "fusectl", "configfs");
    private static final List<String> STATELESS = List.of("RW_MOUNT", "RW_LABEL", "STATE_MOUNT", "STATE_LABEL");
    /** Short options that take a value, in the same word or as the next one: {@code -text3} is a type, and no {@code -f}. */
    private static final String VALUED = "otLUOTNp";
    private static final char SOURCE = 'S';
    private static final Map<String, Character> LONG = Map.ofEntries(
            Map.entry("--options", 'o'), Map.entry("--types", 't'), Map.entry("--label", 'L'), Map.entry("--uuid", 'U'),
            Map.entry("--test-opts", 'O'), Map.entry("--fstab", 'T'), Map.entry("--namespace", 'N'), Map.entry("--source", SOURCE),
            Map.entry("--target", SOURCE), Map.entry("--all", 'a'), Map.entry("--fake", 'f'), Map.entry("--read-only", 'r'),
            Map.entry("--rw", 'w'), Map.entry("--read-write", 'w'), Map.entry("--bind", 'B'), Map.entry("--rbind", 'R'),
            Map.entry("--move", 'M'));

    private final List<String> arguments;
    private final List<String> options = new ArrayList<>();
    private final List<String> types = new ArrayList<>();
    private final List<String> operands = new ArrayList<>();
    private final StringBuilder flags = new StringBuilder();

    /** @param arguments what follows {@code mount}, quotes removed */
    private MountCommand(List<String> arguments) {
        this.arguments = arguments;
        for (int i = 0; i < arguments.size(); i++) {
            String word = arguments.get(i);
            String next = i + 1 < arguments.size() ? arguments.get(i + 1) : "";
            boolean tookNext = word.startsWith("--") ? takeLong(word, next) : word.startsWith("-") ? takeShort(word, next) : takeOperand(word);
            i += tookNext ? 1 : 0;
        }
    }

    /** @param name {@code mount}, or a helper of it such as {@code mount.ext4} */
    static Set<Role> roles(String name, List<String> arguments) {
        MountCommand command = new MountCommand(arguments);
        if (name.startsWith("mount.")) {
            command.take('t', name.substring("mount.".length()));
        }
        return command.roles();
    }

    /** Where it mounts, or what umount(8) unmounts; empty where it doesn't say. */
    static String place(List<String> arguments) {
        List<String> operands = new MountCommand(arguments).operands;
        return operands.isEmpty() ? "" : operands.get(operands.size() - 1);
    }

    /** Whether it only tells what is mounted, of every type. */
    static boolean listsAll(List<String> arguments) {
        MountCommand command = new MountCommand(arguments);
        return command.operands.isEmpty() && command.types.isEmpty() && command.options.isEmpty() && command.flags.toString().matches("[lv]*");
    }

    /** Whether it tells what is mounted, of some types. */
    static boolean listsTypes(List<String> arguments) {
        MountCommand command = new MountCommand(arguments);
        return command.operands.isEmpty() && !command.types.isEmpty() && !command.has('a');
    }

    private boolean takeLong(String word, String next) {
        int equals = word.indexOf('=');
        Character option = LONG.get(equals < 0 ? word : word.substring(0, equals));
        if (option == null) {
            return false;
        }
        boolean valued = option == SOURCE || VALUED.indexOf(option) >= 0;
        take(option, equals < 0 ? next : word.substring(equals + 1));
        return valued && equals < 0;
    }

    private boolean takeShort(String word, String next) {
        for (int i = 1; i < word.length(); i++) {
            boolean last = i == word.length() - 1;
            if (VALUED.indexOf(word.charAt(i)) >= 0) {
                take(word.charAt(i), last ? next : word.substring(i + 1));
                return last;
            }
            take(word.charAt(i), "");
        }
        return false;
    }

    private boolean takeOperand(String word) {
        operands.add(word);
        return false;
    }

    private void take(char option, String value) {
        switch (option) {
            case 'o' -> options.addAll(List.of(value.split(",")));
            case 't' -> types.addAll(List.of(value.split(",")));
            case 'r' -> options.add("ro");
            case 'w' -> options.add("rw");
            case 'L', 'U' -> operands.add("LABEL=" + value);
            case SOURCE -> operands.add(value);
            default -> flags.append(option);
        }
    }

    private Set<Role> roles() {
        if (has('f')) {
            return EnumSet.noneOf(Role.class);
        }
        boolean remount = options.contains("remount");
        if (remount && options.lastIndexOf("ro") > options.lastIndexOf("rw")) {
            return EnumSet.of(Role.READ_ONLY);
        }
        boolean writes = remount ? writesAgain() : mountsDisk();
        return writes || has('a') || isStateless() ? EnumSet.of(Role.WRITE) : EnumSet.noneOf(Role.class);
    }

    /** A remount that names neither takes what /etc/fstab says, and that is to write. */
    private boolean writesAgain() {
        return options.contains("rw") || operands.stream().noneMatch(MountCommand::isVirtualPlace);
    }

    private static boolean isVirtualPlace(String place) {
        return place.matches("/(proc|sys|dev|run|selinux)(/.*)?");
    }

    /** What is mounted where can't be told of a variable, so it is a disk unless the type says otherwise. */
    private boolean mountsDisk() {
        if (isVirtual() || operands.isEmpty()) {
            return false;
        }
        String first = operands.get(0);
        return operands.size() > 1 || first.contains("$") || first.startsWith("/") && !isVirtualPlace(first)
                || first.matches("(/dev/(?!pts|shm).+|(LABEL|UUID|PARTUUID|PARTLABEL)=.*)");
    }

    static boolean isVirtualType(String type) {
        return VIRTUAL.contains(type);
    }

    private boolean isStateless() {
        return arguments.stream().anyMatch(word -> word.contains("$") && STATELESS.stream().anyMatch(word::contains));
    }

    private boolean isVirtual() {
        return !types.isEmpty() && types.stream().allMatch(MountCommand::isVirtualType)
                || has('B') || has('R') || has('M')
                || options.stream().anyMatch(option -> option.matches("r?bind|move"));
    }

    private boolean has(char flag) {
        return flags.indexOf(String.valueOf(flag)) >= 0;
    }
}
