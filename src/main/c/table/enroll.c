/* SPDX-License-Identifier: Apache-2.0 */
/*
 * While the machine runs: a volume's place in the table is given and taken, and its pages follow the live marks, so that the last
 * save has little left to write. All of it happens under the dirty mark, so no order of these writes matters for a crash.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "table/make_table.h"
#include "table/persistence.h"
#include "table/record.h"
#include "table/takeover.h"

int volume_identity(char identity[IDENTITY_BYTES], const struct device *device, struct fault *fault)
{
    struct identity_scan scan;
    char name[32];

    if (identity_of(device->name, identity, fault))
        return -1;
    if (!identity[0])
        return 0;
    if (identity_scan(&scan, fault))
        return -1;
    unsigned int candidates = identity_lookup(&scan, identity, name);
    identity_scan_free(&scan);
    if (candidates > 1)
        return fault_set(fault, STATUS_REFUSED, "AMBIGUOUS_IDENTITY", "Give the copy an identity of its own, or remove it.",
                         "%u devices have the identity %s of %s", candidates, identity, device->path);
    return 0;
}

static int read_store(struct store *store, const struct instance *instance, bool writable, struct fault *fault)
{
    struct early *early = malloc(sizeof *early);
    struct fault ignored;

    if (!early)
        return fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot open the table");
    bool known = early_read(instance, early, &ignored) == 0;
    int result = store_open(store, instance, known ? early : NULL, NULL, writable, fault);
    free(early);
    return result;
}

/* Opened, dirty, and with an entry for the slot. */
static int open_with_entry(struct record_writer *writer, int slot, struct table_entry **entry, struct fault *fault)
{
    const struct bt_meta *meta = tracker_meta(writer->tracker, slot);
    struct store larger;

    if (read_store(writer->store, writer->instance, true, fault)) {
        if (strcmp(fault->name, "TABLE_MISSING") != 0 ||
            make_table(writer->store, NULL, writer->instance, table_area_bytes(meta->sector_count, meta->granule_bytes), fault))
            return -1;
    }
    if (table_is_clean(&writer->store->table) &&
        table_mark_dirty(&writer->store->table, TABLE_IN_USE, false, writer->store->boot_id, fault))
        goto fail;
    if (record_entry(writer, slot, entry, fault) == 0)
        return 0;
    if (strcmp(fault->name, "TABLE_FULL") != 0 ||
        make_table(&larger, writer->store, writer->instance, table_area_bytes(meta->sector_count, meta->granule_bytes), fault))
        goto fail;
    store_close(writer->store);
    *writer->store = larger;
    if (record_entry(writer, slot, entry, fault) == 0)
        return 0;
fail:
    store_close(writer->store);
    return -1;
}

static struct record_jobs *new_jobs(struct fault *fault)
{
    struct record_jobs *jobs = malloc(sizeof *jobs);

    if (!jobs)
        fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot write the table");
    return jobs;
}

int table_enroll(struct tracker *tracker, const struct instance *instance, int slot, struct fault *fault)
{
    struct bt_meta *meta = tracker_meta(tracker, slot);
    struct store store;
    struct record_writer writer = { .tracker = tracker, .instance = instance, .store = &store };
    struct table_entry *entry;
    struct record_jobs *jobs;

    if (!meta->identity[0])
        return fault_set(fault, STATUS_REFUSED, "NO_STABLE_IDENTITY", "Give it a file system or a partition table.",
                         "%s has nothing that names it after a reboot", meta->device);
    if (open_with_entry(&writer, slot, &entry, fault))
        return -1;
    jobs = new_jobs(fault);
    int result = !jobs || record_count_one(jobs, &writer, slot, fault) || record_begin(&jobs->at[0], entry, NULL, fault) || record_write_all(jobs, fault) ||
                 table_write_directory(&store.table, fault) || medium_flush(store.medium, fault) || store_publish(&store, instance, fault) ? -1 : 0;
    free(jobs);
    store_close(&store);
    if (result == 0)
        meta->persistent = 1;
    return result;
}

int table_withdraw(const struct instance *instance, const char *identity, struct fault *fault)
{
    struct store store;
    int result = 0;

    if (read_store(&store, instance, true, fault))
        return -1;
    struct table_entry *entry = table_find(&store.table, identity);
    if (entry) {
        pages_set_known(instance, &store.table, entry, false);
        memset(entry, 0, sizeof *entry);
        result = (table_is_clean(&store.table) && table_mark_dirty(&store.table, TABLE_IN_USE, false, store.boot_id, fault)) ||
                 table_write_directory(&store.table, fault) || medium_flush(store.medium, fault) || store_publish(&store, instance, fault) ? -1 : 0;
    }
    store_close(&store);
    return result;
}

/* The table is gone or broken: what it held is lost, so the records are unknown, and a new one is made for what comes. */
static int start_anew(struct tracker *tracker, const struct instance *instance, struct fault *fault)
{
    struct fault why = *fault;
    char path[300];
    int result = 0;

    store_path(instance, path, sizeof path);
    remove_table(path);
    for (int slot = 0; slot < BT_MAX_VOLUMES; slot++) {
        const struct bt_meta *meta = tracker_meta(tracker, slot);
        if (!meta || !meta->persistent)
            continue;
        tracker_distrust(tracker, slot, why.name, why.message);
        result |= table_enroll(tracker, instance, slot, fault);
    }
    return result ? -1 : 0;
}

static int refresh_all(struct record_writer *writer, struct fault *fault)
{
    struct record_jobs *jobs = new_jobs(fault);
    struct table_entry *entry;
    int result = jobs ? record_count_all(jobs, writer, fault) : -1;

    for (int index = 0; result == 0 && index < jobs->count; index++)
        result = record_entry(writer, jobs->at[index].slot, &entry, fault) || record_begin(&jobs->at[index], entry, NULL, fault) ? -1 : 0;
    if (result == 0)
        result = record_write_all(jobs, fault);
    free(jobs);
    return result;
}

/* Those that come later, too, are in that copy alone. */
static void doubt_all(struct tracker *tracker, struct table *table)
{
    static const char *const reason = "TABLE_REPLACED", *const evidence = "the table that this boot started from was an old copy";

    for (int slot = 0; slot < BT_MAX_VOLUMES; slot++)
        if (record_is_kept(tracker, slot))
            tracker_distrust(tracker, slot, reason, evidence);
    for (uint32_t index = 0; index < table->header.entry_count; index++) {
        struct table_entry *entry = &table->entries[index];
        if (!(entry->flags & ENTRY_IN_USE) || entry->reason[0])
            continue;
        snprintf(entry->reason, sizeof entry->reason, "%s", reason);
        snprintf(entry->evidence, sizeof entry->evidence, "%s", evidence);
    }
}

int table_refresh(struct tracker *tracker, const struct instance *instance, uint64_t *pages_written, struct fault *fault)
{
    struct store store;
    struct record_writer writer = { .tracker = tracker, .instance = instance, .store = &store };
    int result = 0;
    bool any = false;

    *pages_written = 0;
    for (int slot = 0; slot < BT_MAX_VOLUMES; slot++)
        any |= record_is_kept(tracker, slot);
    if (read_store(&store, instance, true, fault)) {
        if (!any)
            return 0; /* nothing is lost with it */
        bool lost = strcmp(fault->name, "TABLE_MISSING") == 0 || strcmp(fault->name, "TABLE_CORRUPT") == 0 || strcmp(fault->name, "TABLE_REPLACED") == 0;
        return lost ? start_anew(tracker, instance, fault) : -1;
    }
    bool old_copy = sequence_contradicts(instance, &store.table.header);    /* what the early boot could not look up */
    if (!any && !old_copy)
        goto close;
    if (table_is_clean(&store.table))
        result = table_mark_dirty(&store.table, TABLE_IN_USE, false, store.boot_id, fault);
    if (old_copy)
        doubt_all(tracker, &store.table);
    if (result == 0)
        result = refresh_all(&writer, fault);
    if (result == 0)
        result = table_write_directory(&store.table, fault) || (old_copy && medium_flush(store.medium, fault)) || store_publish(&store, instance, fault) ? -1 : 0;
    if (result == 0)
        sequence_note(instance, &store.table.header); /* the contradiction shows no more: by now all that it concerns has been told */
close:
    *pages_written = writer.counts.pages_written;
    store_close(&store);
    return result;
}

void table_state(const struct instance *instance, struct table_report *report)
{
    struct store store;
    struct fault fault;

    store_path(instance, report->path, sizeof report->path);
    if (read_store(&store, instance, false, &fault)) {
        report->state = strcmp(fault.name, "TABLE_MISSING") == 0 ? "none" : "corrupt";
        snprintf(report->reason, sizeof report->reason, "%.299s", fault.message);
        return;
    }
    report->state = table_is_clean(&store.table) ? "clean" : "dirty";
    snprintf(report->path, sizeof report->path, "%.279s", store.path);
    for (int byte = 0, at = 0; byte < 16; byte++)
        at += snprintf(report->uuid + at, sizeof report->uuid - (size_t)at, byte == 4 || byte == 6 || byte == 8 || byte == 10 ? "-%02x" : "%02x",
                       store.table.header.uuid[byte]);
    int fd = store.by_address ? identity_open(store.device, O_RDWR | O_DIRECT, &fault) : -1;
    report->writable_by_address = fd >= 0;
    if (fd >= 0)
        close(fd);
    else
        snprintf(report->reason, sizeof report->reason, "%.299s", store.by_address ? fault.message : store.why_not);
    store_close(&store);
}
