/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device in memory that forgets like a disk: writes since the last flush are lost, kept or torn, sector by sector, when
 * the crash comes. The crash is set by a number of operations that still go well.
 */
#ifndef BLKTRACK_MEMORY_MEDIUM_H
#define BLKTRACK_MEMORY_MEDIUM_H

#include <stdbool.h>

#include "table/medium.h"

#define MAX_UNFLUSHED 256

struct memory_medium {
    struct medium medium;
    uint8_t *durable;           /* what a crash leaves for certain */
    uint8_t *cached;            /* what a read sees */
    struct { uint64_t offset_bytes; size_t length; uint8_t *data; } unflushed[MAX_UNFLUSHED];
    int unflushed_count;
    long operations_left;       /* of writes and flushes; negative: no crash */
    bool crashed;
    bool tears_sectors;         /* a sector under way may be left half old and half new */
    unsigned int operations;
};

void memory_medium_init(struct memory_medium *memory, uint64_t size_bytes);
void memory_medium_free(struct memory_medium *memory);
/* The machine comes up again: unflushed sectors are there or not, as the seed has it. */
void memory_medium_reboot(struct memory_medium *memory, uint64_t *seed);

#endif
