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
/* Of whole pages that adjoin; of one without a set bit all zero, whatever the CRC of zeros is. With a copy in the same pass; to: NULL for none. */
void page_sums(struct page_sum *sums, uint64_t *to, const uint64_t *from, size_t pages);

/* Without the processor's instructions; the tests hold the two against each other. */
uint64_t bits_count_portable(const uint64_t *words, size_t count);
void page_sums_portable(struct page_sum *sums, uint64_t *to, const uint64_t *from, size_t pages);

#endif
