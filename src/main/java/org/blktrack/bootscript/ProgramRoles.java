package org.blktrack.bootscript;

import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** What a program does by its name and its words alone. */
final class ProgramRoles {
    /** How far behind an unknown command's name another's is looked for. */
    private static final int MOST_WORDS = 50;

    /** What a script sources that sets variables or defines functions: those of every known rc.sysinit and halt. */
    private static final Pattern SETTINGS = Pattern.compile(
            "/etc/sysconfig/.+|/etc/(rc\\.d/)?init\\.d/functions|/lib/lsb/init-functions|/etc/(rc\\.d/)?rc\\.serial|/etc/selinux/config|/etc/udev/udev\\.conf"
                    + "|/etc/default/.+|/etc/profile\\.d/.+|/etc/[\\w-]+\\.conf");

    private ProgramRoles() {}

    static Set<Role> of(String name, List<String> arguments) {
        Set<Role> roles = EnumSet.noneOf(Role.class);
        if (DeviceSetup.is(name, arguments)) {
            roles.add(Role.SETUP);
        }
        if (DiskWriter.checks(name)) {
            roles.add(Role.FSCK);
        }
        if (DiskWriter.writes(name, arguments)) {
            roles.add(Role.RAW_WRITE);
        }
        if (name.equals("mount") || name.startsWith("mount.")) {
            roles.addAll(MountCommand.roles(name, arguments));
        }
        roles.addAll(atTheEnd(name, arguments));
        return roles;
    }

    /** What the words would do if one of them were run. */
    static Set<Role> ofOneOf(List<String> words) {
        Set<Role> roles = EnumSet.noneOf(Role.class);
        for (int i = 0; i < Math.min(words.size(), MOST_WORDS); i++) {
            roles.addAll(of(Unwrapping.plainName(words.get(i)), words.subList(i + 1, words.size())));
        }
        return unclear(roles);
    }

    /** What a file does that is read into the script. The stateless mounts are in one; others than those that hold settings may do anything. */
    static Set<Role> ofSourced(String file) {
        if (file.contains("rc.readonly")) {
            return EnumSet.of(Role.WRITE);
        }
        boolean settings = SETTINGS.matcher(file).matches() && !file.contains("..");
        return settings ? Set.of() : EnumSet.of(Role.UNCLEAR_WRITE, Role.UNCLEAR_SETUP);
    }

    /** The same roles where it can't be told whether it comes to that. */
    static Set<Role> unclear(Set<Role> roles) {
        Set<Role> unclear = EnumSet.noneOf(Role.class);
        if (!Collections.disjoint(roles, Place.HAZARDS) || roles.contains(Role.READ_ONLY) || roles.contains(Role.UNCLEAR_WRITE)) {
            unclear.add(Role.UNCLEAR_WRITE);
        }
        if (roles.contains(Role.SETUP) || roles.contains(Role.UNCLEAR_SETUP)) {
            unclear.add(Role.UNCLEAR_SETUP);
        }
        return unclear;
    }

    private static Set<Role> atTheEnd(String name, List<String> arguments) {
        Set<Role> roles = EnumSet.noneOf(Role.class);
        if (name.equals("mdadm") && arguments.contains("--wait-clean")) {
            roles.add(Role.WAIT_CLEAN);
        }
        if (name.contains("kexec") && arguments.stream().anyMatch(word -> word.matches("-[a-z]*e[a-z]*|--exec"))) {
            roles.add(Role.KEXEC);
        }
        if (name.equals("upsdrvctl") || name.equals("powerd") || name.equals("upsmon")) {
            roles.add(Role.UPS);
        }
        if (takesDown(name, arguments)) {
            roles.add(Role.GO_DOWN);
        }
        return roles;
    }

    private static boolean takesDown(String name, List<String> arguments) {
        return switch (name) {
            // -w writes a record to wtmp and goes no further; shutdown -k warns, -c calls off.
            case "halt", "poweroff", "reboot", "shutdown" -> arguments.stream().noneMatch(word -> word.matches("-[a-z]*[wkc][a-z]*|--wtmp-only"));
            default -> isFinal(name);
        };
    }

    /** Whether it is the variable in which halt keeps the command that takes the machine down. */
    static boolean isFinal(String name) {
        return name.startsWith("$") && name.matches("\\$command\\b.*|\\$\\{command\\b.*");
    }
}
