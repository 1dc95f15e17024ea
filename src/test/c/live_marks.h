/* SPDX-License-Identifier: Apache-2.0 */
/* The live epoch of a slot as a plain bitmap, as tests read and write it. */
#ifndef BLKTRACK_LIVE_MARKS_H
#define BLKTRACK_LIVE_MARKS_H

#include "tracker/epoch.h"
#include "tracker/tracker.h"

/* Bits and chunks united, whatever the layout. */
static inline int read_live(struct tracker *tracker, int slot, enum bt_kind kind, uint64_t *words, struct fault *fault)
{
    struct epoch *epoch;

    if (tracker_live(tracker, slot, kind, &epoch, fault))
        return -1;
    epoch_read(epoch, kind, words);
    return 0;
}

/* Safe beside the programs. */
static inline int merge_live(struct tracker *tracker, int slot, enum bt_kind kind, const uint64_t *words, struct fault *fault)
{
    struct epoch *epoch;

    if (tracker_live(tracker, slot, kind, &epoch, fault))
        return -1;
    epoch_merge(epoch, kind, 0, words, tracker_plain_words(tracker, slot));
    return 0;
}

#endif
