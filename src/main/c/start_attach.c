/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attach first: an empty bitmap for every volume the moment its device is there, then its accounts and its fingerprint. Until the
 * table has been read the volume's reason says so, and a helper that dies here leaves just that.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "parallel.h"
#include "start_internal.h"

#define POLL_MS 50
#define LATE_VOLUMES_MS 700     /* the boot waits no longer for volumes once the table can be read */

struct outcome *start_outcome(struct start *start, const char *identity)
{
    for (uint32_t index = 0; index < start->outcome_count; index++)
        if (strcmp(start->outcomes[index].identity, identity) == 0)
            return &start->outcomes[index];
    if (start->outcome_count == TABLE_MAX_ENTRIES)
        return &start->outcomes[TABLE_MAX_ENTRIES - 1];
    struct outcome *outcome = &start->outcomes[start->outcome_count++];
    snprintf(outcome->identity, sizeof outcome->identity, "%s", identity);
    outcome->slot = -1;
    outcome->result = "missing";
    return outcome;
}

int start_find_slot(struct start *start, const char *identity)
{
    for (int slot = 0; slot < BT_MAX_VOLUMES; slot++) {
        const struct bt_meta *meta = tracker_meta(start->tracker, slot);
        if (meta && strcmp(meta->identity, identity) == 0)
            return slot;
    }
    return -1;
}

bool start_is_pending(const struct bt_meta *meta)
{
    return strcmp(meta->reason, PENDING_REASON) == 0 && strcmp(meta->evidence, PENDING_EVIDENCE) == 0;
}

void start_set_reason(struct bt_meta *meta, const char *reason, const char *evidence)
{
    snprintf(meta->evidence, sizeof meta->evidence, "%s", evidence);
    snprintf(meta->reason, sizeof meta->reason, "%s", reason);
}

static int add_volume(struct start *start, const struct early_volume *volume, const struct device *device, const char *identity, int *slot,
                      struct fault *fault)
{
    struct volume_request request = { .device = *device, .granule_bytes = volume->granule_bytes, .identity = identity,
                                      .trust_offline = volume->trust_offline };

    if (random_bytes(request.series, sizeof request.series, fault) || random_bytes(request.epoch, sizeof request.epoch, fault) ||
        tracker_add(start->tracker, &request, slot, fault))
        return -1;
    tracker_distrust(start->tracker, *slot, PENDING_REASON, PENDING_EVIDENCE);
    return tracker_settle_new(start->tracker, *slot, fault);
}

/* A volume that has just been attached and not yet been looked at. */
struct fresh {
    struct outcome *outcome;
    struct device device;
    int result;
    struct fault fault;
};

struct attachment {
    struct start *start;
    struct fresh fresh[BT_MAX_VOLUMES];
    int count;
};

/* Attached first, then looked at: a write between the two is marked, and one before shows in the accounts. */
static int look_at(void *context, int index, struct fault *fault)
{
    struct attachment *attachment = context;
    struct fresh *fresh = &attachment->fresh[index];
    struct attach_record *record = calloc(1, sizeof *record);

    (void)fault; /* one that can't be looked at is no reason against the others */
    if (!record) {
        fresh->result = fault_errno(&fresh->fault, STATUS_FAILED, "NO_MEMORY", "cannot attach %s", fresh->device.path);
        return 0;
    }
    record->diskseq = fresh->device.diskseq;
    volume_stat_read(&record->stat, &fresh->device);
    fresh->result = volume_fingerprint(&record->fingerprint, &fresh->device, fresh->outcome->identity, &fresh->fault) ||
                    attach_record_write(attachment->start->instance, fresh->outcome->slot, record, &fresh->fault);
    free(record);
    return 0;
}

static void set_failed(struct outcome *outcome, const struct fault *fault)
{
    outcome->result = "unknown";
    snprintf(outcome->reason, sizeof outcome->reason, "START_FAILED");
    snprintf(outcome->evidence, sizeof outcome->evidence, "%s", fault->message);
    start_log("%s: %s", outcome->identity, fault->message);
}

/* Two devices of one identity: both are tracked, without the name, and neither inherits the record. */
static void attach_ambiguous(struct start *start, const struct early_volume *volume, struct outcome *outcome, struct fault *fault)
{
    size_t used = (size_t)snprintf(outcome->evidence, sizeof outcome->evidence, "%s is the identity of", volume->identity);

    outcome->result = "unknown";
    snprintf(outcome->reason, sizeof outcome->reason, "AMBIGUOUS_IDENTITY");
    for (unsigned int index = 0; index < start->scan.count && used < sizeof outcome->evidence; index++)
        if (strcmp(start->scan.found[index].identity, volume->identity) == 0)
            used += (size_t)snprintf(outcome->evidence + used, sizeof outcome->evidence - used, " /dev/%s", start->scan.found[index].name);
    start_log("%s", outcome->evidence);
    for (unsigned int index = 0; index < start->scan.count; index++) {
        struct device device;
        int slot;
        if (strcmp(start->scan.found[index].identity, volume->identity) != 0 || volume_device(&device, start->scan.found[index].name, fault))
            continue;
        bool tracked = false;
        for (int other = 0; other < BT_MAX_VOLUMES && !tracked; other++)
            tracked = tracker_meta(start->tracker, other) && tracker_meta(start->tracker, other)->dev == device.dev;
        if (!tracked && add_volume(start, volume, &device, "", &slot, fault) == 0)
            start_set_reason(tracker_meta(start->tracker, slot), outcome->reason, outcome->evidence);
    }
}

static void attach(struct attachment *attachment, const struct early_volume *volume)
{
    struct start *start = attachment->start;
    struct outcome *outcome = start_outcome(start, volume->identity);
    struct fresh *fresh = &attachment->fresh[attachment->count];
    struct fault fault;
    char name[32];
    int slot = start_find_slot(start, volume->identity);

    if (slot >= 0) {
        outcome->slot = slot;
        outcome->result = "kept";
        return;
    }
    if (strcmp(outcome->result, "missing") != 0)
        return;
    unsigned int candidates = identity_lookup(&start->scan, volume->identity, name);
    if (candidates == 0)
        return;
    if (candidates > 1) {
        attach_ambiguous(start, volume, outcome, &fault);
        return;
    }
    snprintf(outcome->device, sizeof outcome->device, "/dev/%s", name);
    *fresh = (struct fresh){ .outcome = outcome };
    if (volume_device(&fresh->device, name, &fault) || add_volume(start, volume, &fresh->device, volume->identity, &slot, &fault)) {
        set_failed(outcome, &fault);
        return;
    }
    outcome->result = "attached";
    outcome->slot = slot;
    attachment->count++;
}

static void look_at_all(struct attachment *attachment)
{
    struct fault ignored;

    in_parallel(attachment->count, look_at, attachment, &ignored);
    for (int index = 0; index < attachment->count; index++) {
        const struct fresh *fresh = &attachment->fresh[index];
        if (fresh->result == 0)
            continue;
        start_set_reason(tracker_meta(attachment->start->tracker, fresh->outcome->slot), "START_FAILED", fresh->fault.message);
        set_failed(fresh->outcome, &fresh->fault);
    }
}

int start_attach(struct start *start, const struct early_volume *volumes, uint32_t count, struct fault *fault)
{
    struct attachment *attachment = calloc(1, sizeof *attachment);

    if (!attachment)
        return fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot attach volumes");
    attachment->start = start;
    for (uint32_t index = 0; index < count; index++)
        attach(attachment, &volumes[index]);
    look_at_all(attachment);
    free(attachment);
    return 0;
}

static bool all_present(struct start *start)
{
    for (uint32_t index = 0; index < start->early->volume_count; index++)
        if (strcmp(start_outcome(start, start->early->volume[index].identity)->result, "missing") == 0)
            return false;
    return true;
}

int start_attach_all(struct start *start, struct fault *fault)
{
    uint64_t seen_ms = 0;
    int result = 0;

    for (;;) {
        identity_scan_free(&start->scan);
        if (identity_scan(&start->scan, fault) || start_attach(start, start->early->volume, start->early->volume_count, fault))
            return -1;
        bool all = all_present(start);
        if (!start->store_is_open) {
            result = store_open(&start->store, start->instance, start->early, &start->scan, true, fault);
            start->store_is_open = result == 0;
        }
        if (result == 0 && !seen_ms) {
            seen_ms = now_ms();
            __atomic_store_n(&start->progress->table_seen, 1, __ATOMIC_RELEASE);
        }
        bool hopeless = result && strcmp(fault->name, "TABLE_DEVICE_MISSING") != 0;
        bool patient = start->options->early && now_ms() < (seen_ms ? seen_ms + LATE_VOLUMES_MS : start->deadline_ms);
        if (hopeless || (all && result == 0) || !patient)
            return result;
        nanosleep(&(struct timespec){ .tv_nsec = POLL_MS * 1000000L }, NULL);
    }
}
