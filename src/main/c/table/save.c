/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clear_dirtyflag: the last act of a clean shutdown. Fingerprints and bitmaps first, then a flush, then a look whether anything was marked
 * meanwhile, then the clean mark, and the same look again. Where the table lies on a tracked volume its own writes are marked too:
 * both header slots are written before the bitmaps are read for good, so the second round finds nothing new.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/parallel.h"
#include "base/sysfs.h"
#include "table/home.h"
#include "table/last_look.h"
#include "table/persistence.h"
#include "table/takeover.h"

#define MAX_ROUNDS 4
#define HELD_WAIT_US 3000000u
#define LATEST_MARK_US 20000000u    /* the caller kills the save at 30 s, and the look that follows the mark must come before that */

struct save {
    struct record_writer writer;
    struct store store;
    struct survey *survey;
    struct record_jobs jobs;
    struct record_look *looks;      /* one a job */
    uint64_t began_us;
};

static int refuse_writable(struct save *save, struct fault *fault)
{
    struct tracker *tracker = save->writer.tracker;

    for (int slot = 0; slot < BT_MAX_VOLUMES; slot++)
        if (record_is_kept(tracker, slot) && !record_is_gone(tracker, slot) && refuse_writers(save->survey, tracker_meta(tracker, slot), fault))
            return -1;
    return 0;
}

/*
 * Who has a volume for himself, and shows in no mount, may write to it after the save: that volume's record is not to be believed, and the others' are.
 * 1: it has waited, and the survey is another.
 */
static int doubt_the_held(struct save *save, struct fault *fault)
{
    struct tracker *tracker = save->writer.tracker;
    uint64_t until = monotonic_us() + HELD_WAIT_US;
    int waited = 0;

    for (int slot = 0; slot < BT_MAX_VOLUMES; slot++) {
        bool held;
        if (!record_is_kept(tracker, slot) || record_is_gone(tracker, slot))
            continue;
        int result = wait_for_holder(&save->survey, tracker_meta(tracker, slot), until, &held, fault);
        if (result < 0)
            return -1;
        waited |= result;
        if (held)
            tracker_distrust(tracker, slot, "STILL_WRITABLE", "something that no mount shows had it for itself when its record was saved");
    }
    return waited;
}

static int look_for_writers(struct save *save, struct fault *fault)
{
    save->survey = survey_take(true, fault);
    int result = !save->survey || refuse_writable(save, fault) ? -1 : doubt_the_held(save, fault);

    return result == 1 ? refuse_writable(save, fault) : result;
}

/* A volume that was never attached in this boot may have been written to without us, and its owner asked us not to look. */
static void judge_absent(struct save *save)
{
    struct table *table = &save->store.table;

    for (uint32_t index = 0; index < table->header.entry_count; index++) {
        struct table_entry *entry = &table->entries[index];
        bool attached = false;
        if (!(entry->flags & ENTRY_IN_USE) || entry->reason[0])
            continue;
        for (int slot = 0; slot < BT_MAX_VOLUMES && !attached; slot++)
            attached = record_is_kept(save->writer.tracker, slot) && strcmp(tracker_meta(save->writer.tracker, slot)->identity, entry->identity) == 0;
        if (!attached && (entry->flags & ENTRY_TRUST_OFFLINE)) {
            snprintf(entry->reason, sizeof entry->reason, "VOLUME_MISSING");
            snprintf(entry->evidence, sizeof entry->evidence, "it was not attached in the last boot");
        }
    }
}

/* One that can't be looked at is no reason against the others. */
static int look_at(void *context, int index, struct fault *fault)
{
    struct save *save = context;

    (void)fault;
    take_last_look(save->writer.tracker, save->jobs.at[index].slot, save->survey, &save->looks[index]);
    return 0;
}

static int begin_all(struct save *save, struct fault *fault)
{
    struct record_jobs *jobs = &save->jobs;
    struct table_entry *entry;
    int kept = 0;

    free(save->looks); /* of the round before */
    save->looks = calloc((size_t)jobs->count, sizeof *save->looks);
    int result = save->looks || jobs->count == 0 ? in_parallel(WAITING, jobs->count, look_at, save, fault)
                                                 : fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot save");
    for (int index = 0; result == 0 && index < jobs->count; index++) {
        if (save->looks[index].sick[0]) {
            record_give_up(&save->writer, jobs->at[index].slot, save->looks[index].sick);
            continue;
        }
        jobs->at[kept] = jobs->at[index];
        result = record_entry(&save->writer, jobs->at[kept].slot, &entry, fault) || record_begin(&jobs->at[kept], entry, &save->looks[index], fault) ? -1 : 0;
        kept++;
    }
    if (result == 0)
        jobs->count = kept;
    return result;
}

/* 1: some volume was marked since its bitmaps were read. */
static int marked_since(struct save *save, const char **who, struct fault *fault)
{
    for (int index = 0; index < save->jobs.count; index++) {
        int marked = record_marked_since(&save->jobs.at[index], fault);
        if (marked)
            *who = tracker_meta(save->writer.tracker, save->jobs.at[index].slot)->device;
        if (marked)
            return marked;
    }
    return 0;
}

static int write_all(struct save *save, struct fault *fault)
{
    judge_absent(save);
    if (record_count_all(&save->jobs, &save->writer, fault))
        return -1;
    if (begin_all(save, fault) || record_write_all(&save->jobs, fault))
        return -1;
    return table_write_directory(&save->store.table, fault) || medium_flush(save->store.medium, fault) ? -1 : 0;
}

/* Pulled meanwhile: the next round gives it up, and the others are saved. */
static bool one_went(const struct save *save)
{
    for (int index = 0; index < save->jobs.count; index++)
        if (record_is_gone(save->writer.tracker, save->jobs.at[index].slot))
            return true;
    return false;
}

static int still_written(const char *who, struct fault *fault)
{
    return fault_set(fault, STATUS_REFUSED, "STILL_WRITTEN", "Run it when nothing writes any more.",
                     "%s was written to while its record was saved; the table stays dirty", who);
}

static int save_table(struct save *save, struct fault *fault)
{
    struct table *table = &save->store.table;
    const char *who = "a volume that is gone";
    int again = 1;

    for (int slot = 0; slot < TABLE_SLOTS; slot++)
        if (table_mark_dirty(table, TABLE_IN_USE, false, save->store.boot_id, fault))
            return -1;
    for (int round = 0; again == 1 && round < MAX_ROUNDS; round++) {
        again = write_all(save, fault) ? -1 : marked_since(save, &who, fault);
        if (again < 0 && one_went(save))
            again = 1;
    }
    if (again)
        return again < 0 ? -1 : still_written(who, fault);
    if (monotonic_us() - save->began_us > LATEST_MARK_US)
        return fault_set(fault, STATUS_FAILED, "TOO_LONG", NULL, "the save took more than %u seconds; the table stays dirty", LATEST_MARK_US / 1000000);
    /* A mark whose flush failed may be on the disk all the same, so it is taken back like one that came too early. */
    again = table_mark_clean(table, save->store.boot_id, home_is_asked(table) ? home_digest(&save->store) : 0, fault) ? -1 : marked_since(save, &who, fault);
    if (again == 0)
        return 0;
    struct fault worse;
    if (table_mark_dirty(table, TABLE_IN_USE, false, save->store.boot_id, &worse)) {
        *fault = worse;
        return -1;
    }
    return again < 0 ? -1 : still_written(who, fault);
}

int clear_dirtyflag(const struct instance *instance, struct fault *fault)
{
    struct save *save = calloc(1, sizeof *save);
    struct early *early = calloc(1, sizeof *early);
    struct fault ignored;
    int result = -1;

    if (!save || !early) {
        fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot save");
        goto out;
    }
    save->began_us = monotonic_us();
    save->writer = (struct record_writer){ .instance = instance, .store = &save->store };
    if (tracker_open(&save->writer.tracker, instance, false, fault))
        goto out;
    if (look_for_writers(save, fault))
        goto close;
    bool known = early_read(instance, early, &ignored) == 0;
    if (store_open(&save->store, instance, known ? early : NULL, NULL, true, fault))
        goto close;
    result = save_table(save, fault);
    store_close(&save->store);
    if (result == 0)
        takeover_forget(instance);
close:
    survey_free(save->survey);
    tracker_close(save->writer.tracker);
out:
    if (save)
        free(save->looks);
    free(save);
    free(early);
    return result;
}
