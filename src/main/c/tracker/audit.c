/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A difference between counted and accounted proves something only when nothing is in flight: the audit waits shortly for
 * such a moment, and takes a difference that stands still while the disk is idle for lasting. More accounted than counted
 * is a missed write at any time.
 */
#include "tracker/audit.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "tracker/sizes.h"
#include "volume/mapping.h"

#define REST_WAIT_MS 20
#define IDLE_CHECKS 3
#define IDLE_STEP_NS 20000000L
#define EXCESS_NS 5000000000u   /* longer than any driver keeps a bio that it has not begun to account for */
#define SKIP_LOOKS 5
#define SKIP_STEP_NS 2000000L

static void find(struct audit *audit, const char *verdict, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void find(struct audit *audit, const char *verdict, const char *format, ...)
{
    va_list arguments;

    if (audit->verdict[0])
        return; /* the first finding is the cause of the others, as a rule */
    snprintf(audit->verdict, sizeof audit->verdict, "%s", verdict);
    va_start(arguments, format);
    vsnprintf(audit->evidence, sizeof audit->evidence, format, arguments);
    va_end(arguments);
}

static uint64_t unknown_passthrough(const struct bt_counters *count)
{
    uint64_t judged = count->passthrough_harmless + count->passthrough_marked;

    return count->passthrough_seen > judged ? count->passthrough_seen - judged : 0;
}

/* Since the series began; they are NVMe's, and may have changed what is stacked on NVMe too. */
static uint64_t stray_commands(struct tracker *tracker, int slot)
{
    static const char *const concerned[] = {"nvme", "dm-", "md", "bcache"};
    struct device device = {0};
    struct fault ignored;

    if (device_by_number(&device, tracker->meta[slot].dev, &ignored) == 0)
        for (size_t i = 0; i < sizeof concerned / sizeof *concerned; i++)
            if (has_prefix(device.disk_name, concerned[i]))
                return tracker->about->stray_commands - tracker->meta[slot].settled_stray;
    return 0;
}

uint64_t audit_unjudged(struct tracker *tracker, const struct bt_counters *count)
{
    struct kernel_skips skips;
    uint64_t lost = kernel_skips(&tracker->kernel, tracker->instance.pin_dir, false, &skips) == 0 ? (uint64_t)skips.lost_least : 0;

    return unknown_passthrough(count) + count->zone_commands + __atomic_load_n(&tracker->about->sizes_given, __ATOMIC_ACQUIRE) + __atomic_load_n(&tracker->about->stray_commands, __ATOMIC_ACQUIRE) +
           __atomic_load_n(&tracker->about->hibernations, __ATOMIC_ACQUIRE) + lost;
}

static void check_sleep(struct tracker *tracker, int slot, struct audit *audit)
{
    uint64_t since = tracker->about->hibernations - tracker->meta[slot].settled_hibernations;

    if (since)
        find(audit, "HIBERNATION", "the machine hibernated %llu times: what was written between the image and its return is not marked",
             (unsigned long long)since);
}

static void check_device(struct tracker *tracker, int slot, struct audit *audit)
{
    struct bt_meta *meta = &tracker->meta[slot];
    struct device device = {0};
    struct fault fault;

    if (device_by_number(&device, meta->dev, &fault)) {
        find(audit, "VOLUME_MISSING", "%s (%s) is gone", meta->device, fault.message);
        return;
    }
    audit->diskseq_now = device.diskseq;
    audit->sectors_now = device.sector_count;
    if (!is_same_disk(meta, &device))
        find(audit, "DEVICE_REPLACED", "disk sequence number %llu -> %llu, inode in sysfs %llu -> %llu", (unsigned long long)meta->diskseq,
             (unsigned long long)device.diskseq, (unsigned long long)meta->disk_node, (unsigned long long)device.node);
    if (device.sector_count != meta->sector_count)
        find(audit, "VOLUME_RESIZED", "sectors %llu -> %llu", (unsigned long long)meta->sector_count, (unsigned long long)device.sector_count);
    if (device.start_sector != tracker->volumes[slot].start_sector)
        find(audit, "MAPPING_CHANGED", "the partition began at sector %llu of %s, and begins at %llu now",
             (unsigned long long)tracker->volumes[slot].start_sector, device.disk_name, (unsigned long long)device.start_sector);
    if (device_is_beneath_bcache(&device))
        find(audit, "BCACHE_ABOVE", "bcache lies on %s, and passes writes down unseen while it has no cache", device.disk_name);
    if (mapping_digest(&audit->mapping_now, device.disk_name, &fault))
        find(audit, "MAPPING_UNREADABLE", "%s", fault.message);
    else if (audit->mapping_now != meta->mapping_digest) {
        char text[400];
        mapping_describe(text, sizeof text, device.disk_name);
        find(audit, "MAPPING_CHANGED", "what lies beneath %s is now: %s", device.disk_name, text);
    }
}

/* Writes that were refused are counted, and may or may not be accounted: more counted, by no more than those, is no finding. */
static bool over_counted(const struct accounting *now)
{
    return now->stat_written + now->counters.refused < now->counted_written ||
           (now->grade == GRADE_EXACT && now->stat_discarded + now->counters.refused < now->counted_discarded);
}

static bool under_counted(const struct accounting *now)
{
    return now->stat_written > now->counted_written || (now->grade == GRADE_EXACT && now->stat_discarded > now->counted_discarded);
}

/* Idle, and the difference has not moved, several times in a row. */
static bool difference_lasts(struct tracker *tracker, int slot, struct accounting *now)
{
    struct accounting before = *now;
    struct fault ignored;

    for (int i = 0; i < IDLE_CHECKS; i++) {
        nanosleep(&(struct timespec){.tv_nsec = IDLE_STEP_NS}, NULL);
        if (accounting_read(tracker, slot, now, &ignored) || now->in_flight || before.in_flight || !over_counted(now) ||
            now->stat_written != before.stat_written || now->counted_written != before.counted_written ||
            now->stat_discarded != before.stat_discarded || now->counted_discarded != before.counted_discarded)
            return false;
    }
    return true;
}

/*
 * More counted than accounted, for long. A target of device-mapper that accounts for remapped bios itself (dm-delay, dm-crypt) has what it keeps
 * neither in flight nor in its accounts, so an idle moment proves nothing; the same figures seconds later do.
 */
static bool excess_lasts(struct tracker *tracker, int slot, struct accounting *now)
{
    struct bt_meta *meta = &tracker->meta[slot];
    struct timespec time;

    if (!over_counted(now) || !difference_lasts(tracker, slot, now)) {
        meta->excess_since_ns = 0;
        return false;
    }
    clock_gettime(CLOCK_BOOTTIME, &time);
    uint64_t now_ns = (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
    uint64_t figures = now->counted_written + now->stat_written + now->counted_discarded + now->stat_discarded;
    if (!meta->excess_since_ns || meta->excess_figures != figures) {
        meta->excess_since_ns = now_ns;
        meta->excess_figures = figures;
    }
    return now_ns - meta->excess_since_ns >= EXCESS_NS;
}

/* Looks for rest, and on the way for less counted than accounted, which is proof at any moment: on a busy disk both show for moments only. */
static bool rests(struct tracker *tracker, int slot, struct accounting *now)
{
    struct fault ignored;

    for (int look = 0; look < REST_WAIT_MS && !under_counted(now); look++) {
        if (accounting_settle(tracker, slot, 0))
            return true;
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
        if (accounting_read(tracker, slot, now, &ignored))
            return false;
    }
    return false;
}

/* All that the disk's accounts show, whatever the base. */
static uint64_t accounted(const struct bt_meta *meta, const struct accounting *now)
{
    return now->stat_written + now->stat_discarded + (meta->base_known ? meta->base_written + meta->base_discarded : 0);
}

/* A zram disk that is reset, and given its size again, is empty, and all else about it is as before. */
static void check_reset(struct tracker *tracker, int slot, struct audit *audit)
{
    struct bt_meta *meta = &tracker->meta[slot];
    uint64_t sum = accounted(meta, &audit->accounting);

    if (sum < meta->last_accounted)
        find(audit, "DEVICE_REPLACED", "the disk's accounts went back, from %llu sectors to %llu", (unsigned long long)meta->last_accounted,
             (unsigned long long)sum);
    else
        meta->last_accounted = sum;
}

/* There and back between two looks: the size is what it was, and what was cut off came back as something else. */
static void check_sizes(struct tracker *tracker, int slot, struct audit *audit)
{
    const struct bt_meta *meta = &tracker->meta[slot];
    struct device device = {0};
    struct fault fault;
    uint64_t changed;

    if (device_by_number(&device, meta->dev, &fault))
        return; /* found already */
    if (sizes_changed(tracker, &device, &changed, &fault))
        find(audit, "VOLUME_RESIZED", "whether a disk beneath it was resized can't be told: %s", fault.message);
    else if (changed != meta->settled_sizes)
        find(audit, "VOLUME_RESIZED", "its disk, or one beneath it, was smaller for a time, or was given its size anew");
    else if (kernel_sizes_unseen(tracker->instance.pin_dir) != meta->settled_unseen)
        find(audit, "PROGRAM_SKIPPED", "the kernel skipped runs of the programs that see the sizes of disks");
}

static void check_accounts(struct tracker *tracker, int slot, struct audit *audit)
{
    struct accounting *now = &audit->accounting;

    if (now->grade == GRADE_NONE || !tracker->meta[slot].base_known)
        return;
    if (rests(tracker, slot, now)) {
        tracker->meta[slot].excess_since_ns = 0;
        return;
    }
    if (under_counted(now) || excess_lasts(tracker, slot, now))
        find(audit, "AUDIT_MISMATCH", "sectors written: %llu counted, %llu accounted by the kernel; discarded: %llu and %llu",
             (unsigned long long)now->counted_written, (unsigned long long)now->stat_written, (unsigned long long)now->counted_discarded,
             (unsigned long long)now->stat_discarded);
}

static int skips_of(struct tracker *tracker, int slot, struct kernel_skips *skips)
{
    struct device device = {0};
    struct fault gone;
    bool of_pages = device_by_number(&device, tracker->meta[slot].dev, &gone) == 0 && device.takes_pages;

    return kernel_skips(&tracker->kernel, tracker->instance.pin_dir, of_pages, skips);
}

/* The least that it was at some moment: a later instance may be about to make up for the first. */
static int64_t lost_runs(struct tracker *tracker, int slot, struct kernel_skips *skips)
{
    int64_t least = -1;

    for (int look = 0; look < SKIP_LOOKS && least != 0; look++) {
        if (look)
            nanosleep(&(struct timespec){.tv_nsec = SKIP_STEP_NS}, NULL);
        if (skips_of(tracker, slot, skips))
            return -1;
        if (least < 0 || skips->lost_most < least)
            least = skips->lost_most;
    }
    return least;
}

/*
 * A lost run matters only if it was for a write to this volume's disk, and then the write is missing from the count too, for the same
 * run counts and marks. What was counted too much would hide it: writes that were refused, requeues that were not seen, runs that the next instance
 * did not know of; and so would a base that was fixed after the loss.
 */
static bool loss_was_harmless(struct tracker *tracker, int slot, const struct accounting *now, const struct kernel_skips *skips)
{
    return now->grade == GRADE_EXACT && tracker->meta[slot].base_known && tracker->meta[slot].base_skipped <= tracker->meta[slot].settled_skipped && now->counters.refused == 0 && skips->helping == 0 && skips->unnoted == 0 &&
           accounting_settle(tracker, slot, REST_WAIT_MS);
}

static void check_skips(struct tracker *tracker, int slot, struct audit *audit)
{
    struct bt_meta *meta = &tracker->meta[slot];
    struct kernel_skips skips;
    int64_t lost = lost_runs(tracker, slot, &skips);

    if (lost < 0) {
        find(audit, "PROGRAM_SKIPPED", "whether the kernel skipped runs of the tracking programs can't be told");
        return;
    }
    audit->skipped = lost - (int64_t)meta->settled_skipped;
    if (audit->skipped > 0 && loss_was_harmless(tracker, slot, &audit->accounting, &skips)) {
        if (skips.lost_least > (int64_t)meta->settled_skipped)
            meta->settled_skipped = (uint64_t)skips.lost_least;
        audit->skipped = 0;
    }
    if (audit->skipped > 0)
        find(audit, "PROGRAM_SKIPPED", "the kernel skipped %lld runs of the tracking programs", (long long)audit->skipped);
}

int audit_volume(struct tracker *tracker, int slot, struct audit *audit, struct fault *fault)
{
    struct bt_meta *meta = tracker_meta(tracker, slot);

    memset(audit, 0, sizeof *audit);
    if (!meta)
        return fault_set(fault, STATUS_FAILED, "NO_SLOT", NULL, "slot %d is not in use", slot);
    check_device(tracker, slot, audit);
    if (strcmp(audit->verdict, "VOLUME_MISSING") == 0)
        return 0;
    check_sleep(tracker, slot, audit);
    if (!meta->base_known)
        accounting_settle(tracker, slot, REST_WAIT_MS);
    if (accounting_read(tracker, slot, &audit->accounting, fault))
        return -1;
    check_reset(tracker, slot, audit);
    check_sizes(tracker, slot, audit);
    const struct bt_counters *count = &audit->accounting.counters;
    audit->passthrough_unknown = unknown_passthrough(count) - meta->settled_passthrough + stray_commands(tracker, slot);
    audit->zone_commands = count->zone_commands - meta->settled_zone_commands;
    check_skips(tracker, slot, audit);
    if (audit->passthrough_unknown)
        find(audit, "PASSTHROUGH_COMMAND", "%llu passthrough commands that may have changed the media", (unsigned long long)audit->passthrough_unknown);
    if (audit->zone_commands)
        find(audit, "ZONE_COMMAND", "%llu zone commands", (unsigned long long)audit->zone_commands);
    check_accounts(tracker, slot, audit);
    return 0;
}

void audit_departed(struct tracker *tracker, int slot, struct audit *audit)
{
    struct bt_meta *meta = &tracker->meta[slot];
    struct kernel_skips skips;

    memset(audit, 0, sizeof *audit);
    check_sleep(tracker, slot, audit);
    int64_t lost = lost_runs(tracker, slot, &skips);
    if (lost < 0 || lost > (int64_t)meta->settled_skipped)
        find(audit, "PROGRAM_SKIPPED", "the kernel skipped %lld runs of the tracking programs, and its accounts can't be asked any more",
             (long long)(lost - (int64_t)meta->settled_skipped));
    if (sizes_shrunk(tracker, meta->disk_dev) != meta->settled_shrunk)
        find(audit, "VOLUME_RESIZED", "its disk was smaller for a time, or was given its size anew");
    if (tracker->about->stray_commands != meta->settled_stray)
        find(audit, "PASSTHROUGH_COMMAND", "%llu NVMe commands that may have changed any volume",
             (unsigned long long)(tracker->about->stray_commands - meta->settled_stray));
}

int audit_baseline(struct tracker *tracker, int slot, struct fault *fault)
{
    struct bt_meta *meta = &tracker->meta[slot];
    struct device device = {0};
    struct accounting now;

    if (device_by_number(&device, meta->dev, fault) || accounting_read(tracker, slot, &now, fault))
        return -1;
    meta->last_accounted = accounted(meta, &now);
    struct kernel_skips skips;
    meta->settled_skipped = skips_of(tracker, slot, &skips) == 0 ? (uint64_t)skips.lost_least : 0;
    if (meta->base_known)
        meta->base_skipped = meta->settled_skipped; /* the series begins after both */
    meta->settled_passthrough = unknown_passthrough(&now.counters);
    meta->settled_stray = tracker->about->stray_commands;
    meta->settled_hibernations = tracker->about->hibernations;
    meta->settled_zone_commands = now.counters.zone_commands;
    uint64_t sizes;
    if (sizes_changed(tracker, &device, &sizes, fault))
        return -1;
    meta->settled_sizes = sizes;
    meta->settled_shrunk = sizes_shrunk(tracker, meta->disk_dev);
    meta->settled_unseen = kernel_sizes_unseen(tracker->instance.pin_dir);
    uint64_t mapping;
    if (mapping_digest(&mapping, device.disk_name, fault))
        return -1;
    meta->mapping_digest = mapping;
    return 0;
}

int audit_begin(struct tracker *tracker, int slot, unsigned int wait_ms, struct fault *fault)
{
    accounting_settle(tracker, slot, wait_ms);
    return audit_baseline(tracker, slot, fault);
}
