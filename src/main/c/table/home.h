/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file system that the table lies on, as a witness: every boot of this system mounts it read-write, and a file system shows that. So a boot that did
 * not track is found out even where no tracked volume would tell of it. Asked for volumes alone that are trusted while offline: all others have a
 * fingerprint of their own, or are not believed after a boot anyway.
 */
#ifndef BLKTRACK_HOME_H
#define BLKTRACK_HOME_H

#include "table/store.h"

/* Of its fingerprint now; 0: not known, as while it is mounted read-write. */
uint64_t home_digest(const struct store *store);
/* Some volume of the table has nobody else to tell of it. */
bool home_is_asked(const struct table *table);

#endif
