/* SPDX-License-Identifier: Apache-2.0 */
/* A few threads that make transfers, so that the disk and the processor work at the same time. */
#ifndef BLKTRACK_TRANSFERS_H
#define BLKTRACK_TRANSFERS_H

#include "table/medium.h"

struct transfers;

typedef int transfer_function(struct medium *medium, struct transfer *transfer);

/* NULL: there can be no threads here. */
struct transfers *transfers_start(struct medium *medium, transfer_function *make);
void transfers_begin(struct transfers *transfers, struct transfer *transfer);
/* Once for each that has begun. */
void transfers_wait(struct transfer *transfer);
/* All must have ended. */
void transfers_stop(struct transfers *transfers);

#endif
