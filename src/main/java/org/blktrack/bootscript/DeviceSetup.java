package org.blktrack.bootscript;

import java.util.List;
import java.util.Set;

/** Tells the commands that set up device-mapper or md devices; a mere query is none. */
final class DeviceSetup {
    private static final Set<String> ALWAYS =
            Set.of("vgscan", "multipath", "dmraid", "kpartx", "raidautorun", "raidstart", "pvscan");
    private static final Set<String> CRYPTSETUP_QUERIES =
            Set.of("isLuks", "luksClose", "remove", "close", "status", "luksDump", "luksUUID");
    private static final Set<String> DMSETUP_QUERIES =
            Set.of("remove", "remove_all", "ls", "info", "table", "status", "version", "targets", "deps", "splitname", "splitnames");

    private DeviceSetup() {}

    static boolean is(String name, List<String> arguments) {
        String verb = arguments.stream().filter(word -> !word.startsWith("-")).findFirst().orElse("");
        return switch (name) {
            case "vgchange", "lvchange" -> arguments.stream().noneMatch(word -> word.matches("-an|n")) && activates(arguments);
            case "cryptsetup" -> arguments.stream().noneMatch(CRYPTSETUP_QUERIES::contains);
            case "dmsetup" -> !DMSETUP_QUERIES.contains(verb);
            case "mdadm" -> arguments.stream().anyMatch(word -> word.matches("-[a-z]*A[a-z]*|--assemble|-I|--incremental"));
            default -> ALWAYS.contains(name);
        };
    }

    private static boolean activates(List<String> arguments) {
        return arguments.stream().anyMatch(word -> word.startsWith("-a") || word.equals("--sysinit") || word.startsWith("--activate"));
    }
}
