package org.blktrack.bootscript;

import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Tells what the commands of a statement do. Commands that it does not know have no role. */
final class Roles {
    private static final Set<String> SETUP =
            Set.of("vgscan", "multipath", "dmraid", "kpartx", "raidautorun", "raidstart", "pvscan");
    private static final Set<String> FSCK =
            Set.of("fsck", "e2fsck", "e4fsck", "xfs_repair", "reiserfsck", "jfs_fsck", "dosfsck", "btrfsck");
    private static final Set<String> CRYPTSETUP_QUERIES =
            Set.of("isLuks", "luksClose", "remove", "close", "status", "luksDump", "luksUUID");
    private static final Set<String> DMSETUP_QUERIES =
            Set.of("remove", "remove_all", "ls", "info", "table", "status", "version", "targets", "deps", "splitname", "splitnames");
    private static final Set<String> TAKES_DOWN = Set.of("halt", "poweroff", "reboot", "shutdown");
    /** halt -w writes a record to wtmp and goes no further; shutdown -k warns, -c calls off. */
    private static final String ONLY_TELLS = "-[a-z]*[wkc][a-z]*|--wtmp-only";

    private final Map<String, List<Command>> functions;

    Roles(ShellScript script) {
        this.functions = script.functions();
    }

    /** The functions on the way to a command, and those that were looked into: once is enough, and calls may branch without end. */
    private record Calls(Set<String> open, Set<String> known) {
        Calls() {
            this(new HashSet<>(), new HashSet<>());
        }
    }

    Set<Role> of(Statement statement) {
        return of(statement.commands(), new Calls());
    }

    private Set<Role> of(List<Command> commands, Calls calls) {
        Set<Role> roles = EnumSet.noneOf(Role.class);
        for (Command command : commands) {
            Set<Role> own = ofWords(command.words(), calls);
            roles.addAll(own);
            if (command.background() && !own.isEmpty()) {
                roles.add(Role.BACKGROUND);
            }
        }
        return roles;
    }

    Set<Role> of(Command command) {
        return ofWords(command.words());
    }

    Set<Role> ofWords(List<String> words) {
        return ofWords(words, new Calls());
    }

    /** The commands of a function, or null where none has that name. */
    List<Command> function(String name) {
        return functions.get(name);
    }

    private Set<Role> ofWords(List<String> all, Calls calls) {
        List<String> words = Unwrapping.unwrap(all);
        if (words.isEmpty()) {
            return Set.of();
        }
        String name = words.get(0);
        List<String> arguments = words.subList(1, words.size());
        if (name.equals("init_crypto")) {
            // By definition: 0 is the pass before the checks, 1 the one after mounting for what needs /usr or a key from /.
            return arguments.contains("0") ? EnumSet.of(Role.SETUP) : Set.of();
        }
        List<Command> body = functions.get(name);
        if (body != null && !calls.open.contains(name)) {
            if (!calls.known.add(name)) {
                return Set.of();
            }
            calls.open.add(name);
            Set<Role> roles = of(body, calls);
            calls.open.remove(name);
            return roles;
        }
        Set<Role> roles = named(name, arguments);
        if (name.equals("exec") || name.equals("eval")) {
            roles.addAll(ofWords(List.of(String.join(" ", arguments).strip().split("\\s+")), calls));
        }
        return roles;
    }

    private Set<Role> named(String name, List<String> arguments) {
        Set<Role> roles = EnumSet.noneOf(Role.class);
        if (isSetup(name, arguments)) {
            roles.add(Role.SETUP);
        }
        if (FSCK.contains(name) || name.startsWith("fsck.")) {
            roles.add(Role.FSCK);
        }
        if (DiskWriter.writes(name, arguments)) {
            roles.add(Role.RAW_WRITE);
        }
        if (name.equals("mount")) {
            roles.addAll(MountCommand.roles(arguments));
        }
        if ((name.equals(".") || name.equals("source")) && arguments.toString().contains("rc.readonly")) {
            roles.add(Role.WRITE);
        }
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

    private static boolean isSetup(String name, List<String> arguments) {
        String verb = arguments.stream().filter(word -> !word.startsWith("-")).findFirst().orElse("");
        return switch (name) {
            case "vgchange", "lvchange" -> arguments.stream().noneMatch(word -> word.matches("-an|n")) && activates(arguments);
            case "cryptsetup" -> arguments.stream().noneMatch(CRYPTSETUP_QUERIES::contains);
            case "dmsetup" -> !DMSETUP_QUERIES.contains(verb);
            case "mdadm" -> arguments.stream().anyMatch(word -> word.matches("-[a-z]*A[a-z]*|--assemble|-I|--incremental"));
            default -> SETUP.contains(name);
        };
    }

    private static boolean activates(List<String> arguments) {
        return arguments.stream().anyMatch(word -> word.startsWith("-a") || word.equals("--sysinit") || word.startsWith("--activate"));
    }

    private static boolean takesDown(String name, List<String> arguments) {
        if (name.equals("exec") || name.equals("eval")) {
            String target = arguments.isEmpty() ? "" : arguments.get(0);
            return target.startsWith("$command") || target.startsWith("${command")
                    || TAKES_DOWN.contains(target.substring(target.lastIndexOf('/') + 1));
        }
        return TAKES_DOWN.contains(name) && arguments.stream().noneMatch(word -> word.matches(ONLY_TELLS)) || name.equals("$command") || name.equals("${command}");
    }
}
