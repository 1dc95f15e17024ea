package org.blktrack.boot;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;

/** Init systems, and builders of initramfs images, that blktrack knows a place for its hooks in. */
public enum InitName {
    SYSTEMD(true),
    SYSVINIT(true),
    OPENRC(true),
    /** rc.sysinit and halt, run by sysvinit or, on RHEL 6, by Upstart. */
    REDHAT(true),
    INITRAMFS_TOOLS(false),
    DRACUT(false),
    MKINITCPIO(false),
    RUNIT(false),
    UPSTART(false),
    SUSE(false),
    SLACKWARE(false),
    ARCH(false),
    BUSYBOX(false);

    private final boolean installs;

    InitName(boolean installs) {
        this.installs = installs;
    }

    /** Whether {@code boot install} puts hooks in place here; for the others {@code boot lines} says what to add by hand. */
    public boolean installs() {
        return installs;
    }

    /** As it is written on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static boolean isName(String text) {
        return Arrays.stream(values()).anyMatch(name -> name.toString().equals(text));
    }

    /** @throws BlktrackException with status USAGE where no init system is called so */
    public static InitName named(String text) {
        for (InitName name : values()) {
            if (name.toString().equals(text)) {
                return name;
            }
        }
        String all = Arrays.stream(values()).map(InitName::toString).collect(Collectors.joining(", "));
        throw new BlktrackException(ExitStatus.USAGE, "UNKNOWN_INIT", "no init system is called " + text, "One of: " + all + ".");
    }
}
