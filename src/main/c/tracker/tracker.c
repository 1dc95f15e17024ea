/* SPDX-License-Identifier: Apache-2.0 */
/* The slots' records. */
#include "tracker/capacity.h"

#include <stdio.h>

struct bt_meta *tracker_meta(struct tracker *tracker, int slot)
{
    return slot >= 0 && slot < BT_MAX_VOLUMES && tracker->meta[slot].in_use ? &tracker->meta[slot] : NULL;
}

bool slot_is_taken(const struct tracker *tracker, int slot)
{
    return tracker->meta[slot].in_use || tracker->reserved[slot];
}

void tracker_distrust(struct tracker *tracker, int slot, const char *reason, const char *evidence)
{
    struct bt_meta *meta = &tracker->meta[slot];

    /* The first reason stays: what follows is mostly its consequence. */
    if (meta->reason[0])
        return;
    snprintf(meta->evidence, sizeof meta->evidence, "%s", evidence);
    snprintf(meta->reason, sizeof meta->reason, "%s", reason);
}

uint64_t slot_granules(const struct tracker *tracker, int slot)
{
    return granules_at(tracker->meta[slot].sector_count, tracker->meta[slot].granule_bytes);
}

int tracker_wait_for_programs(struct tracker *tracker, struct fault *fault)
{
    return grace_period_wait(&tracker->grace, fault);
}

size_t tracker_plain_words(struct tracker *tracker, int slot)
{
    return epoch_plain_words(slot_granules(tracker, slot));
}
