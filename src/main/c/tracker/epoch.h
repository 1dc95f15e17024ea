/* SPDX-License-Identifier: Apache-2.0 */
/* One epoch map, mapped into this process: marking, reading and merging, whatever its layout (see abi.h). */
#ifndef BLKTRACK_EPOCH_H
#define BLKTRACK_EPOCH_H

#include "tracker/tracker.h"

struct epoch {
    int fd;
    uint64_t *words;
    size_t bytes;
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
/* Maps what `fd` is; owns fd from here on. */
int epoch_map(struct epoch *epoch, int fd, enum bt_layout layout, const struct bt_volume *volume, uint64_t granules, struct fault *fault);
void epoch_unmap(struct epoch *epoch);

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

#endif
