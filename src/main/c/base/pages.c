/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pages.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/units.h"

#define HUGE_PAGE_BYTES (2u << 20)

void *page_alloc_unset(size_t length)
{
    void *data;

    if (posix_memalign(&data, length >= HUGE_PAGE_BYTES ? HUGE_PAGE_BYTES : PAGE_BYTES, length ? length : PAGE_BYTES))
        return NULL;
    if (length >= HUGE_PAGE_BYTES)
        (void)madvise(data, length, MADV_HUGEPAGE);
    return data;
}

void *page_alloc(size_t length)
{
    void *data = page_alloc_unset(length);

    if (data)
        memset(data, 0, length);
    return data;
}
