/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Freezing file systems, and thawing them whatever happens. A guardian process holds the file systems open and thaws
 * them when the time is up or when the process that asked is gone: a freeze can't outlive its limit.
 */
#ifndef BLKTRACK_FREEZE_H
#define BLKTRACK_FREEZE_H

#include <stdbool.h>
#include <sys/types.h>

#include "volume/mounts.h"

struct freeze {
    int count;
    int fds[MAX_MOUNTS];
    volatile bool *ours;     /* shared with the guardian; false: somebody else holds it frozen, and thaws it */
    bool awake;              /* one of them knows no freeze (FAT): it goes on writing, and this is no rest */
    uint64_t since_us;       /* CLOCK_MONOTONIC, before the first was frozen */
    pid_t guardian;
    int alive;               /* closing it tells the guardian to thaw and end */
};

/* All frozen (or found frozen) that know a freeze, or none: fault FREEZE_FAILED, FREEZE_TIMEOUT. */
int freeze_begin(struct freeze *freeze, const struct mounts *mounts, unsigned int limit_ms, struct fault *fault);
/* Whether the limit ran out in the meantime. */
bool freeze_end(struct freeze *freeze);

#endif
