/* SPDX-License-Identifier: Apache-2.0 */
/* Copies of the device, a digest a granule, and the comparison of two of them with what the record says. */
#ifndef BLKTRACK_GROUNDTRUTH_COPIES_H
#define BLKTRACK_GROUNDTRUTH_COPIES_H

#include "groundtruth_record.h"

struct copy {
    uint64_t *digests;         /* NULL: not kept */
    bool at_rest;              /* nothing was written between its checkpoint and its last read */
};

/* Reads the device by O_DIRECT; first what is known to be under way. */
int copy_read(struct copy *copy, struct run *run, struct fault *fault);
void copy_drop(struct copy *copy);

struct comparison {
    uint64_t differing, reported, missed, discarded_only, discarded_not_zero, discard_ignored;
    uint64_t first_missed;     /* granule */
};

/* Compares copies `from` < `to`; epochs[k] is what checkpoint k closed. */
void compare(struct comparison *sum, const struct run *run, const struct copy *copies, const struct closed_epoch *epochs,
             unsigned int from, unsigned int to, size_t words);

#endif
