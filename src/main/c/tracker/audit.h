/* SPDX-License-Identifier: Apache-2.0 */
/* The tracker's check on itself, a volume at a time: what was counted, against what the kernel accounted; and what lies beneath. */
#ifndef BLKTRACK_AUDIT_H
#define BLKTRACK_AUDIT_H

#include "tracker/accounting.h"

struct audit {
    struct accounting accounting;
    int64_t skipped;
    uint64_t passthrough_unknown, zone_commands;   /* since the series began */
    uint64_t diskseq_now, sectors_now, mapping_now;
    char verdict[BT_REASON_BYTES];                 /* empty: nothing speaks against the record */
    char evidence[BT_EVIDENCE_BYTES];
};

/* A fault means that the audit could not be made; what it finds is in the verdict. */
int audit_volume(struct tracker *tracker, int slot, struct audit *audit, struct fault *fault);

/* Of a volume that was found right and has gone since: what can still speak against it. Its accounts are gone, so a skipped run does. */
void audit_departed(struct tracker *tracker, int slot, struct audit *audit);

/*
 * What marks nothing and is the audit's to judge, on the disk with these counters and in the whole machine: commands that nobody knows, hibernations,
 * lost runs. The sum is the same as before only if none came.
 */
uint64_t audit_unjudged(struct tracker *tracker, const struct bt_counters *count);

/* Notes today's figures as those that a new series starts from. */
int audit_baseline(struct tracker *tracker, int slot, struct fault *fault);
/* The same of a volume that was just added, once nothing is in flight. It waits so long for that; a busier one gets its base at the first audit or checkpoint. */
int audit_begin(struct tracker *tracker, int slot, unsigned int wait_ms, struct fault *fault);

#endif
