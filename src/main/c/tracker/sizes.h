/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sizes that disks were given. One that gets smaller and then its size back has lost what lay behind, without a write, and nothing that can be looked at
 * afterwards tells: so programs count it, of each disk that a volume lies on and of those beneath.
 */
#ifndef BLKTRACK_SIZES_H
#define BLKTRACK_SIZES_H

#include <stdint.h>

#include "base/fault.h"
#include "volume/device.h"

struct tracker;

/* How often the device's disk or one beneath it was made smaller, or emptied, since each of them is watched. The first call watches them. */
int sizes_changed(struct tracker *tracker, const struct device *device, uint64_t *changed, struct fault *fault);
/* Of the disk alone, and without its being emptied, as it is when it goes. */
uint64_t sizes_shrunk(struct tracker *tracker, uint32_t disk_dev);

#endif
