/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tracker: BPF programs attached and pinned, volumes in slots, epochs as maps.
 *
 * Life of an epoch map: made, pinned as "epoch-SLOT-ID", put into the slot (live), swapped out (closed), released.
 * While meta.checkpoint_running is 1 the new epoch may lack writes that were in flight at the swap: whoever finds
 * it set on opening the tracker ORs the closed map back into the live one, and that checkpoint never happened.
 */
#ifndef BLKTRACK_TRACKER_H
#define BLKTRACK_TRACKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/types.h>

#include "../../bpf/abi.h"
#include "base/fault.h"
#include "base/instance.h"
#include "base/units.h"
#include "volume/device.h"

struct tracker;

/* Reuses what is pinned, or, with `create`, loads, attaches and pins. Takes the instance's lock. Not pinned and not create: fault NOT_TRACKING. */
int tracker_open(struct tracker **tracker, const struct instance *instance, bool create, struct fault *fault);
void tracker_close(struct tracker *tracker);
/* Detaches everything and removes the pins, of whatever version; nothing there is no fault. */
int tracker_destroy(const struct instance *instance, struct fault *fault);

struct volume_request {
    struct device device;
    uint32_t granule_bytes;     /* power of two, 4 KiB to 1 MiB */
    const char *identity;       /* stable identity; "" when there is none */
    bool trust_offline;
    const char *reason, *evidence;  /* why its record is unknown from the first moment on; NULL: it is not */
    uint8_t series[16];
    uint8_t epoch[16];
};

/* Puts a volume into a free slot with an empty bitmap. Fault ALREADY_TRACKED, ZONED, TOO_MUCH_MEMORY (names the granularity that fits) ... */
int tracker_add(struct tracker *tracker, const struct volume_request *request, int *slot, struct fault *fault);

/* One of several volumes that come at the same time: their maps are made side by side. */
struct volume_addition {
    struct volume_request request;
    int slot;                   /* -1: none */
    int result;                 /* 0, or -1 with the fault, for each by itself */
    struct fault fault;
};
void tracker_add_all(struct tracker *tracker, struct volume_addition *additions, int count);

int tracker_remove(struct tracker *tracker, int slot, struct fault *fault);

/* The slot's record, mapped and shared: plain stores are seen by everybody. NULL: slot not in use. */
struct bt_meta *tracker_meta(struct tracker *tracker, int slot);
/* Whether the device is on the disk that the record is of, and not on another that has its number now. */
bool is_same_disk(const struct bt_meta *meta, const struct device *device);
void tracker_distrust(struct tracker *tracker, int slot, const char *reason, const char *evidence);

/* Returns when every run of a program that was under way has ended. */
int tracker_wait_for_programs(struct tracker *tracker, struct fault *fault);

/* Words of one plain bitmap (one bit a granule) of the slot's volume. */
size_t tracker_plain_words(struct tracker *tracker, int slot);
/* The slot's live epoch with the marks of that kind mapped, and of any kind that was asked for before; the tracker's own, and good until the next call for the slot. */
struct epoch;
int tracker_live(struct tracker *tracker, int slot, enum bt_kind kind, struct epoch **epoch, struct fault *fault);

#endif
