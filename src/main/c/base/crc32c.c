/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The processor's own instruction where there is one (SSE4.2), else one table look-up a byte. At 16 TiB and 64 KiB a
 * granule a volume has 64 MiB of bitmap to check, so the instruction is worth its run-time test.
 */
#include "base/crc32c.h"

#include <stdbool.h>
#include <string.h>

#define POLYNOMIAL_REFLECTED 0x82f63b78u

static uint32_t byte_table[256];

__attribute__((constructor)) static void fill_byte_table(void)
{
    for (uint32_t value = 0; value < 256; value++) {
        uint32_t crc = value;
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? POLYNOMIAL_REFLECTED : 0);
        byte_table[value] = crc;
    }
}

uint32_t crc32c_portable(uint32_t crc, const void *data, size_t length)
{
    const unsigned char *byte = data;

    crc = ~crc;
    while (length--)
        crc = byte_table[(crc ^ *byte++) & 0xff] ^ crc >> 8;
    return ~crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t crc32c_sse42(uint32_t crc, const void *data, size_t length)
{
    const unsigned char *byte = data;
    uint64_t state = (uint32_t)~crc;

    for (; length >= sizeof(uint64_t); length -= sizeof(uint64_t), byte += sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, byte, sizeof word);
        state = __builtin_ia32_crc32di(state, word);
    }
    while (length--)
        state = __builtin_ia32_crc32qi((uint32_t)state, *byte++);
    return ~(uint32_t)state;
}
#endif

uint32_t crc32c_more(uint32_t crc, const void *data, size_t length)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.2"))
        return crc32c_sse42(crc, data, length);
#endif
    return crc32c_portable(crc, data, length);
}

uint32_t crc32c(const void *data, size_t length)
{
    return crc32c_more(0, data, length);
}
