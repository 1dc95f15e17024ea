/* SPDX-License-Identifier: Apache-2.0 */
/* The tracker under test: a temporary instance, its epochs as plain bitmaps, and its audits. */
#ifndef BLKTRACK_GROUNDTRUTH_RECORD_H
#define BLKTRACK_GROUNDTRUTH_RECORD_H

#include "../../main/c/audit.h"
#include "../../main/c/checkpoint.h"
#include "groundtruth.h"

struct closed_epoch {
    uint64_t *data, *discarded; /* plain bitmaps */
};

struct record {
    struct tracker *tracker;
    int slot;
    char state_dir[64];
    size_t words;
    struct dice dice;          /* of the sabotage */
};

/* Attaches the programs; then a device is added. */
int record_start(struct record *record, struct fault *fault);
int record_add(struct record *record, const struct run *run, struct fault *fault);
void record_close(struct record *record);
/* Takes a checkpoint, fetches what it closed and releases the pin. */
int record_checkpoint(struct record *record, const struct run *run, struct closed_epoch *epoch, struct checkpoint_result *result, struct fault *fault);

/* Runs that the kernel skipped, and those that no later instance made up for, as "queue 0, issue 3, lost 0". */
void record_skipped(const struct record *record, char *text, size_t size);

/* groundtruth_sabotage.c */
void sabotage_choose(enum sabotage mode);
/* Drops one mark of a closed epoch. */
void sabotage_epoch(struct record *record, struct closed_epoch *epoch);
void sabotage_counters(struct record *record);
void sabotage_lost(struct record *record);

#endif
