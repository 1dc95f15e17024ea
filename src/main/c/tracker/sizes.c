/* SPDX-License-Identifier: Apache-2.0 */
#include "tracker/sizes.h"

#include <bpf/bpf.h>

#include "base/sysfs.h"
#include "tracker/tracker_internal.h"
#include "volume/mapping.h"

struct sum {
    struct tracker *tracker;
    uint64_t changed;
    struct fault *fault;
};

static int watch(int map, const struct device *disk, struct fault *fault)
{
    struct bt_size size = {0};
    uint64_t sectors;

    /* Of the whole disk, where the device is a partition of it. */
    if (sysfs_u64(&sectors, "/sys/block/%s/size", disk->disk_name) == 0)
        size.sectors = sectors;
    if (bpf_map_update_elem(map, &disk->disk_dev, &size, BPF_NOEXIST))
        return fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot watch the size of %s", disk->disk_name);
    return 0;
}

static int add(const struct device *disk, void *context)
{
    struct sum *sum = context;
    struct bt_size size;
    int map = sum->tracker->kernel.maps[MAP_SIZES];

    if (bpf_map_lookup_elem(map, &disk->disk_dev, &size))
        return watch(map, disk, sum->fault);
    sum->changed += size.shrunk + size.emptied;
    return 0;
}

int sizes_changed(struct tracker *tracker, const struct device *device, uint64_t *changed, struct fault *fault)
{
    struct sum sum = {.tracker = tracker, .fault = fault};
    int failed = mapping_walk(device, add, &sum);

    *changed = sum.changed;
    return failed;
}

uint64_t sizes_shrunk(struct tracker *tracker, uint32_t disk_dev)
{
    struct bt_size size;

    return bpf_map_lookup_elem(tracker->kernel.maps[MAP_SIZES], &disk_dev, &size) == 0 ? size.shrunk : 0;
}
