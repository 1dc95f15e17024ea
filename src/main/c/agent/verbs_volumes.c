/* SPDX-License-Identifier: Apache-2.0 */
/* Verbs: volumes come, go, are listed, and begin a new series. */
#include "agent/agent_request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "start/hooks.h"
#include "table/persistence.h"
#include "tracker/audit.h"
#include "tracker/checkpoint.h"
#include "tracker/disks.h"

#define REST_WAIT_MS 200

/* Empty: the record outlives a reboot. */
static const char *why_not_persistent(const struct instance *instance, const struct bt_meta *meta, const char *obstacle)
{
    struct device device = {0};
    struct fault gone;

    if (meta->persistent && !obstacle[0])
        return device_by_number(&device, meta->dev, &gone) ? "" : volume_obstacle(instance, &device, meta);
    return meta->persistent ? obstacle : meta->persistent_reason[0] ? meta->persistent_reason : "NO_TABLE";
}

static const char *in_words(const char *missing)
{
    return strcmp(missing, "HOOKS_MISSING") == 0        ? ", no boot hooks are in place"
           : strcmp(missing, "TABLE_NOT_WRITABLE") == 0 ? ", the tracking table can't be written when its file system is read-only ('blktrack status --json' says why)"
           : strcmp(missing, "NO_STABLE_IDENTITY") == 0 ? ", nothing on it or about it names it after a reboot"
           : strcmp(missing, "DETACHED_EARLY") == 0     ? ", the system takes it apart at a shutdown, and no service saves its record before that; where 'blktrack boot install' has just put one in place, it comes up at the next boot"
           : strcmp(missing, "AMBIGUOUS_IDENTITY") == 0 ? ", another device has the same identity"
           : strcmp(missing, "NO_SPACE") == 0           ? ", the tracking table does not fit on its file system"
                                                        : "";
}

static void put_volume(struct tracker *tracker, int slot, const char *obstacle, struct records *reply)
{
    const struct bt_meta *meta = &tracker->meta[slot];
    struct device device = {0};
    struct fault gone;
    char text[CHANGE_ID_TEXT];

    records_next(reply);
    records_put(reply, "slot", "%d", slot);
    if (device_by_number(&device, meta->dev, &gone)) {
        device.dev = meta->dev;
        snprintf(device.disk_name, sizeof device.disk_name, "-");
    }
    snprintf(device.path, sizeof device.path, "%s", meta->device);
    device.diskseq = meta->diskseq;
    device.sector_count = meta->sector_count;
    device.start_sector = tracker->volumes[slot].start_sector; /* part of the name of what has no other, also when it is gone */
    put_device(reply, &device);
    records_put(reply, "granule_bytes", "%u", meta->granule_bytes);
    records_put(reply, "map_bytes", "%llu", (unsigned long long)epoch_map_bytes(tracker->kernel.layout, slot_granules(tracker, slot)));
    records_put(reply, "identity", "%s", meta->identity);
    change_id_text(text, meta->series);
    records_put(reply, "series", "%s", text);
    change_id_text(text, meta->epoch);
    records_put(reply, "epoch", "%s", text);
    records_put(reply, "trust", "%s", meta->reason[0] ? "UNKNOWN" : "COMPLETE");
    records_put(reply, "reason", "%s", meta->reason);
    records_put(reply, "base_known", "%u", meta->base_known);
    records_put(reply, "evidence", "%s", meta->evidence);
    const char *missing = why_not_persistent(&tracker->instance, meta, obstacle);
    records_put(reply, "persistent", "%s", missing[0] ? "no" : "yes");
    records_put(reply, "persistent_reason", "%s", missing);
    records_put(reply, "trust_offline", "%u", meta->trust_offline);
    records_put(reply, "attached_boottime_ns", "%llu", (unsigned long long)meta->attached_boottime_ns);
}

/* The identity and place in the table, or the reason why there is none. */
static void make_persistent(struct agent *agent, struct tracker *tracker, int slot)
{
    struct bt_meta *meta = &tracker->meta[slot];
    struct fault why = {0};

    if (!meta->identity[0])
        snprintf(meta->persistent_reason, sizeof meta->persistent_reason, "NO_STABLE_IDENTITY");
    else if (table_enroll(tracker, &agent->instance, slot, &why))
        snprintf(meta->persistent_reason, sizeof meta->persistent_reason, "%s", why.name);
}

int verb_enable(struct agent *agent, const struct request_message *request, struct records *reply, struct fault *fault)
{
    struct volume_request volume = {.trust_offline = request_flag(request, "trust_offline")};
    char identity[IDENTITY_BYTES] = "";
    const char *path, *granule;
    struct tracker *tracker;
    struct fault ambiguous = {0};
    int slot;

    if (request_need(request, "device", &path, fault) || request_need(request, "granule_bytes", &granule, fault) || device_open(&volume.device, path, fault))
        return -1;
    volume.granule_bytes = (uint32_t)strtoul(granule, NULL, 10);
    volume.identity = identity;
    bool nameless = volume_identity(identity, &volume.device, &ambiguous) != 0;
    if (nameless)
        identity[0] = 0;
    if (random_bytes(volume.series, sizeof volume.series, fault) || random_bytes(volume.epoch, sizeof volume.epoch, fault) || tracker_open(&tracker, &agent->instance, true, fault))
        return -1;
    if (tracker_add(tracker, &volume, &slot, fault))
        goto fail;
    if (audit_begin(tracker, slot, REST_WAIT_MS, fault))
        goto undo;
    if (nameless)
        snprintf(tracker->meta[slot].persistent_reason, sizeof tracker->meta[slot].persistent_reason, "%s", ambiguous.name);
    else
        make_persistent(agent, tracker, slot);
    const char *obstacle = reboot_obstacle(&agent->instance), *missing = why_not_persistent(&agent->instance, &tracker->meta[slot], obstacle);
    if (request_flag(request, "require_persistent") && missing[0]) {
        fault_set(fault, STATUS_REFUSED, missing,
                  strcmp(missing, "HOOKS_MISSING") == 0 ? "Put the boot hooks in place first ('blktrack boot install')." : "Leave out --require-persistent to track it until the next reboot.",
                  "%s can't be tracked across reboots: %s%s", path, missing, in_words(missing));
        goto undo;
    }
    put_volume(tracker, slot, obstacle, reply);
    tracker_close(tracker);
    return 0;
undo:;
    struct fault ignored;
    if (tracker->meta[slot].persistent)
        table_withdraw(&agent->instance, identity, &ignored);
    tracker_remove(tracker, slot, &ignored);
fail:
    tracker_close(tracker);
    return -1;
}

int verb_disable(struct agent *agent, const struct request_message *request, struct records *reply, struct fault *fault)
{
    struct tracker *tracker;
    int slot;

    (void)reply;
    if (request_slot(agent, request, &tracker, &slot, fault))
        return -1;
    int failed = (tracker->meta[slot].persistent && table_withdraw(&agent->instance, tracker->meta[slot].identity, fault)) || tracker_remove(tracker, slot, fault);
    tracker_close(tracker);
    return failed ? -1 : 0;
}

int verb_withdraw(struct agent *agent, const struct request_message *request, struct records *reply, struct fault *fault)
{
    struct tracker *tracker;
    const char *identity;

    (void)reply;
    if (request_need(request, "identity", &identity, fault) || tracker_open(&tracker, &agent->instance, true, fault))
        return -1;
    int failed = table_withdraw(&agent->instance, identity, fault);
    tracker_close(tracker);
    return failed && strcmp(fault->name, "TABLE_MISSING") != 0 ? -1 : 0;
}

int verb_volumes(struct agent *agent, const struct request_message *request, struct records *reply, struct fault *fault)
{
    struct tracker *tracker;

    (void)request;
    if (tracker_open(&tracker, &agent->instance, false, fault))
        return strcmp(fault->name, "NOT_TRACKING") == 0 ? 0 : -1;
    const char *obstacle = reboot_obstacle(&agent->instance);
    for (int slot = 0; slot < BT_MAX_VOLUMES; slot++)
        if (tracker_meta(tracker, slot))
            put_volume(tracker, slot, obstacle, reply);
    tracker_close(tracker);
    return 0;
}

/* The volume is another size now, or its disk was made anew: its maps are, too, if it is still the same volume. */
static int rebuild(struct agent *agent, struct tracker *tracker, int *slot, struct device *device, const uint8_t id[CHANGE_ID_BYTES], struct fault *fault)
{
    const struct bt_meta was = tracker->meta[*slot];
    struct volume_request request = {.device = *device, .granule_bytes = was.granule_bytes, .trust_offline = was.trust_offline};
    char identity[IDENTITY_BYTES];

    if (volume_identity(identity, device, fault))
        return -1;
    if (!is_same_disk(&was, device) && (!identity[0] || strcmp(identity, was.identity) != 0))
        return fault_set(fault, STATUS_REFUSED, "DEVICE_REPLACED", "Disable the volume; enable the new one if it is to be tracked.",
                         "%s is another volume now", was.device);
    if (disk_number_is_free(tracker, device, *slot, fault)) /* while the volume still has its slot */
        return -1;
    request.identity = identity;
    memcpy(request.series, id, sizeof request.series);
    memcpy(request.epoch, id, sizeof request.epoch);
    snprintf(request.device.path, sizeof request.device.path, "%s", was.device);
    if ((was.persistent && table_withdraw(&agent->instance, was.identity, fault)) || tracker_remove(tracker, *slot, fault) ||
        tracker_add(tracker, &request, slot, fault) || audit_begin(tracker, *slot, REST_WAIT_MS, fault))
        return -1;
    make_persistent(agent, tracker, *slot);
    return 0;
}

int verb_new_series(struct agent *agent, const struct request_message *request, struct records *reply, struct fault *fault)
{
    struct tracker *tracker;
    struct device device = {0};
    uint8_t id[CHANGE_ID_BYTES];
    int slot;

    if (request_need_id(request, "change_id", id, fault) || request_slot(agent, request, &tracker, &slot, fault))
        return -1;
    const struct bt_meta *meta = &tracker->meta[slot];
    int failed = device_by_number(&device, meta->dev, fault);
    if (!failed) {
        bool same = device.sector_count == meta->sector_count && is_same_disk(meta, &device) &&
                    device.start_sector == tracker->volumes[slot].start_sector;
        failed = same ? checkpoint_new_series(tracker, slot, id, fault) : rebuild(agent, tracker, &slot, &device, id, fault);
    }
    if (!failed)
        put_volume(tracker, slot, reboot_obstacle(&agent->instance), reply);
    tracker_close(tracker);
    return failed ? -1 : 0;
}
