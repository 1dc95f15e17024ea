/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our counters against the kernel's own. The kernel adds to /sys/block/DISK/stat when an I/O is done, we count when it
 * is submitted. So, reading stat first and the counters after, counted >= stat; and equality proves
 * that at the moment of the first reading no write was in flight.
 */
#ifndef BLKTRACK_ACCOUNTING_H
#define BLKTRACK_ACCOUNTING_H

#include "tracker/tracker_internal.h"
#include "volume/disk_accounts.h"

struct accounting {
    uint64_t stat_written, stat_discarded;       /* sectors, since the volume's base where that is known */
    uint64_t counted_written, counted_discarded;
    uint64_t in_flight;                          /* writes and discards, as the kernel counts them */
    bool still;                                  /* nothing was submitted or taken back while all this was read */
    struct bt_counters counters;
    enum grade grade;
};

int accounting_read(struct tracker *tracker, int slot, struct accounting *accounting, struct fault *fault);

/*
 * Waits, up to `wait_ms`, for a moment without writes in flight. true: there was one.
 * The first time it also fixes the volume's base: from then on stat and counters are comparable.
 * Where the kernel keeps no accounts of the disk, those of the disks beneath serve for that, and never again: then never true.
 */
bool accounting_settle(struct tracker *tracker, int slot, unsigned int wait_ms);

/* The same for discards alone. */
bool accounting_discards_done(struct tracker *tracker, int slot, unsigned int wait_ms);

#endif
