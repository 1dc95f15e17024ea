/* SPDX-License-Identifier: Apache-2.0 */
/* Steps of the same kind that need not wait for each other: the disks of several volumes work at the same time. */
#ifndef BLKTRACK_PARALLEL_H
#define BLKTRACK_PARALLEL_H

#include "base/fault.h"

/* Nothing of what two steps write may be the same. */
typedef int parallel_step(void *context, int index, struct fault *fault);

/* Steps that mostly wait, for disks or for the kernel, or that keep a processor busy. */
enum parallel_load { WAITING, COMPUTING };

/* Makes steps 0 to count - 1, each once, whatever becomes of the others. -1 with the fault of one that failed. */
int in_parallel(enum parallel_load load, int count, parallel_step *step, void *context, struct fault *fault);

#endif
