/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a tracking table lies on, addressed by offsets in the table's file. Every transfer is whole pages, so that it can
 * go past the page cache. A write is durable only after the next flush; writes between two flushes may reach
 * the disk in any order, and any of their sectors may be lost in a crash. The tests put a device in memory behind this that
 * does just that.
 */
#ifndef BLKTRACK_MEDIUM_H
#define BLKTRACK_MEDIUM_H

#include <semaphore.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/pages.h"
#include "base/units.h"

/* A read or write that goes on while its caller does. */
struct transfer {
    bool write;
    uint64_t offset_bytes;
    void *data;                /* the medium's from begin to end */
    size_t length;
    bool running;
    bool queued;               /* made by the medium's threads; else it was made when it began */
    int result;
    struct fault fault;
    struct transfer *next;     /* in the medium's queue */
    sem_t ended;
};

struct medium {
    int (*read)(struct medium *medium, uint64_t offset_bytes, void *data, size_t length, struct fault *fault);
    int (*write)(struct medium *medium, uint64_t offset_bytes, const void *data, size_t length, struct fault *fault);
    int (*flush)(struct medium *medium, struct fault *fault);
    void (*close)(struct medium *medium);
    /* NULL: a transfer is made when it begins. */
    void (*begin)(struct medium *medium, struct transfer *transfer);
    void (*wait)(struct transfer *transfer);
    uint64_t size_bytes;
    uint64_t written_bytes;    /* what went out since it was opened: the figures of a refresh */
    char name[300];            /* for messages */
};

int medium_read(struct medium *medium, uint64_t offset_bytes, void *data, size_t length, struct fault *fault);
int medium_write(struct medium *medium, uint64_t offset_bytes, const void *data, size_t length, struct fault *fault);
/* Transfers that run at the same time must not overlap. A flush takes in those that have ended. */
void medium_begin(struct medium *medium, struct transfer *transfer);
/* Waits for it; a transfer that is not running has ended well. */
int medium_end(struct medium *medium, struct transfer *transfer, struct fault *fault);
int medium_flush(struct medium *medium, struct fault *fault);
void medium_close(struct medium *medium);

/* The two bitmaps of one volume after another. Kept from volume to volume: at 16 TiB they take 64 MiB, and getting that much memory is slow. */
struct bitmap_buffers {
    uint64_t *data, *discard;
    uint64_t bytes;     /* of each */
};

/* Room for bitmaps of that size; what they hold is not defined. */
int bitmap_buffers_fit(struct bitmap_buffers *buffers, uint64_t bytes, struct fault *fault);
void bitmap_buffers_free(struct bitmap_buffers *buffers);

#endif
