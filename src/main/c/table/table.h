/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tracking table as a codec and as a protocol over a medium: the dirty mark, the directory, the clean mark.
 * The order of the writes lies with the callers (start.c, save.c); what a crash leaves behind at each point is argued in
 * docs/table-format.md and hit for real by the crash simulator in the tests.
 */
#ifndef BLKTRACK_TABLE_H
#define BLKTRACK_TABLE_H

#include <stdbool.h>

#include "table/table_format.h"

struct table {
    struct medium *medium;          /* not owned */
    struct table_header header;     /* the newest valid one */
    int newest;                     /* its slot */
    struct table_entry *entries;    /* header.entry_count of them */
    struct table_entry *on_disk;    /* the directory as the medium holds it: only what differs is written */
    uint32_t damaged;               /* entries of a dirty table that were not whole, and count as free */
};

struct table_page_counts {
    uint64_t pages_written;     /* unchanged ones between changed ones included */
    uint64_t pages_changed;
    uint64_t bits_set;          /* in the bitmaps as they were read */
};

/*
 * Reads slots and directory. Faults: TABLE_MISSING (no table here), TABLE_REPLACED (another uuid than expected; NULL:
 * any), TABLE_CORRUPT. A clean table is taken only whole; of a dirty one the entries that are whole are kept, since they are
 * nothing but a list of volumes.
 */
int table_open(struct table *table, struct medium *medium, const uint8_t *expected_uuid, struct fault *fault);
void table_close(struct table *table);
bool table_is_clean(const struct table *table);

/* Makes an empty table, dirty. The medium must read as zeros or be new: every page is written. */
int table_create(struct medium *medium, const uint8_t uuid[16], uint32_t entry_count, const uint8_t boot_id[16], struct fault *fault);

/* Durable when it returns. Over a clean slot if there is one, so that no clean mark is left on the medium. */
int table_mark_dirty(struct table *table, enum table_cause cause, bool starting, const uint8_t boot_id[16], struct fault *fault);
/* Writes what changed in the directory; durable only with the next flush. */
int table_write_directory(struct table *table, struct fault *fault);
/* Flushes, then writes the clean mark, durable when it returns. home_digest: see home.h. */
int table_mark_clean(struct table *table, const uint8_t boot_id[16], uint64_t home_digest, struct fault *fault);

/* NULL: none. */
struct table_entry *table_find(const struct table *table, const char *identity);
/* A free place with room for the volume; nothing on the medium changes. Fault TABLE_FULL. */
int table_place(struct table *table, const char *identity, uint64_t sector_count, uint32_t granule_bytes,
                struct table_entry **entry, struct fault *fault);
uint64_t table_bitmap_bytes(uint64_t sector_count, uint32_t granule_bytes);
uint64_t table_area_bytes(uint64_t sector_count, uint32_t granule_bytes);
/* Of the entry's volume. */
uint64_t table_granules(const struct table_entry *entry);
/* Why the entry can't be right, or NULL. */
const char *table_entry_flaw(const struct table_header *header, const struct table_entry *entry);

/*
 * Takes a page that has set bits; first_word: its place in the bitmap. Pages without any are not given. The words are gone when it returns. What was taken
 * before a fault was right, but it isn't all.
 */
typedef int table_page_taker(void *context, bool discard, uint64_t first_word, const uint64_t *words, struct fault *fault);
int table_read_pages(struct table *table, const struct table_entry *entry, table_page_taker *take, void *context, struct fault *fault);
/* data and discard: room for entry->bitmap_bytes each. */
int table_read_bitmaps(struct table *table, const struct table_entry *entry, uint64_t *data, uint64_t *discard, struct fault *fault);
enum table_scope {
    TABLE_ALL,              /* every page with a set bit; the others are entered as empty */
    TABLE_CHANGED,
    TABLE_CHANGED_DATA,     /* the discards are known to be what the table has */
};

/*
 * Writes the pages that have another number of set bits than their sums say, then the sum pages. That is exact only where the table's pages are an earlier
 * reading of the same bitmaps, to which bits were only added since: of one epoch. With TABLE_ALL (another epoch, or nobody knows) nothing is compared. Sets entry->sums_crc. Durable only with the next flush.
 *
 * data and discard: as many words as the volume's granules take; they may gain bits meanwhile, as live maps do. counts->bits_set tells how many were read.
 * With TABLE_CHANGED_DATA discard may be NULL; then 1 is returned, and nothing written, where the table's sums turn out not to be what the entry says: call again with
 * TABLE_ALL.
 */
int table_write_bitmaps(struct table *table, struct table_entry *entry, const uint64_t *data, const uint64_t *discard, enum table_scope scope,
                        struct table_page_counts *counts, struct fault *fault);

#endif
