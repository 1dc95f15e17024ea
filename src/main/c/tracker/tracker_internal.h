/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tracker's inside, for the files that together make it: tracker.c opens it, slots.c puts volumes in, disks.c keeps what the programs
 * find them by, slot_epochs.c their epochs; checkpoint.c, inflight.c and audit.c work on that.
 */
#ifndef BLKTRACK_TRACKER_INTERNAL_H
#define BLKTRACK_TRACKER_INTERNAL_H

#include "base/change_id.h"
#include "kernel/grace_period.h"
#include "kernel/kernel.h"
#include "tracker/epoch.h"
#include "tracker/tracker.h"

/*
 * A live epoch, mapped once per process. Kept by the map's id, which is not given to another while the map is held open, so that a swap shows.
 */
struct live_map {
    uint32_t id;            /* 0: none */
    struct epoch epoch;
};

struct tracker {
    struct instance instance;
    struct kernel kernel;
    int lock;
    struct grace_period grace;
    struct bt_about *about;
    struct bt_disk *disks;
    struct bt_volume *volumes;
    struct bt_meta *meta;
    uint64_t *tags;
    struct live_map live[BT_MAX_VOLUMES];
    bool reserved[BT_MAX_VOLUMES];  /* for a volume that is coming; its record is filled, and not yet in use */
};

bool slot_is_taken(const struct tracker *tracker, int slot);
uint64_t slot_granules(const struct tracker *tracker, int slot);
struct bt_disk *slot_disk(struct tracker *tracker, int slot);

/* Pins: "epoch/SLOT-ID" is a map the programs mark or marked; "closed/SLOT-ID" is a plain copy for the daemon. */
void epoch_pin_path(char *path, size_t size, const struct tracker *tracker, int slot, const uint8_t id[CHANGE_ID_BYTES]);
/* For callers that swap the live epoch out: theirs to unmap. */
int epoch_open_live(struct tracker *tracker, int slot, struct epoch *epoch, struct fault *fault);
int epoch_open_pin(struct tracker *tracker, int slot, const char *path, struct epoch *epoch, struct fault *fault);
/* Made and pinned, not mapped: its descriptor, or -1. */
int epoch_pin_new(struct tracker *tracker, int slot, const uint8_t id[CHANGE_ID_BYTES], struct fault *fault);
void live_forget(struct live_map *live);
/* Makes, pins and maps an empty epoch for the slot. */
int epoch_make(struct tracker *tracker, int slot, const uint8_t id[CHANGE_ID_BYTES], struct epoch *epoch, struct fault *fault);

/* The disk's counters, summed over all processors. */
int counters_read(struct tracker *tracker, uint32_t index, struct bt_counters *sum, struct fault *fault);

/* Adds all writes that may be in flight on the slot's disk to `epoch`, or, where they are not known, all of `closed`. */
int inflight_carry(struct tracker *tracker, int slot, const struct epoch *closed, struct epoch *epoch, bool *carried_all, struct fault *fault);

/* A volume that no program finds is in use in name only: somebody was killed while it came or went. */
void tracker_finish_removals(struct tracker *tracker);

/* Undoes checkpoints that were interrupted; see tracker.h. */
int checkpoint_recover(struct tracker *tracker, struct fault *fault);

#endif
