/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mounted file systems that write to a volume: on it, on its partitions, and on whatever is stacked above
 * (dm, md, bcache: found through sysfs' holders; loop devices; btrfs with more devices than one).
 */
#ifndef BLKTRACK_MOUNTS_H
#define BLKTRACK_MOUNTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fault.h"

#define MAX_MOUNTS 256

struct mount_point {
    char path[256];
    char type[32];
    bool read_only;   /* the file system itself, not just this mount of it */
};

/* One entry a file system, whatever number of places it is mounted on. */
struct mounts {
    int count;
    struct mount_point at[MAX_MOUNTS];
};

/* Those on the device, as this process sees them. Fault TOO_MANY_MOUNTS. */
int mounts_of(struct mounts *mounts, uint32_t dev, struct fault *fault);

/* All that is mounted and all loop devices at one moment, for who asks of several devices. anywhere: as any process sees them, also containers, whose paths are theirs. */
struct survey *survey_take(bool anywhere, struct fault *fault);
void survey_free(struct survey *survey);
int survey_mounts(const struct survey *survey, struct mounts *mounts, uint32_t dev, struct fault *fault);
/*
 * Somebody whom neither a mount nor a device above shows has the volume, or what is stacked on it, for himself alone: a file system on a device that
 * no mountinfo names, another host's disk.
 */
bool survey_misses_holder(const struct survey *survey, uint32_t dev);
/*
 * What was written to the device, to its disk, or to what lies on it, and waits in a page cache is submitted; then the disks' own caches are flushed. A device
 * keeps its page cache for as long as anybody has it open. Faults: FLUSH_FAILED, TOO_MANY_MOUNTS.
 */
int survey_flush(const struct survey *survey, uint32_t dev, struct fault *fault);

#endif
