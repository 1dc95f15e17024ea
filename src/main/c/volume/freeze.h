/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Freezing file systems, and thawing them whatever happens; docs/design.md says why it takes two processes.
 */
#ifndef BLKTRACK_FREEZE_H
#define BLKTRACK_FREEZE_H

#include <stdbool.h>
#include <stdint.h>

#include "volume/mounts.h"

struct freeze_notes;

struct freeze {
    int count;
    int fds[MAX_MOUNTS];
    bool whole;                 /* all of them can be frozen: vfat, for one, can't */
    uint64_t since_us;          /* CLOCK_MONOTONIC, right before the first was frozen */
    struct freeze_notes *notes; /* shared with the guardian and the freezer */
    uint32_t *held;
    int guardian;               /* closing it tells the guardian to thaw and end */
};

/*
 * All frozen that can be (or found frozen), or none: fault FREEZE_FAILED, or after the limit FREEZE_TIMEOUT. Never waits for long.
 * held: where it is counted what may be frozen by us, in memory that outlives all three processes; NULL: nowhere.
 */
int freeze_begin(struct freeze *freeze, const struct mounts *mounts, unsigned int limit_ms, uint32_t *held, struct fault *fault);
/* Whether the limit ran out in the meantime. */
bool freeze_end(struct freeze *freeze);
/* Thaws what is left where caller, guardian and freezer were all killed, as the end of a service does; nothing where nothing is held. */
void freeze_undo(const struct mounts *mounts, uint32_t *held);

#endif
