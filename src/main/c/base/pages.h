/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BLKTRACK_PAGES_H
#define BLKTRACK_PAGES_H

#include <stddef.h>

/* Memory fit for O_DIRECT, zeroed; free with free(). NULL with errno. */
void *page_alloc(size_t length);
/* The same, with content that is not set: for buffers that are filled before they are read. */
void *page_alloc_unset(size_t length);

#endif
