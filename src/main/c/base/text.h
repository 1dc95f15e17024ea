/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BLKTRACK_TEXT_H
#define BLKTRACK_TEXT_H

#include <stdbool.h>
#include <string.h>

static inline bool has_prefix(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static inline bool has_suffix(const char *text, const char *suffix)
{
    size_t length = strlen(text), end = strlen(suffix);

    return length >= end && strcmp(text + length - end, suffix) == 0;
}

#endif
