/* SPDX-License-Identifier: Apache-2.0 */
/* What carries the record across a reboot: the entry points of the tracking table, for the commands. */
#ifndef BLKTRACK_PERSISTENCE_H
#define BLKTRACK_PERSISTENCE_H

#include <stdbool.h>

#include "tracker/tracker.h"

struct start_options {
    bool early;   /* from an initramfs: the table is found through early.conf */
};

int start_tracking(const struct instance *instance, const struct start_options *options, struct fault *fault);
int clear_dirtyflag(const struct instance *instance, struct fault *fault);

/* Stable identity of a device; "" when it has none. Fault AMBIGUOUS_IDENTITY. */
#define IDENTITY_BYTES BT_IDENTITY_BYTES
int volume_identity(char identity[IDENTITY_BYTES], const struct device *device, struct fault *fault);

/* Gives a tracked volume a place in the table, and makes the table if there is none. The fault says why it can't be persistent. */
int table_enroll(struct tracker *tracker, const struct instance *instance, int slot, struct fault *fault);
/* Takes the place away again, if there is one: of a volume that is tracked, or of one that is absent. The caller holds the tracker's lock. */
int table_withdraw(const struct instance *instance, const char *identity, struct fault *fault);
/* Writes the pages that changed since the last refresh. */
int table_refresh(struct tracker *tracker, const struct instance *instance, uint64_t *pages_written, struct fault *fault);

struct table_report {
    const char *state;        /* none, dirty, clean, corrupt */
    char path[280];
    char uuid[37];
    bool writable_by_address;
    char reason[300];         /* why not */
};
void table_state(const struct instance *instance, struct table_report *report);

#endif
