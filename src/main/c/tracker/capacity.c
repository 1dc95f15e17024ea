/* SPDX-License-Identifier: Apache-2.0 */
/* What the maps of all volumes may take of the machine's memory. */
#include "tracker/capacity.h"

#include <stdio.h>
#include <sys/sysinfo.h>

#define MAX_MEMORY_SHARE 20          /* a twentieth: 5 % of the machine's memory */
/* Before 5.18.18 and 5.19.2 the kernel computes the place of a word in a map in 32 bits (CVE-2022-50167): beyond this, marks would be set elsewhere. */
#define MAX_MAP_BYTES (4ull << 30)

uint64_t granules_at(uint64_t sector_count, uint32_t granule_bytes)
{
    uint32_t sectors = granule_bytes / SECTOR_BYTES;

    return (sector_count + sectors - 1) / sectors;
}

/* What a volume's maps take for good: one epoch. */
static uint64_t volume_memory(const struct tracker *tracker, uint64_t sector_count, uint32_t granule_bytes)
{
    return epoch_map_bytes(tracker->kernel.layout, granules_at(sector_count, granule_bytes));
}

/* And while it has a checkpoint: a second epoch, and a plain copy of the closed one. One volume has it at a time. */
static uint64_t checkpoint_memory(const struct tracker *tracker, uint64_t sector_count, uint32_t granule_bytes)
{
    uint64_t granules = granules_at(sector_count, granule_bytes);

    return epoch_map_bytes(tracker->kernel.layout, granules) + epoch_map_bytes(BT_BITS, granules);
}

static uint64_t memory_with(struct tracker *tracker, uint64_t sector_count, uint32_t granule_bytes)
{
    uint64_t lasting = volume_memory(tracker, sector_count, granule_bytes);
    uint64_t passing = checkpoint_memory(tracker, sector_count, granule_bytes);

    for (int slot = 0; slot < BT_MAX_VOLUMES; slot++) {
        const struct bt_meta *meta = &tracker->meta[slot];
        if (!slot_is_taken(tracker, slot))
            continue;
        lasting += volume_memory(tracker, meta->sector_count, meta->granule_bytes);
        uint64_t one = checkpoint_memory(tracker, meta->sector_count, meta->granule_bytes);
        passing = one > passing ? one : passing;
    }
    return lasting + passing;
}

static bool map_is_addressable(const struct tracker *tracker, uint64_t sector_count, uint32_t granule_bytes)
{
    return volume_memory(tracker, sector_count, granule_bytes) < MAX_MAP_BYTES;
}

int capacity_check(struct tracker *tracker, const struct volume_request *request, struct fault *fault)
{
    uint64_t sectors = request->device.sector_count;
    struct sysinfo info;

    sysinfo(&info);
    uint64_t limit = (uint64_t)info.totalram * info.mem_unit / MAX_MEMORY_SHARE;
    uint32_t fits = request->granule_bytes;
    while (fits <= MAX_GRANULE && (!map_is_addressable(tracker, sectors, fits) || memory_with(tracker, sectors, fits) > limit))
        fits *= 2;
    if (fits == request->granule_bytes)
        return 0;
    char remedy[128] = "Disable another volume, or add memory: no granularity fits.";
    if (fits <= MAX_GRANULE)
        snprintf(remedy, sizeof remedy, "Use --granularity %uKiB.", fits / 1024);
    if (!map_is_addressable(tracker, sectors, request->granule_bytes))
        return fault_set(fault, STATUS_REFUSED, "TOO_MUCH_MEMORY", remedy,
                         "cannot track %s with granules of %u KiB: its map would take %llu MiB, and the kernel finds its way only in maps below %llu MiB",
                         request->device.path, request->granule_bytes / 1024,
                         (unsigned long long)(volume_memory(tracker, sectors, request->granule_bytes) >> 20), MAX_MAP_BYTES >> 20);
    return fault_set(fault, STATUS_REFUSED, "TOO_MUCH_MEMORY", remedy,
                     "cannot track %s with granules of %u KiB: all maps together would take %llu MiB, and the limit is %llu MiB (5 %% of memory)",
                     request->device.path, request->granule_bytes / 1024,
                     (unsigned long long)(memory_with(tracker, sectors, request->granule_bytes) >> 20), (unsigned long long)(limit >> 20));
}
