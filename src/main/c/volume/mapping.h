/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What lies beneath a device and may change its content without any write to it: a device-mapper table, a loop
 * device's file, an md array's geometry. Described as text; the digest of the text is compared over time.
 */
#ifndef BLKTRACK_MAPPING_H
#define BLKTRACK_MAPPING_H

#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "volume/device.h"

/* Text of the mapping of a whole disk, as much of it as there is room for; empty for a plain disk. */
void mapping_describe(char *text, size_t size, const char *disk_name);
/* Of the whole text. Fault MAPPING_UNREADABLE: what lies beneath can't be had, which is not the same as that there is nothing. */
int mapping_digest(uint64_t *digest, const char *disk_name, struct fault *fault);

/*
 * Visits the device, and all that lies beneath, as often as it does; of a multipath map not its paths, which come and go, and lead to the same.
 * Stops where a visit returns what is not 0, and returns that.
 */
int mapping_walk(const struct device *device, int (*visit)(const struct device *disk, void *context), void *context);

#endif
