/* SPDX-License-Identifier: Apache-2.0 */
/* Volumes come into slots and leave them. */
#include "base/parallel.h"
#include "base/text.h"
#include "tracker/capacity.h"
#include "tracker/disks.h"

#include <bpf/bpf.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int check_request(struct tracker *tracker, const struct volume_request *request, struct fault *fault)
{
    uint32_t granule = request->granule_bytes;

    if (granule < MIN_GRANULE || granule > MAX_GRANULE || (granule & (granule - 1)))
        return fault_set(fault, STATUS_USAGE, "BAD_GRANULARITY", "Use a power of two from 4KiB to 1MiB.", "%u bytes is no granularity", granule);
    if (request->device.zoned)
        return fault_set(fault, STATUS_REFUSED, "ZONED_DEVICE", "Track a volume on a conventional disk.",
                         "cannot track %s: zoned devices tell where a write went only when it is done", request->device.path);
    if (request->device.direct_access)
        return fault_set(fault, STATUS_REFUSED, "DAX_DEVICE", "Track a volume on a disk that is no memory.",
                         "cannot track %s: a file system may write to it without any I/O (DAX)", request->device.path);
    if (request->device.takes_pages && tracker->about->single_pages && !kernel_sees_pages(tracker->instance.pin_dir))
        return fault_set(fault, STATUS_REFUSED, "DAX_DEVICE", "Track it on a kernel from 6.3 on.",
                         "cannot track %s: this kernel writes single pages to it without any I/O, and does not let them be seen", request->device.path);
    if (device_is_beneath_bcache(&request->device))
        return fault_set(fault, STATUS_REFUSED, "BCACHE_ABOVE", "Track the bcache device itself.",
                         "cannot track %s: bcache lies on it, and passes writes down unseen while it has no cache", request->device.path);
    if (has_prefix(request->device.disk_name, "drbd"))
        return fault_set(fault, STATUS_REFUSED, "REPLICATED_DEVICE", "Track the disk beneath it.",
                         "cannot track %s: what its peer writes changes it without any I/O here", request->device.path);
    if (request->device.sector_count == 0)
        return fault_set(fault, STATUS_REFUSED, "EMPTY_DEVICE", "Give the device a medium or a size first.", "cannot track %s: it has no sectors", request->device.path);
    for (int slot = 0; slot < BT_MAX_VOLUMES; slot++)
        if (slot_is_taken(tracker, slot) && tracker->meta[slot].dev == request->device.dev && is_same_disk(&tracker->meta[slot], &request->device))
            return fault_set(fault, STATUS_REFUSED, "ALREADY_TRACKED", "'blktrack status' shows it.", "%s is tracked already", request->device.path);
    return capacity_check(tracker, request, fault);
}

static int free_slot(struct tracker *tracker)
{
    for (int slot = 0; slot < BT_MAX_VOLUMES; slot++)
        if (!slot_is_taken(tracker, slot))
            return slot;
    return -1;
}

static void fill_volume(struct tracker *tracker, int slot, const struct volume_request *request)
{
    struct bt_volume *volume = &tracker->volumes[slot];
    struct bt_meta *meta = &tracker->meta[slot];
    struct timespec now;

    clock_gettime(CLOCK_BOOTTIME, &now);
    *meta = (struct bt_meta){
        .granule_bytes = request->granule_bytes,
        .trust_offline = request->trust_offline,
        .sector_count = request->device.sector_count,
        .attached_boottime_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec,
        .dev = request->device.dev,
        .disk_dev = request->device.disk_dev,
        .diskseq = request->device.diskseq,
        .disk_node = request->device.node,
    };
    memcpy(meta->series, request->series, sizeof meta->series);
    memcpy(meta->epoch, request->epoch, sizeof meta->epoch);
    snprintf(meta->identity, sizeof meta->identity, "%s", request->identity);
    snprintf(meta->device, sizeof meta->device, "%s", request->device.path);
    if (request->reason) {
        snprintf(meta->evidence, sizeof meta->evidence, "%s", request->evidence);
        snprintf(meta->reason, sizeof meta->reason, "%s", request->reason);
    }
    volume->start_sector = request->device.start_sector;
    volume->end_sector = request->device.start_sector + request->device.sector_count;
    volume->granule_shift = (uint32_t)__builtin_ctz(request->granule_bytes / SECTOR_BYTES);
    epoch_geometry(volume, tracker->kernel.layout, granules_at(request->device.sector_count, request->granule_bytes));
}

static void remove_pins(struct tracker *tracker, const char *folder, int slot)
{
    char path[300], prefix[16];
    struct dirent *entry;

    snprintf(prefix, sizeof prefix, "%d-", slot);
    snprintf(path, sizeof path, "%s/%s", tracker->instance.pin_dir, folder);
    DIR *pins = opendir(path);
    while (pins && (entry = readdir(pins)))
        if (has_prefix(entry->d_name, prefix))
            unlinkat(dirfd(pins), entry->d_name, 0);
    if (pins)
        closedir(pins);
}

static int reserve(struct tracker *tracker, struct volume_addition *addition)
{
    const struct volume_request *request = &addition->request;

    addition->slot = -1;
    if (check_request(tracker, request, &addition->fault))
        return -1;
    int slot = free_slot(tracker);
    if (slot < 0)
        return fault_set(&addition->fault, STATUS_REFUSED, "TOO_MANY_VOLUMES", "Disable a volume that is no longer needed.",
                         "cannot track %s: %d volumes are tracked already", request->device.path, BT_MAX_VOLUMES);
    remove_pins(tracker, "epoch", slot); /* of somebody who was killed right here */
    remove_pins(tracker, "closed", slot);
    fill_volume(tracker, slot, request);
    tracker->reserved[slot] = true;
    addition->slot = slot;
    return 0;
}

/* Several volumes on their way into their slots. */
struct arrivals {
    struct tracker *tracker;
    struct volume_addition *addition;
};

static int install_epoch(struct tracker *tracker, struct volume_addition *addition)
{
    uint32_t key = (uint32_t)addition->slot;
    int fd = epoch_pin_new(tracker, addition->slot, addition->request.epoch, &addition->fault);

    if (fd < 0)
        return -1;
    int failed = bpf_map_update_elem(tracker->kernel.maps[MAP_EPOCHS], &key, &fd, BPF_ANY);
    if (failed)
        fault_errno(&addition->fault, STATUS_FAILED, "NO_EPOCH", "cannot install the marks of %s", addition->request.device.path);
    close(fd);
    return failed;
}

/* The kernel clears the map's memory, and waits for the programs when it comes into its place: both take their time. */
static int install_one(void *context, int index, struct fault *fault)
{
    const struct arrivals *arrivals = context;
    struct volume_addition *addition = &arrivals->addition[index];

    (void)fault; /* one that fails is no reason against the others */
    if (addition->result == 0)
        addition->result = install_epoch(arrivals->tracker, addition);
    return 0;
}

static int show(struct tracker *tracker, struct volume_addition *addition)
{
    const struct device *device = &addition->request.device;
    struct bt_disk *disk = disk_prepare(tracker, device, &addition->fault);

    if (!disk)
        return -1;
    tracker->meta[addition->slot].counted_from_attach = disk->dev != device->disk_dev;
    __atomic_store_n(&tracker->meta[addition->slot].in_use, 1, __ATOMIC_RELEASE);
    return disk_link(tracker, disk, device->disk_dev, addition->slot, &addition->fault);
}

static void leave_slot(struct tracker *tracker, int slot)
{
    uint32_t key = (uint32_t)slot;

    bpf_map_delete_elem(tracker->kernel.maps[MAP_EPOCHS], &key); /* waits for the programs that still see it */
    remove_pins(tracker, "epoch", slot);
    remove_pins(tracker, "closed", slot);
    tracker->meta[slot] = (struct bt_meta){0};
}

/* Whether the programs find the slot's volume. */
static bool is_linked(struct tracker *tracker, int slot)
{
    const struct bt_disk *disk = slot_disk(tracker, slot);

    for (uint32_t at = disk ? disk->first_volume : BT_NONE, steps = 0; at != BT_NONE && steps < BT_MAX_VOLUMES; at = tracker->volumes[at].next_volume, steps++)
        if (at == (uint32_t)slot)
            return true;
    return false;
}

void tracker_finish_removals(struct tracker *tracker)
{
    for (int slot = 0; slot < BT_MAX_VOLUMES; slot++)
        if (tracker->meta[slot].in_use && !is_linked(tracker, slot))
            leave_slot(tracker, slot);
}

void tracker_add_all(struct tracker *tracker, struct volume_addition *additions, int count)
{
    struct arrivals arrivals = { .tracker = tracker, .addition = additions };
    struct fault ignored;

    for (int index = 0; index < count; index++)
        additions[index].result = reserve(tracker, &additions[index]);
    grace_period_hurry(&tracker->grace);
    in_parallel(COMPUTING, count, install_one, &arrivals, &ignored);
    grace_period_relax(&tracker->grace);
    for (int index = 0; index < count; index++) {
        struct volume_addition *addition = &additions[index];
        if (addition->slot < 0)
            continue;
        if (addition->result == 0)
            addition->result = show(tracker, addition);
        if (addition->result)
            leave_slot(tracker, addition->slot);
        tracker->reserved[addition->slot] = false;
    }
}

int tracker_add(struct tracker *tracker, const struct volume_request *request, int *slot, struct fault *fault)
{
    struct volume_addition addition = { .request = *request };

    tracker_add_all(tracker, &addition, 1);
    *slot = addition.slot;
    if (addition.result)
        *fault = addition.fault;
    return addition.result;
}

int tracker_remove(struct tracker *tracker, int slot, struct fault *fault)
{
    if (!tracker_meta(tracker, slot))
        return fault_set(fault, STATUS_FAILED, "NO_SLOT", NULL, "slot %d is not in use", slot);
    struct bt_disk *disk = slot_disk(tracker, slot);
    if (disk)
        disk_unlink(tracker, disk, slot);
    live_forget(&tracker->live[slot]);
    leave_slot(tracker, slot);
    return 0;
}
