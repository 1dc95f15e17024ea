/* SPDX-License-Identifier: Apache-2.0 */
/* One volume's live marks, written to its place in the table: the step that enable, refresh and save share. */
#ifndef BLKTRACK_RECORD_H
#define BLKTRACK_RECORD_H

#include "store.h"
#include "volume.h"

struct record_writer {
    struct tracker *tracker;
    const struct instance *instance;
    struct store *store;
    struct table_page_counts counts;
    struct bitmap_buffers buffers;      /* for live marks that are no plain bitmap; freed by record_writer_done */
};

void record_writer_done(struct record_writer *writer);

/* The volume's entry, made or made anew where its size or granule is another. Fault TABLE_FULL. */
int record_entry(struct record_writer *writer, int slot, struct table_entry **entry, struct fault *fault);
/*
 * Writes bitmaps and fields; the directory is the caller's. fingerprint: NULL while the machine runs, else it goes into the entry, and its ranges are
 * marked. marked: number of live bits that were read, so that the caller can see whether any came after.
 */
int record_write(struct record_writer *writer, int slot, struct table_entry *entry, const struct fingerprint *fingerprint, uint64_t *marked,
                 struct fault *fault);
int record_count_marked(struct record_writer *writer, int slot, uint64_t *marked, struct fault *fault);

#endif
