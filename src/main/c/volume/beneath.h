/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The disks that a disk without accounts of its own passes its bios on to (md linear's members, the paths of an NVMe multipath head):
 * they have accounts, and what they do not have in flight is not in flight above.
 */
#ifndef BLKTRACK_BENEATH_H
#define BLKTRACK_BENEATH_H

#include <stdbool.h>
#include <stdint.h>

struct beneath {
    unsigned int disks;
    uint64_t written, discarded;    /* sectors, of all of them together; writes are left out where an array's own rebuilding may be among them */
};

/* true: there are such disks, all keep accounts, and none has anything in flight. */
bool beneath_rests(struct beneath *beneath, const char *disk_name);
/* The same of discards alone, as far as it can be told: an array that is rebuilt writes to its members all the time. */
bool beneath_discards_rest(struct beneath *beneath, const char *disk_name);

#endif
