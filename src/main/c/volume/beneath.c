/* SPDX-License-Identifier: Apache-2.0 */
#include "volume/beneath.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "base/sysfs.h"
#include "base/text.h"
#include "volume/disk_accounts.h"
#include "volume/device.h"

/* `name` is the disk, or a partition of it. */
static bool rests(struct beneath *beneath, const char *name, const char *disk_name, bool rebuilding)
{
    struct disk_stat stat;

    if (!disk_has_accounts(disk_name) || disk_stat_read(&stat, name) || (stat.in_flight && !rebuilding))
        return false;
    beneath->disks++;
    beneath->written += rebuilding ? 0 : stat.written;
    beneath->discarded += stat.discarded;
    return true;
}

/* "nvme0c1n1" is a path of "nvme0n1". */
static bool is_path_of(const char *name, unsigned int subsystem, unsigned int space)
{
    unsigned int of_subsystem, controller, of_space;
    int length = 0;

    return sscanf(name, "nvme%uc%un%u%n", &of_subsystem, &controller, &of_space, &length) == 3 && !name[length] &&
           of_subsystem == subsystem && of_space == space;
}

static bool paths_rest(struct beneath *beneath, unsigned int subsystem, unsigned int space)
{
    DIR *folder = opendir("/sys/block");
    bool rest = folder != NULL;

    for (struct dirent *entry; rest && (entry = readdir(folder));)
        if (is_path_of(entry->d_name, subsystem, space))
            rest = rests(beneath, entry->d_name, entry->d_name, false);
    if (folder)
        closedir(folder);
    return rest;
}

static bool members_rest(struct beneath *beneath, const char *disk_name, bool rebuilding)
{
    char path[300], text[32];
    unsigned int major, minor;

    snprintf(path, sizeof path, "/sys/block/%s/slaves", disk_name);
    DIR *folder = opendir(path);
    bool rest = folder != NULL;
    for (struct dirent *entry; rest && (entry = readdir(folder));) {
        struct device member = {0};
        struct fault ignored;
        if (entry->d_name[0] == '.')
            continue;
        rest = sysfs_text(text, sizeof text, "%s/%s/dev", path, entry->d_name) > 0 && sscanf(text, "%u:%u", &major, &minor) == 2 &&
               device_by_number(&member, kernel_dev(major, minor), &ignored) == 0 && rests(beneath, member.name, member.disk_name, rebuilding);
    }
    if (folder)
        closedir(folder);
    return rest;
}

bool beneath_rests(struct beneath *beneath, const char *disk_name)
{
    unsigned int subsystem, space;
    bool rest = false;

    *beneath = (struct beneath){0};
    if (sscanf(disk_name, "nvme%un%u", &subsystem, &space) == 2)
        rest = paths_rest(beneath, subsystem, space);
    else if (has_prefix(disk_name, "md"))
        rest = members_rest(beneath, disk_name, false);
    return rest && beneath->disks > 0;
}

bool beneath_discards_rest(struct beneath *beneath, const char *disk_name)
{
    char action[32];
    bool rebuilding = sysfs_text(action, sizeof action, "/sys/block/%s/md/sync_action", disk_name) > 0 && strcmp(action, "idle") != 0;

    *beneath = (struct beneath){0};
    return members_rest(beneath, disk_name, rebuilding) && beneath->disks > 0;
}
