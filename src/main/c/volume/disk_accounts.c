/* SPDX-License-Identifier: Apache-2.0 */
#include "volume/disk_accounts.h"

#include <stdio.h>
#include <string.h>

#include "base/sysfs.h"
#include "base/text.h"
#include "volume/device.h"

const char *grade_name(enum grade grade)
{
    static const char *const names[] = {"EXACT", "WRITES_ONLY", "NONE"};

    return names[grade];
}

static bool is_bio_based_dm(const char *disk_name)
{
    return has_prefix(disk_name, "dm-") && !disk_has_hardware_queues(disk_name);
}

/* These drivers account for bios themselves, whatever the switch "iostats" says: dm of 6.1 and before, which leaves it off; the others on all kernels. */
bool disk_accounts_always(const char *disk_name)
{
    return has_prefix(disk_name, "zram") || has_prefix(disk_name, "bcache") || (is_bio_based_dm(disk_name) && kernel_release() < 6002);
}

static bool takes_discards(const char *disk_name)
{
    uint64_t bytes;

    return sysfs_u64(&bytes, "/sys/block/%s/queue/discard_max_bytes", disk_name) || bytes != 0;
}

/*
 * What is accounted is known in kind from reading the drivers, and to the sector from ground truth on 5.10 to 7.2. dm before 5.18 accounts twice for a write
 * with data that also flushes; zram accounts for plain writes alone. Distributions
 * carry dm's later accounting back to older releases (RHEL 9): there its switch is on.
 */
static enum grade grade_of_accounts(const char *disk_name)
{
    char text[64];
    uint64_t iostats;
    bool switched_on = sysfs_u64(&iostats, "/sys/block/%s/queue/iostats", disk_name) == 0 && iostats != 0;

    if (has_prefix(disk_name, "zram"))
        return GRADE_NONE;
    if (is_bio_based_dm(disk_name) && !switched_on)
        return kernel_release() >= 5018 && kernel_release() < 6002 ? GRADE_EXACT : GRADE_NONE;
    if (!switched_on)
        return GRADE_NONE;
    if (sysfs_text(text, sizeof text, "/sys/block/%s/md/level", disk_name) > 0) {
        if (strcmp(text, "linear") == 0 || kernel_release() < 5014)
            return GRADE_NONE;
        /* raid0 accounts for no discards, nor do raid10 before 6.15 and raid4/5/6; but most arrays of the latter, and all on rotating disks, take none. */
        return strcmp(text, "raid1") == 0 || !takes_discards(disk_name) ? GRADE_EXACT : GRADE_WRITES_ONLY;
    }
    /* An NVMe multipath head, whose paths are hidden disks, has no hardware queues; before 6.10 it has no accounts either. */
    if (has_prefix(disk_name, "nvme") && !disk_has_hardware_queues(disk_name))
        return GRADE_NONE;
    return GRADE_EXACT;
}

enum grade disk_grade(const char *disk_name)
{
    uint64_t passthrough_too;

    return sysfs_u64(&passthrough_too, "/sys/block/%s/queue/iostats_passthrough", disk_name) == 0 && passthrough_too != 0 ? GRADE_NONE
                                                                                                                       : grade_of_accounts(disk_name);
}

bool disk_has_accounts(const char *disk_name)
{
    return grade_of_accounts(disk_name) != GRADE_NONE || disk_accounts_always(disk_name);
}

/* Fields of Documentation/block/stat.rst: the 7th are sectors written, the 14th sectors discarded (since 4.18). */
int disk_stat_read(struct disk_stat *stat, const char *name)
{
    unsigned long long written, discarded = 0, writes;
    char text[512];

    if (sysfs_text(text, sizeof text, "/sys/class/block/%s/stat", name) < 0 ||
        sscanf(text, "%*u %*u %*u %*u %*u %*u %llu %*u %*u %*u %*u %*u %*u %llu", &written, &discarded) < 1 ||
        sysfs_text(text, sizeof text, "/sys/class/block/%s/inflight", name) < 0 || sscanf(text, "%*u %llu", &writes) != 1)
        return -1;
    *stat = (struct disk_stat){.written = written, .discarded = discarded, .in_flight = writes};
    return 0;
}
