/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BLKTRACK_MAKE_TABLE_H
#define BLKTRACK_MAKE_TABLE_H

#include "table/store.h"

/* Opens a new table with all records of the old one (NULL: there is none) and room for one more area of that size. */
int make_table(struct store *store, struct store *old, const struct instance *instance, uint64_t area_bytes, struct fault *fault);
/* Immutable or not. */
void remove_table(const char *path);

#endif
