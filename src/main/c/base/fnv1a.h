/* SPDX-License-Identifier: Apache-2.0 */
/* FNV-1a, 64 bits (Fowler, Noll, Vo): tells versions of a thing apart. Not security: who wants two alike can make them. */
#ifndef BLKTRACK_FNV1A_H
#define BLKTRACK_FNV1A_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define FNV1A_START 0xcbf29ce484222325u

/* The hash of what was hashed before and these bytes after it. */
static inline uint64_t fnv1a(uint64_t hash, const void *data, size_t bytes)
{
    for (const unsigned char *at = data; bytes > 0; at++, bytes--)
        hash = (hash ^ *at) * 0x100000001b3u;
    return hash;
}

static inline uint64_t fnv1a_text(const char *text)
{
    return fnv1a(FNV1A_START, text, strlen(text));
}

#endif
