/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tracked volume as the table sees it: its device, its fingerprint, and how much the kernel says was written to it.
 */
#ifndef BLKTRACK_VOLUME_H
#define BLKTRACK_VOLUME_H

#include "base/instance.h"
#include "volume/device.h"
#include "volume/fingerprint.h"

/* Sectors, of /sys/…/stat. For a partition the rest is what went through the whole disk beside all partitions. */
struct volume_stat {
    bool valid;             /* false: the kernel keeps no accounts of this disk */
    uint64_t written, discarded;
    uint64_t rest_written, rest_discarded;
    uint64_t writes_in_flight;
};

/* What was found at the attach; kept in the run folder until it is compared. */
struct attach_record {
    uint64_t attached_boottime_ns;
    bool early;             /* by a start in the boot image, before anything else runs */
    struct volume_stat stat;
    uint64_t diskseq;
    struct fingerprint fingerprint;
};

/* By kernel name, such as sda1. */
int volume_device(struct device *device, const char *name, struct fault *fault);
void volume_stat_read(struct volume_stat *stat, const struct device *device);
int volume_fingerprint(struct fingerprint *fingerprint, const struct device *device, const char *identity, struct fault *fault);
bool is_loop_device(const struct device *device);

int attach_record_write(const struct instance *instance, int slot, const struct attach_record *record, struct fault *fault);
/* One that an earlier attach left in that slot is none: whoever was killed before he could write his had seen nothing yet. */
int attach_record_read(const struct instance *instance, int slot, uint64_t attached_boottime_ns, struct attach_record *record, struct fault *fault);

#endif
