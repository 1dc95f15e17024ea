/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counting set bits, and the sum of a bitmap page. The words may lie in a live map, to which the programs add bits all the while: each is loaded once,
 * so that a sum is always that of the copy which was taken with it.
 */
#ifndef BLKTRACK_PAGE_SUM_H
#define BLKTRACK_PAGE_SUM_H

#include <stddef.h>

#include "table/table_format.h"

#define WORDS_A_PAGE (PAGE_BYTES / sizeof(uint64_t))

uint64_t bits_count(const uint64_t *words, size_t count);
/* Of a whole page; without a set bit all zero, whatever the CRC of zeros is. */
struct page_sum page_sum(const uint64_t *page);
/* The same, and a copy, in one pass. */
struct page_sum page_sum_copy(uint64_t *to, const uint64_t *from);

/* Without the processor's instructions; the tests hold the two against each other. */
uint64_t bits_count_portable(const uint64_t *words, size_t count);
struct page_sum page_sum_copy_portable(uint64_t *to, const uint64_t *from);

#endif
