/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Work that a boot or a shutdown waits for, in a child: rc.sysinit and halt run the helper as it is, with nothing beside it that would
 * end it. A child that something has stopped, or that takes longer than the limit, is killed and left behind.
 */
#ifndef BLKTRACK_BOUNDED_H
#define BLKTRACK_BOUNDED_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/fault.h"

int run_bounded(unsigned int limit_ms, int (*work)(const void *context, struct fault *), const void *context, struct fault *fault);
/* Whether the child has been stopped by a signal: asked once for each stop. */
bool child_is_stopped(pid_t child);

#endif
