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

#include "../bpf/abi.h"
#include "fault.h"
#include "instance.h"
#include "units.h"

struct tracker;

/* A block device as sysfs has it now. */
struct device {
    char path[64];           /* /dev/... as given */
    char name[32];           /* kernel name: sda1 */
    char disk_name[32];      /* whole disk: sda */
    uint32_t dev;            /* kernel encoding, major << 20 | minor */
    uint32_t disk_dev;
    uint64_t diskseq;        /* 0: kernel has none */
    uint64_t start_sector;   /* on the disk */
    uint64_t sector_count;
    bool request_based;
    bool zoned;
};

int device_open(struct device *device, const char *path, struct fault *fault);
int device_by_number(struct device *device, uint32_t dev, struct fault *fault);

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
    uint8_t series[16];
    uint8_t epoch[16];
};

/* Puts a volume into a free slot with an empty bitmap. Fault ALREADY_TRACKED, ZONED, TOO_MUCH_MEMORY (names the granularity that fits) ... */
int tracker_add(struct tracker *tracker, const struct volume_request *request, int *slot, struct fault *fault);
int tracker_remove(struct tracker *tracker, int slot, struct fault *fault);

/* The slot's record, mapped and shared: plain stores are seen by everybody. NULL: slot not in use. */
struct bt_meta *tracker_meta(struct tracker *tracker, int slot);
void tracker_distrust(struct tracker *tracker, int slot, const char *reason, const char *evidence);

/* Words of one plain bitmap (one bit a granule) of the slot's volume. */
size_t tracker_plain_words(struct tracker *tracker, int slot);
/* The slot's live epoch, mapped; the tracker's own, and good until the next call for the slot. */
struct epoch;
int tracker_live(struct tracker *tracker, int slot, struct epoch **epoch, struct fault *fault);
/* Reads the live epoch as a plain bitmap: bits and chunks united, whatever the layout. */
int tracker_read_live(struct tracker *tracker, int slot, enum bt_kind kind, uint64_t *words, struct fault *fault);
/* ORs a plain bitmap into the live epoch; safe beside the programs. */
int tracker_merge_live(struct tracker *tracker, int slot, enum bt_kind kind, const uint64_t *words, struct fault *fault);

#endif
