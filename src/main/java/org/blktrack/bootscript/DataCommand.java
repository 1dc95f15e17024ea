package org.blktrack.bootscript;

import java.util.Set;

/** Commands that take their words as data and run none of them; any other that is not known may run what its words name. */
final class DataCommand {
    private static final Set<String> NAMES = Set.of(
            "[", "[[", "((", "test", "for", "case", ">", ":", "true", "false", "echo", "echon", "printf", "gprintf", "gecho", "read", "local",
            "export", "declare", "typeset", "readonly", "unset", "shift", "let", "return", "exit", "break", "continue", "alias", "trap",
            "type", "which", "whereis", "hash", "command", "help", "strstr", "success", "failure", "passed", "warning", "echo_success",
            "echo_failure", "logger", "grep", "egrep", "fgrep", "awk", "gawk", "mawk", "sed", "sort", "cut", "tr", "head", "tail", "wc", "cat", "tac", "tee",
            "ls", "rm", "mv", "cp", "ln", "mkdir", "rmdir", "touch", "chmod", "chown", "chgrp", "restorecon", "chcon", "basename", "dirname",
            "readlink", "stat", "find", "modprobe", "insmod", "rmmod", "kill", "killall", "killall5", "pkill", "pgrep", "pidof", "pidofproc",
            "status", "plymouth", "rhgb-client", "umount", "mountpoint", "fuser", "lsof", "mkinitrd", "depmod", "rpm", "chkconfig", "expr", "mount", "swapoff",
            "dmsetup", "cryptsetup", "vgchange", "lvchange", "mdadm", "blkid");

    private DataCommand() {}

    /** @param name without its directory */
    static boolean is(String name) {
        return NAMES.contains(name);
    }
}
