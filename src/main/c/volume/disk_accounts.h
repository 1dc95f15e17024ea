/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel itself keeps count of for a disk: /sys/block/DISK/stat and inflight, and how far they can be believed. */
#ifndef BLKTRACK_DISK_ACCOUNTS_H
#define BLKTRACK_DISK_ACCOUNTS_H

#include <stdbool.h>
#include <stdint.h>

/* EXACT: writes and discards, to the sector; WRITES_ONLY: no discards; NONE: none that could be held against a count. */
enum grade { GRADE_EXACT, GRADE_WRITES_ONLY, GRADE_NONE };
const char *grade_name(enum grade grade);
enum grade disk_grade(const char *disk_name);

/* Its driver accounts for bios in flight and done whatever the switch "iostats" says, if not to the sector. */
bool disk_accounts_always(const char *disk_name);
/* Something is accounted: where it shows no write, there was none. */
bool disk_has_accounts(const char *disk_name);

struct disk_stat {
    uint64_t written, discarded;    /* sectors */
    uint64_t in_flight;             /* requests or bios that write or discard; flushes and reads move nothing that is marked */
};
/* Of a disk or a partition, by kernel name. -1: can't be read. */
int disk_stat_read(struct disk_stat *stat, const char *name);

#endif
