/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A save looks at every bit of every volume: at 16 TiB and 64 KiB a granule that is 64 MiB a volume. The processor's popcnt and crc32 (SSE4.2)
 * do it at the speed of the memory, so they are worth their run-time test.
 */
#include "page_sum.h"

#include "crc32c.h"

#define LANES 4     /* independent sums, so that no addition waits for the one before */

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

struct page_sum page_sum_copy_portable(uint64_t *to, const uint64_t *from)
{
    for (size_t word = 0; word < WORDS_A_PAGE; word++)
        to[word] = load(&from[word]);
    struct page_sum sum = { .set_bits = (uint32_t)bits_count_portable(to, WORDS_A_PAGE) };
    if (sum.set_bits)
        sum.crc = crc32c_portable(0, to, PAGE_BYTES);
    return sum;
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

/* The CRC's own chain of dependencies takes the time; the count and the copy run beside it. to: NULL for none. */
__attribute__((target("sse4.2,popcnt"), always_inline)) static inline struct page_sum sum_sse42(uint64_t *to, const uint64_t *from)
{
    uint64_t state = UINT32_MAX, bits = 0;

    for (size_t word = 0; word < WORDS_A_PAGE; word++) {
        uint64_t value = load(&from[word]);
        if (to)
            to[word] = value;
        bits += (uint64_t)__builtin_popcountll(value);
        state = __builtin_ia32_crc32di(state, value);
    }
    return bits ? (struct page_sum){ .crc = ~(uint32_t)state, .set_bits = (uint32_t)bits } : (struct page_sum){ 0 };
}

__attribute__((target("sse4.2,popcnt"))) static struct page_sum page_sum_sse42(const uint64_t *page)
{
    return sum_sse42(NULL, page);
}

__attribute__((target("sse4.2,popcnt"))) static struct page_sum page_sum_copy_sse42(uint64_t *to, const uint64_t *from)
{
    return sum_sse42(to, from);
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

struct page_sum page_sum(const uint64_t *page)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("popcnt"))
        return page_sum_sse42(page);
#endif
    uint64_t copy[WORDS_A_PAGE];
    return page_sum_copy_portable(copy, page);
}

struct page_sum page_sum_copy(uint64_t *to, const uint64_t *from)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("popcnt"))
        return page_sum_copy_sse42(to, from);
#endif
    return page_sum_copy_portable(to, from);
}
