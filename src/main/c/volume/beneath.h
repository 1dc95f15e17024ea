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
    uint64_t written, discarded;    /* sectors, of all of them together */
};

/* true: there are such disks, all keep accounts, and none has anything in flight. */
bool beneath_rests(struct beneath *beneath, const char *disk_name);

#endif
