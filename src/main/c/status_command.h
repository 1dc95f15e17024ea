/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BLKTRACK_STATUS_COMMAND_H
#define BLKTRACK_STATUS_COMMAND_H

#include <stdio.h>

#include "base/instance.h"

/* One line a volume: device, trust or reason, granule, identity. */
int status_print(const struct instance *instance, FILE *to, struct fault *fault);

#endif
