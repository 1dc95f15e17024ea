/* SPDX-License-Identifier: Apache-2.0 */
#include "tracker/accounting.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/sysfs.h"
#include "volume/beneath.h"

#define STEP_MS 1
/* Longer than a driver takes from the tracepoint to the state that makes a request count as in flight. */
#define BASE_STEP_MS 2
/* Longer than a member's driver, or a thread of md that a bio waits for, lets the disks beneath stand still while there is work. */
#define BASE_BENEATH_STEP_MS 20

static int disk_name_of(char *name, size_t size, uint32_t disk_dev)
{
    struct device device = {0};
    struct fault ignored;

    if (device_by_number(&device, disk_dev, &ignored))
        return -1;
    snprintf(name, size, "%s", device.disk_name);
    return 0;
}

int accounting_read(struct tracker *tracker, int slot, struct accounting *accounting, struct fault *fault)
{
    struct bt_meta *meta = &tracker->meta[slot];
    struct bt_disk *disk = slot_disk(tracker, slot);
    struct disk_stat stat;
    char name[32];

    memset(accounting, 0, sizeof *accounting);
    if (!disk || disk_name_of(name, sizeof name, meta->disk_dev))
        return fault_set(fault, STATUS_FAILED, "NO_DEVICE", "If the device is gone for good, disable the volume.", "the disk of %s is gone", meta->device);
    accounting->grade = disk_grade(name);
    /* What was taken back is read before what was issued: a request may be issued on a processor that was read, and taken back on one that was not. */
    struct bt_counters before;
    if (counters_read(tracker, disk->index, &before, fault))
        return -1;
    if (disk_stat_read(&stat, name))
        return fault_errno(fault, STATUS_FAILED, "NO_DEVICE", "cannot read /sys/block/%s/stat", name);
    accounting->stat_written = stat.written;
    accounting->stat_discarded = stat.discarded;
    accounting->in_flight = stat.in_flight;
    if (counters_read(tracker, disk->index, &accounting->counters, fault))
        return -1;
    accounting->still = memcmp(&before, &accounting->counters, sizeof before) == 0;
    const struct bt_counters *count = &accounting->counters;
    if (disk->request_based) {
        accounting->counted_written = count->issued_written - before.requeued_written;
        accounting->counted_discarded = count->issued_discarded - before.requeued_discarded;
    } else {
        accounting->counted_written = count->queued_written;
        accounting->counted_discarded = count->queued_discarded;
    }
    if (meta->base_known) {
        accounting->stat_written -= meta->base_written;
        accounting->stat_discarded -= meta->base_discarded;
    }
    return 0;
}

static void sleep_ms(unsigned int ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000L}, NULL);
}

static bool same_moment(const struct accounting *a, const struct accounting *b)
{
    return a->still && b->still && a->in_flight == 0 && b->in_flight == 0 && a->stat_written == b->stat_written && a->stat_discarded == b->stat_discarded &&
           a->counted_written == b->counted_written && a->counted_discarded == b->counted_discarded;
}

static bool same_beneath(const struct beneath *a, const struct beneath *b)
{
    return a->disks == b->disks && a->written == b->written && a->discarded == b->discarded;
}

/* What the disk's own accounts do not tell, those of the disks beneath do; at an EXACT one they have nothing to add. */
static bool rests_beneath(struct beneath *beneath, enum grade grade, const char *name)
{
    *beneath = (struct beneath){0};
    if (grade == GRADE_WRITES_ONLY)
        return beneath_discards_rest(beneath, name);
    return grade == GRADE_EXACT || disk_accounts_always(name) || beneath_rests(beneath, name);
}

/* What was under way at the attach is done: nothing was in flight at two readings, and nothing happened between them. */
static bool rested(struct tracker *tracker, int slot, struct accounting *now)
{
    struct accounting before;
    struct beneath below, below_now;
    struct fault ignored;
    char name[32];

    if (disk_name_of(name, sizeof name, tracker->meta[slot].disk_dev) || accounting_read(tracker, slot, &before, &ignored))
        return false;
    if (before.in_flight || !before.still || !rests_beneath(&below, before.grade, name))
        return false;
    sleep_ms(below.disks ? BASE_BENEATH_STEP_MS : BASE_STEP_MS);
    if (accounting_read(tracker, slot, now, &ignored) || now->grade != before.grade || !same_moment(&before, now))
        return false;
    return rests_beneath(&below_now, now->grade, name) && same_beneath(&below, &below_now);
}

/* In the early boot, as a rule: whatever the accounts and the counters will show, both began at nothing. */
static bool never_written(struct tracker *tracker, int slot)
{
    struct accounting now;
    struct beneath below;
    struct fault ignored;
    char name[32];

    if (!tracker->meta[slot].counted_from_attach || accounting_read(tracker, slot, &now, &ignored) || now.stat_written || now.stat_discarded || now.in_flight)
        return false;
    return now.grade == GRADE_EXACT || (now.grade == GRADE_WRITES_ONLY && disk_name_of(name, sizeof name, tracker->meta[slot].disk_dev) == 0 &&
                                        rests_beneath(&below, now.grade, name) && below.discarded == 0);
}

static bool fix_base(struct tracker *tracker, int slot)
{
    struct bt_meta *meta = &tracker->meta[slot];
    struct kernel_skips skips;
    struct accounting now;

    if (never_written(tracker, slot)) {
        meta->base_written = meta->base_discarded = meta->base_skipped = 0;
    } else if (rested(tracker, slot, &now)) {
        meta->base_written = now.stat_written - now.counted_written;
        meta->base_discarded = now.stat_discarded - now.counted_discarded;
        meta->settled_untracked = now.counters.untracked_in_flight;
        meta->base_skipped = kernel_skips(&tracker->kernel, tracker->instance.pin_dir, false, &skips) == 0 ? (uint64_t)skips.lost_most : UINT64_MAX;
    } else {
        return false;
    }
    meta->base_known = 1;
    return true;
}

static bool at_rest(struct tracker *tracker, int slot)
{
    struct bt_meta *meta = &tracker->meta[slot];
    struct accounting now;
    struct fault ignored;

    if (!meta->base_known)
        return fix_base(tracker, slot);
    if (accounting_read(tracker, slot, &now, &ignored) || now.grade == GRADE_NONE)
        return false;
    /* Equality alone proves no rest: a write that was lost to the count balances one that is under way, and before 6.4 a bio-based disk accounts when a bio starts. */
    if (!now.still || now.in_flight || now.stat_written != now.counted_written ||
        (now.grade == GRADE_EXACT && now.stat_discarded != now.counted_discarded))
        return false;
    if (now.grade == GRADE_EXACT)
        meta->settled_untracked = now.counters.untracked_in_flight;
    return true;
}

bool accounting_settle(struct tracker *tracker, int slot, unsigned int wait_ms)
{
    uint64_t until_us = monotonic_us() + wait_ms * 1000ull;

    for (;;) {
        if (at_rest(tracker, slot))
            return true;
        if (monotonic_us() >= until_us)
            return false;
        sleep_ms(STEP_MS);
    }
}

bool accounting_discards_done(struct tracker *tracker, int slot, unsigned int wait_ms)
{
    uint64_t until_us = monotonic_us() + wait_ms * 1000ull;

    for (;;) {
        struct accounting now;
        struct fault ignored;
        if (!tracker->meta[slot].base_known || accounting_read(tracker, slot, &now, &ignored) || now.grade != GRADE_EXACT)
            return false;
        if (now.stat_discarded == now.counted_discarded)
            return true;
        if (monotonic_us() >= until_us)
            return false;
        sleep_ms(STEP_MS);
    }
}
