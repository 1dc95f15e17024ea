/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The disks below the volumes, as the programs find them: a hash table by device number, each with its counters, its request
 * tags and its chain of volumes. The programs walk it without a lock, so everything is linked last when it comes and first
 * when it goes; the linking stores are single and aligned.
 */
#include "tracker/disks.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/sysfs.h"
#include "kernel/command_set.h"

#define TOMBSTONE 0xffffffffu        /* a bucket whose disk is gone: probing goes on behind it */

static uint32_t bucket_of(uint32_t dev)
{
    return dev * 2654435761u >> 22; /* as find_disk() in blktrack.bpf.c */
}

static struct bt_disk *find_disk(struct tracker *tracker, uint32_t dev, uint64_t diskseq)
{
    for (uint32_t probe = 0; probe < BT_MAX_PROBES; probe++) {
        struct bt_disk *disk = &tracker->disks[(bucket_of(dev) + probe) % BT_DISK_BUCKETS];
        if (disk->dev == dev && disk->diskseq == diskseq)
            return disk;
    }
    return NULL;
}

bool is_same_disk(const struct bt_meta *meta, const struct device *device)
{
    return device->diskseq == meta->diskseq && device->node == meta->disk_node;
}

struct bt_disk *slot_disk(struct tracker *tracker, int slot)
{
    return find_disk(tracker, tracker->meta[slot].disk_dev, tracker->meta[slot].diskseq);
}

static struct bt_disk *free_bucket(struct tracker *tracker, uint32_t dev)
{
    for (uint32_t probe = 0; probe < BT_MAX_PROBES; probe++) {
        struct bt_disk *disk = &tracker->disks[(bucket_of(dev) + probe) % BT_DISK_BUCKETS];
        if (disk->dev == 0 || disk->dev == TOMBSTONE)
            return disk;
    }
    return NULL;
}

static uint32_t free_disk_index(struct tracker *tracker)
{
    bool taken[BT_MAX_DISKS] = {false};

    for (int i = 0; i < BT_DISK_BUCKETS; i++)
        if (tracker->disks[i].dev != 0 && tracker->disks[i].dev != TOMBSTONE)
            taken[tracker->disks[i].index] = true;
    for (uint32_t i = 0; i < BT_MAX_DISKS; i++)
        if (!taken[i])
            return i;
    return BT_NONE;
}

/* Hardware queues and the largest number of tags of one, from /sys/block/DISK/mq/N/nr_tags. */
static void count_tags(const char *disk_name, uint32_t *queues, uint32_t *depth)
{
    char path[128];
    struct dirent *entry;

    *queues = *depth = 0;
    snprintf(path, sizeof path, "/sys/block/%s/mq", disk_name);
    DIR *folder = opendir(path);
    while (folder && (entry = readdir(folder))) {
        uint64_t tags;
        uint32_t number = (uint32_t)strtoul(entry->d_name, NULL, 10);
        if (entry->d_name[0] == '.' || sysfs_u64(&tags, "%s/%s/nr_tags", path, entry->d_name))
            continue;
        if (number + 1 > *queues)
            *queues = number + 1;
        if (tags > *depth)
            *depth = (uint32_t)tags;
    }
    if (folder)
        closedir(folder);
}

/*
 * Finds room for the disk's tags in the map "tags", and clears it. Where there is none, tag_count stays 0: every write is
 * then counted as not held, and a checkpoint waits for a moment of rest or carries the whole epoch.
 */
static int place_tags(struct tracker *tracker, const struct device *device, struct bt_disk *disk, struct fault *fault)
{
    uint32_t queues, base = 0;

    disk->tag_count = 0;
    count_tags(device->disk_name, &queues, &disk->tag_depth);
    if (queues == 0 || disk->tag_depth == 0)
        return fault_set(fault, STATUS_KERNEL_UNSUPPORTED, "NO_TAGS", "Please report the kernel's version.",
                         "cannot track %s: /sys/block/%s/mq does not tell its request tags", device->path, device->disk_name);
    uint64_t wanted = (uint64_t)queues * disk->tag_depth;
    for (int i = 0; i < BT_DISK_BUCKETS; i++) {
        const struct bt_disk *other = &tracker->disks[i];
        if (other->dev == 0 || other->dev == TOMBSTONE || base + wanted <= other->tag_base || base >= other->tag_base + other->tag_count)
            continue;
        base = other->tag_base + other->tag_count;
        i = -1; /* what was passed may overlap the new place */
    }
    if (base + wanted > BT_MAX_TAGS)
        return 0;
    memset(&tracker->tags[base], 0, wanted * sizeof *tracker->tags);
    disk->tag_base = base;
    disk->tag_count = (uint32_t)wanted;
    return 0;
}

static int zero_counters(struct tracker *tracker, uint32_t index, struct fault *fault)
{
    struct bt_counters *none = calloc((size_t)libbpf_num_possible_cpus(), sizeof *none);

    if (!none || bpf_map_update_elem(tracker->kernel.maps[MAP_COUNTERS], &index, none, BPF_ANY)) {
        free(none);
        return fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot clear the counters of disk %u", index);
    }
    free(none);
    return 0;
}

/*
 * Before 5.15 disks have no sequence number, and one that came after another under its device number would be found in its place: with that one's ways of
 * being written to, and with its counters.
 */
int disk_number_is_free(struct tracker *tracker, const struct device *device, int leaving, struct fault *fault)
{
    const struct bt_disk *disk = find_disk(tracker, device->disk_dev, device->diskseq);

    for (uint32_t slot = disk ? disk->first_volume : BT_NONE; slot != BT_NONE; slot = tracker->volumes[slot].next_volume)
        if ((int)slot != leaving && !is_same_disk(&tracker->meta[slot], device))
            return fault_set(fault, STATUS_REFUSED, "ALREADY_TRACKED", "Disable that one, then enable it again if it is back.",
                             "cannot track %s: its disk has the number of one that is gone, with %s on it, which is still tracked", device->path,
                             tracker->meta[slot].device);
    return 0;
}

struct bt_disk *disk_prepare(struct tracker *tracker, const struct device *device, struct fault *fault)
{
    struct bt_disk *disk = find_disk(tracker, device->disk_dev, device->diskseq);

    if (disk_number_is_free(tracker, device, -1, fault))
        return NULL;
    if (disk)
        return disk;
    disk = free_bucket(tracker, device->disk_dev);
    uint32_t index = free_disk_index(tracker);
    if (!disk || index == BT_NONE) {
        fault_set(fault, STATUS_REFUSED, "TOO_MANY_DISKS", "Disable a volume that is no longer needed.",
                  "cannot track %s: volumes on %d disks are tracked already", device->path, BT_MAX_DISKS);
        return NULL;
    }
    disk->index = index;
    disk->diskseq = device->diskseq;
    disk->first_volume = disk->quick_slot = BT_NONE;
    disk->request_based = device->request_based;
    disk->tag_depth = disk->tag_count = 0;
    disk->commands = command_set(device->disk_name);
    if (zero_counters(tracker, index, fault) || (disk->request_based && place_tags(tracker, device, disk, fault)))
        return NULL;
    return disk;
}

static void fill_quick_fields(const struct tracker *tracker, struct bt_disk *disk, uint32_t only)
{
    disk->quick_start = tracker->volumes[only].start_sector;
    disk->quick_end = tracker->volumes[only].end_sector;
    disk->quick_shift = tracker->volumes[only].granule_shift;
}

/*
 * The quick fields of a disk that programs see hold its only volume, or none; never a mixture of two, at any moment. Without
 * them the programs go by first_volume: so a wait that fails costs time and no marks.
 */
static void set_quick_volume(struct tracker *tracker, struct bt_disk *disk)
{
    uint32_t only = disk->first_volume;
    struct fault ignored;

    __atomic_store_n(&disk->quick_slot, BT_NONE, __ATOMIC_RELEASE);
    if (only == BT_NONE || tracker->volumes[only].next_volume != BT_NONE)
        return;
    if (grace_period_wait(&tracker->grace, &ignored))
        return;
    fill_quick_fields(tracker, disk, only);
    if (grace_period_wait(&tracker->grace, &ignored))
        return;
    __atomic_store_n(&disk->quick_slot, only, __ATOMIC_RELEASE);
}

/* Before a bio-based disk becomes visible to the programs, and after it is gone. */
static void count_bio_based_disks(struct tracker *tracker, const struct bt_disk *coming)
{
    uint32_t count = coming && !coming->request_based;

    for (int i = 0; i < BT_DISK_BUCKETS; i++) {
        const struct bt_disk *disk = &tracker->disks[i];
        count += disk != coming && disk->dev != 0 && disk->dev != TOMBSTONE && !disk->request_based;
    }
    __atomic_store_n(&tracker->about->bio_based_disks, count, __ATOMIC_RELEASE);
}

/* Nothing needs to wait for a bucket that no program sees yet; one that was another disk's may still be seen. */
static int show_disk(struct tracker *tracker, struct bt_disk *disk, uint32_t dev, uint32_t slot, struct fault *fault)
{
    if (disk->dev == TOMBSTONE && grace_period_wait(&tracker->grace, fault))
        return -1;
    tracker->volumes[slot].next_volume = BT_NONE;
    disk->first_volume = slot;
    fill_quick_fields(tracker, disk, slot);
    disk->quick_slot = slot;
    __atomic_store_n(&disk->dev, dev, __ATOMIC_RELEASE);
    return 0;
}

int disk_link(struct tracker *tracker, struct bt_disk *disk, uint32_t dev, int slot, struct fault *fault)
{
    if (disk->dev != dev) {
        count_bio_based_disks(tracker, disk);
        return show_disk(tracker, disk, dev, (uint32_t)slot, fault);
    }
    __atomic_store_n(&disk->quick_slot, BT_NONE, __ATOMIC_RELEASE);
    tracker->volumes[slot].next_volume = disk->first_volume;
    __atomic_store_n(&disk->first_volume, (uint32_t)slot, __ATOMIC_RELEASE);
    set_quick_volume(tracker, disk);
    return 0;
}

void disk_unlink(struct tracker *tracker, struct bt_disk *disk, int slot)
{
    uint32_t next = tracker->volumes[slot].next_volume;

    __atomic_store_n(&disk->quick_slot, BT_NONE, __ATOMIC_RELEASE);
    if (disk->first_volume == (uint32_t)slot) {
        __atomic_store_n(&disk->first_volume, next, __ATOMIC_RELEASE);
    } else {
        for (uint32_t at = disk->first_volume; at != BT_NONE; at = tracker->volumes[at].next_volume)
            if (tracker->volumes[at].next_volume == (uint32_t)slot)
                __atomic_store_n(&tracker->volumes[at].next_volume, next, __ATOMIC_RELEASE);
    }
    if (disk->first_volume != BT_NONE) {
        set_quick_volume(tracker, disk);
        return;
    }
    __atomic_store_n(&disk->dev, TOMBSTONE, __ATOMIC_RELEASE);
    count_bio_based_disks(tracker, NULL);
}

int counters_read(struct tracker *tracker, uint32_t index, struct bt_counters *sum, struct fault *fault)
{
    int processors = libbpf_num_possible_cpus();
    struct bt_counters *each = calloc((size_t)processors, sizeof *each);

    if (!each || bpf_map_lookup_elem(tracker->kernel.maps[MAP_COUNTERS], &index, each)) {
        free(each);
        return fault_errno(fault, STATUS_FAILED, "NO_COUNTERS", "cannot read the counters of disk %u", index);
    }
    memset(sum, 0, sizeof *sum);
    for (int processor = 0; processor < processors; processor++)
        for (size_t field = 0; field < sizeof *sum / sizeof(uint64_t); field++)
            ((uint64_t *)sum)[field] += ((uint64_t *)&each[processor])[field];
    free(each);
    return 0;
}
