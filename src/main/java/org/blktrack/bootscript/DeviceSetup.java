package org.blktrack.bootscript;

import java.util.List;
import java.util.Set;

/** Tells the commands that set up device-mapper, md or loop devices; a mere query or removal is none. */
final class DeviceSetup {
    private static final Set<String> ALWAYS =
            Set.of("vgscan", "raidautorun", "raidstart", "pvscan");
    private static final Set<String> CRYPTSETUP_QUERIES =
            Set.of("isLuks", "luksClose", "remove", "close", "status", "luksDump", "luksUUID", "luksHeaderBackup", "benchmark");
    private static final Set<String> DMSETUP_QUERIES =
            Set.of("remove", "remove_all", "ls", "info", "table", "status", "version", "targets", "deps", "splitname", "splitnames", "help", "");
    private static final String HELP = "--version|--help";
    /** Of multipath: those that list, test, only tell what would be done, or flush. */
    private static final String MULTIPATH_QUERIES = "-(l+|[tTdcCuUaAwWfFh])";
    private static final String DMRAID_QUERIES = "-[a-zA-Z]*[srblVhn][a-zA-Z]*|--(sets|raid_devices|block_devices|list_formats|native_log)";
    private static final String MDADM_SETUPS = "-[a-z]*[AIRBC][a-z]*|--(assemble|incremental|run|build|create|auto-detect)";
    private static final String LOSETUP_QUERIES = "-[a-zA-Z]*[adDjcl][a-zA-Z]*|--(all|detach|detach-all|associated|set-capacity|list)";

    private DeviceSetup() {}

    static boolean is(String name, List<String> arguments) {
        String verb = arguments.stream().filter(word -> !word.startsWith("-")).findFirst().orElse("");
        return !has(arguments, HELP) && switch (name) {
            case "vgchange", "lvchange" -> !has(arguments, "-an|n") && activates(arguments);
            case "cryptsetup" -> arguments.stream().noneMatch(CRYPTSETUP_QUERIES::contains);
            case "dmsetup" -> !DMSETUP_QUERIES.contains(verb);
            case "systemd-cryptsetup" -> verb.equals("attach");
            case "mdadm" -> has(arguments, MDADM_SETUPS);
            case "multipath" -> !has(arguments, MULTIPATH_QUERIES);
            case "dmraid" -> !has(arguments, DMRAID_QUERIES);
            case "kpartx" -> !has(arguments, "-[a-z]*[dl][a-z]*");
            case "losetup" -> !has(arguments, LOSETUP_QUERIES) && losetupAttaches(arguments);
            default -> ALWAYS.contains(name);
        };
    }

    /** To a device that is named, or to the first free one; a device alone is asked about. */
    private static boolean losetupAttaches(List<String> arguments) {
        long operands = arguments.stream().filter(word -> !word.startsWith("-")).count();
        return operands > (has(arguments, "-[a-zA-Z]*f[a-zA-Z]*|--find") ? 0 : 1);
    }

    private static boolean has(List<String> arguments, String option) {
        return arguments.stream().anyMatch(word -> word.matches(option));
    }

    private static boolean activates(List<String> arguments) {
        return arguments.stream().anyMatch(word -> word.startsWith("-a") || word.equals("--sysinit") || word.startsWith("--activate"));
    }
}
