/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A save looks at every bit of every volume: at 16 TiB and 64 KiB a granule that is 64 MiB a volume. The processor's popcnt and crc32 (SSE4.2)
 * do it at the speed of the memory, so they are worth their run-time test.
 */
#include "table/page_sum.h"

#include "base/crc32c.h"

#define LANES 4     /* independent sums, so that no addition waits for the one before */
#define CHAINS 3    /* pages whose CRCs are taken at the same time */

static uint64_t load(const uint64_t *word)
{
    return __atomic_load_n(word, __ATOMIC_RELAXED);
}

uint64_t bits_count_portable(const uint64_t *words, size_t count)
{
    uint64_t bits = 0;

    for (size_t word = 0; word < count; word++)
        bits += (uint64_t)__builtin_popcountll(load(&words[word]));
    return bits;
}

static struct page_sum sum_portable(uint64_t *to, const uint64_t *from)
{
    uint64_t copy[WORDS_A_PAGE];

    if (!to)
        to = copy;
    for (size_t word = 0; word < WORDS_A_PAGE; word++)
        to[word] = load(&from[word]);
    struct page_sum sum = { .set_bits = (uint32_t)bits_count_portable(to, WORDS_A_PAGE) };
    if (sum.set_bits)
        sum.crc = crc32c_portable(0, to, PAGE_BYTES);
    return sum;
}

void page_sums_portable(struct page_sum *sums, uint64_t *to, const uint64_t *from, size_t pages)
{
    for (size_t page = 0; page < pages; page++)
        sums[page] = sum_portable(to ? to + page * WORDS_A_PAGE : NULL, from + page * WORDS_A_PAGE);
}

#if defined(__x86_64__)
__attribute__((target("popcnt"))) static uint64_t bits_count_popcnt(const uint64_t *words, size_t count)
{
    uint64_t bits[LANES] = { 0 };
    size_t word = 0;

    for (; word + LANES <= count; word += LANES)
        for (size_t lane = 0; lane < LANES; lane++)
            bits[lane] += (uint64_t)__builtin_popcountll(load(&words[word + lane]));
    for (; word < count; word++)
        bits[0] += (uint64_t)__builtin_popcountll(load(&words[word]));
    return bits[0] + bits[1] + bits[2] + bits[3];
}

/* A CRC is a chain in which each step waits for the one before, three cycles; so the chains of several pages go side by side, and the counts and copies beside them. */
__attribute__((target("sse4.2,popcnt"), always_inline)) static inline void sum_side_by_side(struct page_sum *sums, uint64_t *to, const uint64_t *from, size_t pages)
{
    uint64_t state[CHAINS], bits[CHAINS] = { 0 };

    for (size_t page = 0; page < pages; page++)
        state[page] = UINT32_MAX;
    for (size_t word = 0; word < WORDS_A_PAGE; word++)
        for (size_t page = 0; page < pages; page++) {
            uint64_t value = load(&from[page * WORDS_A_PAGE + word]);
            if (to)
                to[page * WORDS_A_PAGE + word] = value;
            bits[page] += (uint64_t)__builtin_popcountll(value);
            state[page] = __builtin_ia32_crc32di(state[page], value);
        }
    for (size_t page = 0; page < pages; page++)
        sums[page] = bits[page] ? (struct page_sum){ .crc = ~(uint32_t)state[page], .set_bits = (uint32_t)bits[page] } : (struct page_sum){ 0 };
}

__attribute__((target("sse4.2,popcnt"))) static void page_sums_sse42(struct page_sum *sums, uint64_t *to, const uint64_t *from, size_t pages)
{
    size_t page = 0;

    for (; page + CHAINS <= pages; page += CHAINS) {
        if (to)
            sum_side_by_side(sums + page, to + page * WORDS_A_PAGE, from + page * WORDS_A_PAGE, CHAINS);
        else
            sum_side_by_side(sums + page, NULL, from + page * WORDS_A_PAGE, CHAINS);
    }
    for (; page < pages; page++)
        sum_side_by_side(sums + page, to ? to + page * WORDS_A_PAGE : NULL, from + page * WORDS_A_PAGE, 1);
}
#endif

uint64_t bits_count(const uint64_t *words, size_t count)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("popcnt"))
        return bits_count_popcnt(words, count);
#endif
    return bits_count_portable(words, count);
}

void page_sums(struct page_sum *sums, uint64_t *to, const uint64_t *from, size_t pages)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("popcnt")) {
        page_sums_sse42(sums, to, from, pages);
        return;
    }
#endif
    page_sums_portable(sums, to, from, pages);
}
