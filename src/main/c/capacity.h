/* SPDX-License-Identifier: Apache-2.0 */
/* What the maps of all volumes may take of the machine's memory; see capacity.c. */
#ifndef BLKTRACK_CAPACITY_H
#define BLKTRACK_CAPACITY_H

#include "tracker_internal.h"

#define MIN_GRANULE 4096u
#define MAX_GRANULE (1u << 20)

uint64_t granules_at(uint64_t sector_count, uint32_t granule_bytes);
/* Fault TOO_MUCH_MEMORY, with the granularity that fits. */
int capacity_check(struct tracker *tracker, const struct volume_request *request, struct fault *fault);

#endif
