/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of start --tracking: the steps and what they pass on. start.c holds the order and the limits. */
#ifndef BLKTRACK_START_INTERNAL_H
#define BLKTRACK_START_INTERNAL_H

#include "table/early.h"
#include "table/persistence.h"
#include "table/store.h"
#include "table/takeover.h"
#include "tracker/tracker_adopt.h"
#include "volume/identity.h"
#include "volume/volume.h"

/* What became of one volume, for the start report. */
struct outcome {
    char identity[TABLE_IDENTITY_BYTES];
    char device[64];
    int slot;                   /* -1: none */
    const char *result;         /* attached, merged, unknown, missing, kept */
    char reason[40];
    char evidence[512];
};

/* Shared with the caller, who may leave before the work is done. */
enum start_stage { START_RUNNING, START_SAFE, START_ABANDONED };
struct start_progress {
    int stage;                  /* enum start_stage; SAFE: the dirty mark is durable */
    int table_seen;             /* the table's device is there: the last second runs */
    int result;
    struct fault fault;
};

struct start {
    const struct instance *instance;
    const struct start_options *options;
    struct start_progress *progress;
    struct tracker *tracker;
    struct early *early;
    struct identity_scan scan;
    struct store store;
    bool store_is_open;
    uint64_t deadline_ms;
    uint32_t outcome_count;
    struct outcome *outcomes;   /* TABLE_MAX_ENTRIES */
    const char *table;          /* for the report: none, clean, dirty, kept, or a fault's name */
};

uint64_t now_ms(void);
void start_log(const char *format, ...) __attribute__((format(printf, 1, 2)));

struct outcome *start_outcome(struct start *start, const char *identity);
int start_find_slot(struct start *start, const char *identity);
bool start_is_pending(const struct bt_meta *meta);
/* Over a reason that is there already, without a moment in which none is. */
void start_set_reason(struct bt_meta *meta, const char *reason, const char *evidence);

/* Attaches all volumes of early.conf that are there, and waits for the table's device. A fault is the table's: attached is attached. */
int start_attach_all(struct start *start, struct fault *fault);
/* Tracked volumes whose name another device carries too, be it from later on, are unknown. */
void start_distrust_twins(struct start *start);
/* Those that are there and not yet attached; what can't be attached has a record that is unknown. */
int start_attach(struct start *start, const struct early_volume *volumes, uint32_t count, struct fault *fault);
/* Compares, marks the table dirty, merges. */
int start_take_over(struct start *start, struct fault *fault);
/* Every volume whose record has not been read becomes unknown. */
void start_give_up(struct start *start, const char *reason, const char *evidence);
void start_report_write(struct start *start, int result, const struct fault *fault, uint64_t began_ms);

#endif
