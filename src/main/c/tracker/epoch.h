/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One epoch map, mapped into this process: marking, reading and merging, whatever its layout (see abi.h).
 *
 * Mapping has its price, some milliseconds for the 64 MiB of a large volume, so each of the two bitmaps is mapped only where it is looked at.
 */
#ifndef BLKTRACK_EPOCH_H
#define BLKTRACK_EPOCH_H

#include "tracker/tracker.h"

struct epoch {
    int fd;
    struct epoch_part {
        void *pages;            /* NULL: not mapped */
        size_t bytes;
        uint64_t *words;        /* the bitmap and its chunks, somewhere in the first page on */
    } part[2];                  /* by enum bt_kind */
    enum bt_layout layout;
    uint64_t granules;
    uint32_t bitmap_words, chunk_words;
};

/* Words that an epoch map of so many granules has, by layout. */
void epoch_geometry(struct bt_volume *volume, enum bt_layout layout, uint64_t granules);
uint64_t epoch_map_bytes(enum bt_layout layout, uint64_t granules);
uint64_t epoch_plain_words(uint64_t granules);

/* A fresh, empty epoch map; the caller pins it. Returns a file descriptor. */
int epoch_create(const struct bt_volume *volume, struct fault *fault);
/* Owns fd from here on; nothing is mapped yet. */
void epoch_init(struct epoch *epoch, int fd, enum bt_layout layout, const struct bt_volume *volume, uint64_t granules);
/* Maps the bitmap of that kind, unless it is mapped. Whatever is called below for a kind needs it. */
int epoch_map(struct epoch *epoch, enum bt_kind kind, struct fault *fault);
/* Both bitmaps; what is looked at again is mapped again. */
void epoch_unmap(struct epoch *epoch);
void epoch_close(struct epoch *epoch);

/* Any mark of that kind, in its bitmap or in its chunks. */
bool epoch_has_marks(const struct epoch *epoch, enum bt_kind kind);
/* Marks granules [first, last] as data. */
void epoch_mark(struct epoch *epoch, uint64_t first, uint64_t last);
/* Writes the kind's marks as a plain bitmap of epoch_plain_words() words. */
void epoch_read(const struct epoch *epoch, enum bt_kind kind, uint64_t *plain);
/*
 * The kind's marks where they lie in the map, if they are a plain bitmap there: a bit a granule, and no chunk set. Else NULL. Bits behind the last granule
 * mean nothing. A chunk that is set after the look is missed, as a mark is that comes after it: who must not miss it looks again.
 */
const uint64_t *epoch_plain(const struct epoch *epoch, enum bt_kind kind);
/* ORs `count` words into the kind's marks, from first_word on; safe beside the programs. */
void epoch_merge(struct epoch *epoch, enum bt_kind kind, uint64_t first_word, const uint64_t *plain, uint64_t count);
/* ORs marks of one epoch into another of the same volume, there as marks of kind `as`. */
int epoch_copy_marks(const struct epoch *from, enum bt_kind kind, struct epoch *to, enum bt_kind as, struct fault *fault);

#endif
