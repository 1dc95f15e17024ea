/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mounted file systems that write to a volume: on it, on its partitions, and on whatever is stacked above
 * (dm, md, bcache), found through sysfs' holders.
 */
#ifndef BLKTRACK_MOUNTS_H
#define BLKTRACK_MOUNTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fault.h"

#define MAX_MOUNTS 64

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

int mounts_of(struct mounts *mounts, uint32_t dev, struct fault *fault);

#endif
