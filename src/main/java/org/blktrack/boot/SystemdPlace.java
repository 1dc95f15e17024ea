package org.blktrack.boot;

import java.util.List;

/** systemd: the save when everything is read-only, and a start for volumes other than root. Root itself is the initramfs's. */
final class SystemdPlace implements HookPlace {
    @Override
    public String name() {
        return InitName.SYSTEMD.toString();
    }

    @Override
    public List<HookFile> files(Tree tree) {
        String systemd = tree.firstOf("/usr/lib/systemd/systemd-shutdown", "/lib/systemd/systemd-shutdown").replace("/systemd-shutdown", "");
        String udev = systemd.replace("/systemd", "/udev");
        return List.of(
                new HookFile(Hook.START, udev + "/blktrack", true, Template.render("systemd/device")),
                new HookFile(
                        Hook.START,
                        udev + "/rules.d/90-blktrack.rules",
                        false,
                        Template.render("systemd/rules").replace("@UDEV_DIR@", udev)),
                new HookFile(Hook.STOP, systemd + "/system-shutdown/blktrack", true, Template.render("systemd/system-shutdown")));
    }
}
