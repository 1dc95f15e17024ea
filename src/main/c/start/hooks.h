/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether the boot and shutdown hooks are there, so that what the table keeps is taken up again: a look at what
 * `blktrack boot install` and `modupdate` leave behind, and at the table. `blktrack boot verify` looks closer. An instance with a state folder of
 * its own is started and saved by whoever made it.
 */
#ifndef BLKTRACK_HOOKS_H
#define BLKTRACK_HOOKS_H

#include "base/instance.h"
#include "tracker/tracker.h"

/*
 * What keeps every volume's record of this instance from outliving a reboot, or "": HOOKS_MISSING; TABLE_NOT_WRITABLE, where the table can't be
 * written by its address, and so not when its file system is read-only at last.
 */
const char *reboot_obstacle(const struct instance *instance);

/*
 * What keeps this volume's record from it, or "": DETACHED_EARLY, where the system takes the device apart before the last save. systemd detaches all dm, md
 * and loop devices that do not carry the root before it runs its shutdown hooks; encrypted volumes and network disks are detached by services everywhere.
 * Not so where a service has promised to release it before that; which is no help for what is trusted while it is offline, or has its name from
 * something that other devices show when it is gone (multipath).
 */
const char *volume_obstacle(const struct instance *instance, const struct device *device, const struct bt_meta *meta);

#endif
