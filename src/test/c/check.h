/* SPDX-License-Identifier: Apache-2.0 */
/* The smallest test frame that does: a failed check says where and ends the program with status 1. */
#ifndef BLKTRACK_CHECK_H
#define BLKTRACK_CHECK_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define CHECK(condition) \
    do { \
        if (!(condition)) { \
            fprintf(stderr, "%s:%d: %s: failed: %s\n", __FILE__, __LINE__, __func__, #condition); \
            exit(1); \
        } \
    } while (0)

#define CHECK_OK(call, fault) \
    do { \
        if (call) { \
            fprintf(stderr, "%s:%d: %s: %s failed: %s: %s\n", __FILE__, __LINE__, __func__, #call, (fault)->name, (fault)->message); \
            exit(1); \
        } \
    } while (0)

/* xorshift64*: the same numbers from the same seed everywhere. */
static inline uint64_t random_next(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 0x2545f4914f6cdd1dull;
}

#endif
