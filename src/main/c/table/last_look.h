/* SPDX-License-Identifier: Apache-2.0 */
/* What is looked at before a volume is saved for good: who could still write to it, and what it is found to be. */
#ifndef BLKTRACK_LAST_LOOK_H
#define BLKTRACK_LAST_LOOK_H

#include "table/record.h"
#include "volume/mounts.h"

/* Mounted on / or /usr here, or that can't be told: it stays until the last save. */
bool carries_root(uint32_t dev);

/* Fault STILL_WRITABLE: mounted read-write anywhere, or in use as swap. */
int refuse_writers(const struct survey *survey, const struct bt_meta *meta, struct fault *fault);

/*
 * Somebody whom no mount shows has the volume for himself, and still has at that time (monotonic_us). A file system whose last process was killed goes in
 * its own time, so it is waited for. 1: it was, and *survey is another, or NULL after a fault (-1).
 */
int wait_for_holder(struct survey **survey, const struct bt_meta *meta, uint64_t until_us, bool *held, struct fault *fault);

/* A flush, so that nothing is left to be written; the last audit, whose finding goes into the volume's record; and the fingerprint. */
void take_last_look(struct tracker *tracker, int slot, const struct survey *survey, struct record_look *look);

#endif
