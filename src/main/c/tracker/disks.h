/* SPDX-License-Identifier: Apache-2.0 */
/* The disks below the volumes; see disks.c. */
#ifndef BLKTRACK_DISKS_H
#define BLKTRACK_DISKS_H

#include "tracker/tracker_internal.h"

/* The disk's bucket, made if need be; not yet visible to the programs when it is new. NULL: fault TOO_MANY_DISKS, NO_TAGS, NO_MEMORY. */
struct bt_disk *disk_prepare(struct tracker *tracker, const struct device *device, struct fault *fault);
/* Fault ALREADY_TRACKED: a disk that is gone had this one's number, and volumes on it are tracked; leaving: a slot that does not count, or -1. */
int disk_number_is_free(struct tracker *tracker, const struct device *device, int leaving, struct fault *fault);
/* From here on the programs mark the slot's volume. */
int disk_link(struct tracker *tracker, struct bt_disk *disk, uint32_t dev, int slot, struct fault *fault);
/* The programs find the slot's volume no longer; one that found it before may still run. */
void disk_unlink(struct tracker *tracker, struct bt_disk *disk, int slot);

#endif
