/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Live marks, written to their places in the table: what enable, refresh and save share. All volumes' disks are counted, then each job is begun,
 * then all are written.
 */
#ifndef BLKTRACK_RECORD_H
#define BLKTRACK_RECORD_H

#include "table/store.h"
#include "tracker/tracker_internal.h"
#include "volume/volume.h"

struct record_writer {
    struct tracker *tracker;
    const struct instance *instance;
    struct store *store;
    struct table_page_counts counts;    /* of what has been written */
};

/* What a volume is found to be at the save: its identity may have come after it was enabled. */
struct record_look {
    char identity[TABLE_IDENTITY_BYTES];
    struct fingerprint fingerprint;
    char sick[BT_EVIDENCE_BYTES];       /* why it could not be looked at; empty: it could */
};

/* One volume's marks on their way into the table. */
struct record_job {
    struct record_writer *writer;
    int slot;
    struct table_entry *entry;
    const struct record_look *look;
    struct epoch *epoch;                /* the live one, when it is being written */
    enum table_scope scope;
    struct bt_counters counted;         /* of the disk, from before this reading */
    uint64_t unjudged;                  /* from then: see audit_unjudged() */
    struct table_page_counts counts;    /* bits_set: live bits that were read, so that the caller can see whether any came after */
};

/* The volume's entry, made or made anew where its size or granule is another. Fault TABLE_FULL. */
int record_entry(struct record_writer *writer, int slot, struct table_entry **entry, struct fault *fault);
struct record_jobs {
    struct record_job at[BT_MAX_VOLUMES];
    int count;
};

/* Has a place in the table. */
bool record_is_kept(struct tracker *tracker, int slot);

/* The device is not there any more, or another has its number. */
bool record_is_gone(struct tracker *tracker, int slot);
/* Nothing can be said of that volume from now on, and nothing against the others. */
void record_give_up(struct record_writer *writer, int slot, const char *evidence);

/* A job for every volume with a place in the table; those that are gone are given up, unless their release still holds. */
int record_count_all(struct record_jobs *jobs, struct record_writer *writer, struct fault *fault);
int record_count_one(struct record_jobs *jobs, struct record_writer *writer, int slot, struct fault *fault);
/* Takes a release back. look: NULL while the machine runs, else it goes into the entry, and the fingerprint's ranges are marked; needed until all is written. */
int record_begin(struct record_job *job, struct table_entry *entry, const struct record_look *look, struct fault *fault);
/* Every job has begun. Writes the bitmaps; the directory is the caller's. */
int record_write_all(struct record_jobs *jobs, struct fault *fault);
/* The counters of the slot's disk, which may be gone. */
int record_count_disk(struct tracker *tracker, int slot, struct bt_counters *counted, struct fault *fault);
/* 1: marks, or what only an audit can judge, came since the job was counted and written; 0: none. */
int record_marked_since(const struct record_job *job, struct fault *fault);

#endif
