package org.blktrack.bootscript;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** What a call of mount(8) means for the disks. */
final class MountCommand {
    private static final Set<String> VIRTUAL = Set.of(
            "proc", "sysfs", "devpts", "tmpfs", "devtmpfs", "ramfs", "usbfs", "usbdevfs", "binfmt_misc", "selinuxfs",
            "securityfs", "debugfs", "cgroup", "cgroup2", "mqueue", "hugetlbfs", "efivarfs", "none");
    private static final List<String> STATELESS = List.of("RW_MOUNT", "RW_LABEL", "STATE_MOUNT", "STATE_LABEL");

    private MountCommand() {}

    /** @param arguments what follows {@code mount}, quotes removed */
    static Set<Role> roles(List<String> arguments) {
        Set<Role> roles = EnumSet.noneOf(Role.class);
        String options = options(arguments);
        boolean remount = has(options, "remount");
        if (remount && has(options, "ro")) {
            roles.add(Role.READ_ONLY);
        } else if (remount && writesAgain(arguments, options) || has(arguments, 'a') || arguments.contains("--all") || isStateless(arguments) || mountsDisk(arguments, remount)) {
            roles.add(Role.WRITE);
        }
        return roles;
    }

    /** A remount that names neither takes what /etc/fstab says, and that is to write. */
    private static boolean writesAgain(List<String> arguments, String options) {
        return has(options, "rw") || operands(arguments).stream().noneMatch(MountCommand::isVirtualPlace);
    }

    private static boolean isVirtualPlace(String place) {
        return place.matches("/(proc|sys|dev|run|selinux)(/.*)?");
    }

    private static boolean mountsDisk(List<String> arguments, boolean remount) {
        if (remount || has(arguments, 'f') || isVirtual(arguments)) {
            return false;
        }
        List<String> operands = operands(arguments);
        if (operands.isEmpty()) {
            return false;
        }
        String device = operands.get(0);
        boolean byTable = operands.size() == 1 && device.startsWith("/") && !isVirtualPlace(device);
        return byTable || arguments.stream().anyMatch(word -> word.matches("-[a-zA-Z]*[LU].*|--(label|uuid|source)(=.*)?"))
                || device.matches("(/dev/(?!pts|shm).+|(LABEL|UUID|PARTUUID|PARTLABEL)=.*)");
    }

    static boolean isVirtualType(String type) {
        return VIRTUAL.contains(type);
    }

    private static boolean isStateless(List<String> arguments) {
        return arguments.stream().anyMatch(word -> word.contains("$") && STATELESS.stream().anyMatch(word::contains));
    }

    private static boolean isVirtual(List<String> arguments) {
        int type = arguments.indexOf("-t");
        return type >= 0 && type + 1 < arguments.size() && isVirtualType(arguments.get(type + 1))
                || arguments.contains("--bind") || arguments.contains("--move");
    }

    /** Whether a short option is given, alone or among others as in {@code -na}; -o and -t end such a group. */
    private static boolean has(List<String> arguments, char option) {
        return arguments.stream().anyMatch(word -> word.matches("-[a-zA-Z]+") && word.indexOf(option) > 0 && !word.startsWith("-o"));
    }

    private static boolean has(String options, String wanted) {
        return List.of(options.split(",")).contains(wanted);
    }

    private static String options(List<String> arguments) {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < arguments.size(); i++) {
            if (arguments.get(i).matches("-[a-z]*o|--options") && i + 1 < arguments.size()) {
                all.add(arguments.get(i + 1));
            } else if (arguments.get(i).startsWith("-o")) {
                all.add(arguments.get(i).substring(2));
            } else if (arguments.get(i).startsWith("--options=")) {
                all.add(arguments.get(i).substring("--options=".length()));
            } else if (arguments.get(i).matches("-r|--read-only")) {
                all.add("ro");
            } else if (arguments.get(i).matches("-w|--rw|--read-write")) {
                all.add("rw");
            }
        }
        return String.join(",", all);
    }

    private static List<String> operands(List<String> arguments) {
        List<String> operands = new ArrayList<>();
        for (int i = 0; i < arguments.size(); i++) {
            String word = arguments.get(i);
            if (word.matches("-[a-zA-Z]*[otLU]|--(options|types|label|uuid|source|target)")) {
                i++;
            } else if (!word.startsWith("-")) {
                operands.add(word);
            }
        }
        return operands;
    }
}
