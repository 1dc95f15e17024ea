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

#include "base/parallel.h"
#include "base/random.h"
#include "base/text.h"
#include "start/start_internal.h"
#include "table/release.h"
#include "tracker/audit.h"

#define POLL_MS 50
#define REST_WAIT_MS 20         /* in the early boot nothing writes */
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

static int request_volume(const struct early_volume *volume, const struct device *device, const char *identity, struct volume_request *request,
                          struct fault *fault)
{
    *request = (struct volume_request){ .device = *device, .granule_bytes = volume->granule_bytes, .identity = identity,
                                        .trust_offline = volume->trust_offline, .reason = PENDING_REASON, .evidence = PENDING_EVIDENCE };
    return random_bytes(request->series, sizeof request->series, fault) || random_bytes(request->epoch, sizeof request->epoch, fault);
}

/* Volumes that are attached at the same time, each with what became of it. */
struct attachment {
    struct start *start;
    struct outcome *outcome[BT_MAX_VOLUMES];
    struct volume_addition addition[BT_MAX_VOLUMES];
    int count;
};

/* Attached first, then looked at: a write between the two is marked, and one before shows in the accounts. */
static int look_at(void *context, int index, struct fault *fault)
{
    struct attachment *attachment = context;
    struct volume_addition *addition = &attachment->addition[index];
    const struct device *device = &addition->request.device;
    struct attach_record *record = calloc(1, sizeof *record);

    (void)fault; /* one that can't be looked at is no reason against the others */
    if (!record) {
        addition->result = fault_errno(&addition->fault, STATUS_FAILED, "NO_MEMORY", "cannot attach %s", device->path);
        return 0;
    }
    if (addition->result == 0) {
        record->attached_boottime_ns = tracker_meta(attachment->start->tracker, addition->slot)->attached_boottime_ns;
        addition->result = audit_begin(attachment->start->tracker, addition->slot, REST_WAIT_MS, &addition->fault);
    }
    record->early = attachment->start->options->early;
    record->diskseq = device->diskseq;
    volume_stat_read(&record->stat, device);
    if (addition->result == 0)
        addition->result = volume_fingerprint(&record->fingerprint, device, attachment->outcome[index]->identity, &addition->fault) ||
                           attach_record_write(attachment->start->instance, addition->slot, record, &addition->fault);
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
        struct volume_request request;
        struct device device;
        int slot;
        if (strcmp(start->scan.found[index].identity, volume->identity) != 0 || volume_device(&device, start->scan.found[index].name, fault))
            continue;
        bool tracked = false;
        for (int other = 0; other < BT_MAX_VOLUMES && !tracked; other++)
            tracked = tracker_meta(start->tracker, other) && tracker_meta(start->tracker, other)->dev == device.dev;
        if (tracked || request_volume(volume, &device, "", &request, fault))
            continue;
        request.reason = outcome->reason;
        request.evidence = outcome->evidence;
        if (tracker_add(start->tracker, &request, &slot, fault) == 0)
            audit_begin(start->tracker, slot, REST_WAIT_MS, fault);
    }
}

static const char *identity_found(const struct identity_scan *scan, const char *name)
{
    for (unsigned int index = 0; index < scan->count; index++)
        if (strcmp(scan->found[index].name, name) == 0)
            return scan->found[index].identity;
    return "";
}

/* By the disks' own names: partitions, or file systems, of one name on disks of two names are copies, and no way to each other's content. */
static bool are_copies(const struct identity_scan *scan, const struct device *one, const struct device *other)
{
    const char *first = identity_found(scan, one->disk_name), *second = identity_found(scan, other->disk_name);
    bool of_one_kind = (has_prefix(first, "wwn:") && has_prefix(second, "wwn:")) || (has_prefix(first, "serial:") && has_prefix(second, "serial:"));

    return of_one_kind && strcmp(first, second) != 0;
}

/* What came later under the name of a tracked volume may be another way to it, by which it is written unseen. */
static void distrust_if_twinned(struct start *start, int slot)
{
    const struct bt_meta *meta = tracker_meta(start->tracker, slot);
    struct device device, twin;
    char evidence[BT_EVIDENCE_BYTES];
    struct fault ignored;

    if (meta->reason[0] || device_by_number(&device, meta->dev, &ignored))
        return;
    for (unsigned int index = 0; index < start->scan.count; index++) {
        const struct identity_found *found = &start->scan.found[index];
        if (strcmp(found->identity, meta->identity) != 0 || volume_device(&twin, found->name, &ignored) || twin.dev == meta->dev ||
            are_copies(&start->scan, &device, &twin))
            continue;
        snprintf(evidence, sizeof evidence, "%s is the identity of %s and of /dev/%s, which came later", meta->identity, meta->device, found->name);
        tracker_distrust(start->tracker, slot, "AMBIGUOUS_IDENTITY", evidence);
        start_log("%s", evidence);
        return;
    }
}

/* Adds the volume to those that are to be attached, if it is there and is not tracked yet. */
static void choose(struct attachment *attachment, const struct early_volume *volume)
{
    struct start *start = attachment->start;
    struct outcome *outcome = start_outcome(start, volume->identity);
    struct volume_addition *addition = &attachment->addition[attachment->count];
    struct device device;
    struct fault fault;
    char name[32];
    int slot = start_find_slot(start, volume->identity);

    if (slot >= 0) {
        if (identity_lookup(&start->scan, volume->identity, name) > 0)
            release_take_back(start->tracker, slot, name);
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
    if (volume_device(&device, name, &fault) || request_volume(volume, &device, volume->identity, &addition->request, &fault)) {
        set_failed(outcome, &fault);
        return;
    }
    outcome->result = "attached";
    attachment->outcome[attachment->count++] = outcome;
}

static void attach_chosen(struct attachment *attachment)
{
    struct start *start = attachment->start;
    struct fault ignored;

    tracker_add_all(start->tracker, attachment->addition, attachment->count);
    for (int index = 0; index < attachment->count; index++)
        attachment->outcome[index]->slot = attachment->addition[index].slot;
    in_parallel(WAITING, attachment->count, look_at, attachment, &ignored);
    for (int index = 0; index < attachment->count; index++) {
        const struct volume_addition *addition = &attachment->addition[index];
        struct bt_meta *meta = tracker_meta(start->tracker, addition->slot);
        if (addition->result == 0)
            continue;
        if (meta) {
            start_set_reason(meta, "START_FAILED", addition->fault.message);
            meta->persistent = 1;   /* it has a place, and else the entry of the boot before would stay there as it is */
        }
        set_failed(attachment->outcome[index], &addition->fault);
    }
    attachment->count = 0;
}

void start_distrust_twins(struct start *start)
{
    for (int slot = 0; slot < BT_MAX_VOLUMES; slot++)
        if (tracker_meta(start->tracker, slot))
            distrust_if_twinned(start, slot);
}

int start_attach(struct start *start, const struct early_volume *volumes, uint32_t count, struct fault *fault)
{
    struct attachment *attachment = calloc(1, sizeof *attachment);

    if (!attachment)
        return fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot attach volumes");
    attachment->start = start;
    for (uint32_t index = 0; index < count; index++) {
        choose(attachment, &volumes[index]);
        if (attachment->count == BT_MAX_VOLUMES)
            attach_chosen(attachment);
    }
    attach_chosen(attachment);
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
        if ((!start->scan.found && identity_scan(&start->scan, fault)) || start_attach(start, start->early->volume, start->early->volume_count, fault))
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
        identity_scan_free(&start->scan);
    }
}
