/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What may be in flight at a checkpoint, read from the in-flight tables after the swap and after the grace period:
 * every program that marked in the old epoch has then also left its note here. See docs/design.md, "Marking".
 */
#include "tracker/tracker_internal.h"

#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <errno.h>
#include <stdlib.h>

#include "tracker/accounting.h"

#define DISCARD_WAIT_MS 100
#define REST_WAIT_MS 50
#define BATCH 4096

/* Marks sectors of the disk in the slot's epoch, where they touch its volume. */
static void mark_range(struct tracker *tracker, int slot, struct epoch *epoch, const struct bt_inflight *held)
{
    const struct bt_volume *volume = &tracker->volumes[slot];
    uint64_t start = held->sector, end = held->sector + held->sector_count;

    if (held->sector_count == 0 || start >= volume->end_sector || end <= volume->start_sector)
        return;
    if (start < volume->start_sector)
        start = volume->start_sector;
    if (end > volume->end_sector)
        end = volume->end_sector;
    epoch_mark(epoch, (start - volume->start_sector) >> volume->granule_shift, (end - 1 - volume->start_sector) >> volume->granule_shift);
}

static void carry_requests(struct tracker *tracker, int slot, const struct bt_disk *disk, struct epoch *epoch)
{
    for (uint32_t i = 0; i < disk->tag_count; i++) {
        uint64_t word = __atomic_load_n(&tracker->tags[disk->tag_base + i], __ATOMIC_RELAXED);
        struct bt_inflight held = {.sector = word >> BT_HELD_BITS,
                                   .sector_count = (uint32_t)(word & ((1u << BT_HELD_BITS) - 1)) * BT_HELD_UNIT};
        mark_range(tracker, slot, epoch, &held);
    }
}

/* The batch look-up copies bucket after bucket: an entry that stays is never passed over. */
static int carry_bios(struct tracker *tracker, int slot, const struct bt_disk *disk, struct epoch *epoch, struct fault *fault)
{
    uint64_t *keys = malloc(BATCH * sizeof *keys);
    struct bt_inflight *values = malloc(BATCH * sizeof *values);
    uint32_t cursor, count;
    int result = keys && values ? 0 : fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot read the table of bios in flight"), failed = result;
    bool first = true;

    while (!failed) {
        count = BATCH;
        failed = bpf_map_lookup_batch(tracker->kernel.maps[MAP_BIOS], first ? NULL : &cursor, &cursor, keys, values, &count, NULL);
        if (failed && errno != ENOENT) {
            result = fault_errno(fault, STATUS_FAILED, "NO_BIOS", "cannot read the table of bios in flight");
            break;
        }
        for (uint32_t i = 0; i < count; i++)
            if (values[i].disk_index == disk->index)
                mark_range(tracker, slot, epoch, &values[i]);
        first = false;
    }
    free(keys);
    free(values);
    return result;
}

/* As data: the content is not known to be stable yet. And as what they are: still found by the next checkpoint, if they are under way then, too. */
static int carry_discards(const struct epoch *from, struct epoch *to, struct fault *fault)
{
    return epoch_copy_marks(from, BT_DISCARD, to, BT_DATA, fault) || epoch_copy_marks(from, BT_DISCARD, to, BT_DISCARD, fault) ? -1 : 0;
}

/*
 * Counted = accounted after the swap: whatever was under way at the swap is done, and nothing has to be carried. Where discards
 * are not accounted, that holds for writes alone; passthrough writes are not accounted anywhere.
 */
static bool settled(struct tracker *tracker, int slot, const struct epoch *closed, const struct bt_counters *count)
{
    struct accounting now;
    struct fault ignored;

    /* To fix a base is not to prove rest: a bio may be past our program and not yet in the kernel's accounts. */
    return count->passthrough_marked == 0 && tracker->meta[slot].base_known && accounting_settle(tracker, slot, 0) &&
           (!epoch_has_marks(closed, BT_DISCARD) || (accounting_read(tracker, slot, &now, &ignored) == 0 && now.grade == GRADE_EXACT));
}

int inflight_carry(struct tracker *tracker, int slot, const struct epoch *closed, struct epoch *epoch, bool *carried_all, struct fault *fault)
{
    struct bt_disk *disk = slot_disk(tracker, slot);
    struct bt_counters count;

    *carried_all = false;
    if (!disk || counters_read(tracker, disk->index, &count, fault))
        return -1;
    if (settled(tracker, slot, closed, &count))
        return 0;
    /* A write that the table had no room for may be anywhere, until a moment of rest has been seen. */
    if (count.untracked_in_flight != tracker->meta[slot].settled_untracked && !accounting_settle(tracker, slot, REST_WAIT_MS)) {
        *carried_all = true;
        return epoch_copy_marks(closed, BT_DATA, epoch, BT_DATA, fault) || carry_discards(closed, epoch, fault) ? -1 : 0;
    }
    if (!disk->request_based)
        return carry_bios(tracker, slot, disk, epoch, fault);
    if (epoch_has_marks(closed, BT_DISCARD) && !accounting_discards_done(tracker, slot, DISCARD_WAIT_MS) && carry_discards(closed, epoch, fault))
        return -1;
    carry_requests(tracker, slot, disk, epoch);
    return 0;
}
