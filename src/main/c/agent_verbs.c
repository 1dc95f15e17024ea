/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each verb opens the tracker, does its work and closes it: the lock is never held between two requests, so that boot and
 * shutdown scripts get in at any time.
 */
#include "agent_verbs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "audit.h"
#include "checkpoint.h"
#include "hooks.h"
#include "mapping.h"
#include "mounts.h"
#include "persistence.h"
#include "support.h"
#include "sysfs.h"
#include "tracker_internal.h"

typedef int verb_function(struct agent *agent, const struct request_message *request, struct records *reply, struct fault *fault);

static int need(const struct request_message *request, const char *key, const char **value, struct fault *fault)
{
    *value = request_get(request, key);
    return *value ? 0 : fault_set(fault, STATUS_USAGE, "BAD_MESSAGE", NULL, "the request %s lacks %s", request->verb, key);
}

static int need_id(const struct request_message *request, const char *key, uint8_t id[CHANGE_ID_BYTES], struct fault *fault)
{
    const char *text;

    if (need(request, key, &text, fault))
        return -1;
    return change_id_parse(id, text) ? fault_set(fault, STATUS_USAGE, "BAD_MESSAGE", NULL, "%s is no change id", text) : 0;
}

static bool flag(const struct request_message *request, const char *key)
{
    const char *value = request_get(request, key);

    return value && strcmp(value, "1") == 0;
}

/* Opens the tracker and looks the request's slot up. */
static int open_slot(struct agent *agent, const struct request_message *request, struct tracker **tracker, int *slot, struct fault *fault)
{
    const char *text;

    if (need(request, "slot", &text, fault) || tracker_open(tracker, &agent->instance, false, fault))
        return -1;
    *slot = atoi(text);
    if (tracker_meta(*tracker, *slot))
        return 0;
    tracker_close(*tracker);
    return fault_set(fault, STATUS_FAILED, "NO_SLOT", NULL, "slot %s is not in use", text);
}

/* --- records --- */

static const char *kind_of(const char *disk_name)
{
    static const struct { const char *prefix, *kind; } kinds[] = {
        {"loop", "loop"}, {"zram", "zram"}, {"dm-", "dm"}, {"md", "md"}, {"sd", "scsi"}, {"sr", "scsi"}, {"nvme", "nvme"}, {"vd", "virtio"},
        {"xvd", "xen"}, {"mmcblk", "mmc"}, {"bcache", "bcache"}, {"nbd", "nbd"}, {"ram", "ram"}, {"pmem", "pmem"},
    };

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strncmp(disk_name, kinds[i].prefix, strlen(kinds[i].prefix)) == 0)
            return kinds[i].kind;
    return "other";
}

static void put_device(struct records *reply, const struct device *device)
{
    records_put(reply, "device", "%s", device->path);
    records_put(reply, "disk", "%s", device->disk_name);
    records_put(reply, "dev", "%u:%u", DEV_MAJOR(device->dev), DEV_MINOR(device->dev));
    records_put(reply, "diskseq", "%llu", (unsigned long long)device->diskseq);
    records_put(reply, "sectors", "%llu", (unsigned long long)device->sector_count);
    records_put(reply, "start_sector", "%llu", (unsigned long long)device->start_sector);
    records_put(reply, "grade", "%s", grade_name(disk_grade(device->disk_name)));
    records_put(reply, "kind", "%s", kind_of(device->disk_name));
}

/* Empty: the record outlives a reboot. */
static const char *why_not_persistent(const struct tracker *tracker, const struct bt_meta *meta)
{
    if (!meta->persistent)
        return meta->persistent_reason[0] ? meta->persistent_reason : "NO_TABLE";
    return hooks_in_place(&tracker->instance) ? "" : "HOOKS_MISSING";
}

static void put_volume(struct tracker *tracker, int slot, struct records *reply)
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
    put_device(reply, &device);
    records_put(reply, "granule_bytes", "%u", meta->granule_bytes);
    records_put(reply, "identity", "%s", meta->identity);
    change_id_text(text, meta->series);
    records_put(reply, "series", "%s", text);
    change_id_text(text, meta->epoch);
    records_put(reply, "epoch", "%s", text);
    records_put(reply, "trust", "%s", meta->reason[0] ? "UNKNOWN" : "COMPLETE");
    records_put(reply, "reason", "%s", meta->reason);
    records_put(reply, "evidence", "%s", meta->evidence);
    const char *missing = why_not_persistent(tracker, meta);
    records_put(reply, "persistent", "%s", missing[0] ? "no" : "yes");
    records_put(reply, "persistent_reason", "%s", missing);
    records_put(reply, "trust_offline", "%u", meta->trust_offline);
    records_put(reply, "attached_boottime_ns", "%llu", (unsigned long long)meta->attached_boottime_ns);
}

/* --- verbs --- */

static int hello(struct agent *agent, const struct request_message *request, struct records *reply, struct fault *fault)
{
    struct kernel kernel;
    struct utsname name;
    char boot_id[64] = "";

    (void)request;
    uname(&name);
    sysfs_text(boot_id, sizeof boot_id, "/proc/sys/kernel/random/boot_id");
    int opened = kernel_open(&kernel, agent->instance.pin_dir, fault);
    if (opened < 0)
        return -1;
    records_put(reply, "protocol", "1");
    records_put(reply, "pin_dir", "%s", agent->instance.pin_dir);
    records_put(reply, "run_dir", "%s", agent->instance.run_dir);
    records_put(reply, "state_dir", "%s", agent->instance.state_dir);
    records_put(reply, "attached", "%d", opened == 0);
    records_put(reply, "boot_id", "%s", boot_id);
    records_put(reply, "kernel", "%s", name.release);
    if (opened == 0) {
        records_put(reply, "layout", "%s", kernel.layout == BT_BITS ? "bits" : "bytes");
        kernel_close(&kernel);
    }
    return 0;
}

static int support(struct agent *agent, const struct request_message *request, struct records *reply, struct fault *fault)
{
    (void)request;
    (void)fault;
    support_report(&agent->instance, reply);
    return 0;
}

static int probe(struct agent *agent, const struct request_message *request, struct records *reply, struct fault *fault)
{
    struct device device;
    struct mounts mounts;
    const char *path;
    char identity[IDENTITY_BYTES], text[2048] = "";
    struct fault ambiguous;

    (void)agent;
    if (need(request, "device", &path, fault) || device_open(&device, path, fault) || mounts_of(&mounts, device.dev, fault))
        return -1;
    put_device(reply, &device);
    if (volume_identity(identity, &device, &ambiguous))
        identity[0] = 0;
    records_put(reply, "identity", "%s", identity);
    records_put(reply, "zoned", "%s", device.zoned ? "yes" : "no");
    for (int i = 0; i < mounts.count; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i ? "\n" : "", mounts.at[i].path);
    records_put(reply, "mounts", "%s", text);
    return 0;
}

static int random_id(uint8_t id[CHANGE_ID_BYTES], struct fault *fault)
{
    return getrandom(id, CHANGE_ID_BYTES, 0) == CHANGE_ID_BYTES ? 0 : fault_errno(fault, STATUS_FAILED, "NO_RANDOM", "cannot make a random id");
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

static int settle_new(struct tracker *tracker, int slot, struct fault *fault)
{
    accounting_settle(tracker, slot, 200); /* a busy volume gets its base at the first audit or checkpoint */
    return audit_baseline(tracker, slot, fault);
}

static int enable(struct agent *agent, const struct request_message *request, struct records *reply, struct fault *fault)
{
    struct volume_request volume = {.trust_offline = flag(request, "trust_offline")};
    char identity[IDENTITY_BYTES] = "";
    const char *path, *granule;
    struct tracker *tracker;
    struct fault ambiguous = {0};
    int slot;

    if (need(request, "device", &path, fault) || need(request, "granule_bytes", &granule, fault) || device_open(&volume.device, path, fault))
        return -1;
    volume.granule_bytes = (uint32_t)strtoul(granule, NULL, 10);
    volume.identity = identity;
    bool nameless = volume_identity(identity, &volume.device, &ambiguous) != 0;
    if (nameless)
        identity[0] = 0;
    if (random_id(volume.series, fault) || random_id(volume.epoch, fault) || tracker_open(&tracker, &agent->instance, true, fault))
        return -1;
    if (tracker_add(tracker, &volume, &slot, fault))
        goto fail;
    if (settle_new(tracker, slot, fault))
        goto undo;
    if (nameless)
        snprintf(tracker->meta[slot].persistent_reason, sizeof tracker->meta[slot].persistent_reason, "%s", ambiguous.name);
    else
        make_persistent(agent, tracker, slot);
    const char *missing = why_not_persistent(tracker, &tracker->meta[slot]);
    if (flag(request, "require_persistent") && missing[0]) {
        fault_set(fault, STATUS_REFUSED, missing,
                  strcmp(missing, "HOOKS_MISSING") == 0 ? "Put the boot hooks in place first ('blktrack boot install')." : "Leave out --require-persistent to track it until the next reboot.",
                  "%s can't be tracked across reboots", path);
        goto undo;
    }
    put_volume(tracker, slot, reply);
    records_put(reply, "map_bytes", "%llu", (unsigned long long)epoch_map_bytes(tracker->kernel.layout, slot_granules(tracker, slot)));
    tracker_close(tracker);
    return 0;
undo:;
    struct fault ignored;
    if (tracker->meta[slot].persistent)
        table_withdraw(tracker, &agent->instance, slot, &ignored);
    tracker_remove(tracker, slot, &ignored);
fail:
    tracker_close(tracker);
    return -1;
}

static int disable(struct agent *agent, const struct request_message *request, struct records *reply, struct fault *fault)
{
    struct tracker *tracker;
    int slot;

    (void)reply;
    if (open_slot(agent, request, &tracker, &slot, fault))
        return -1;
    int failed = (tracker->meta[slot].persistent && table_withdraw(tracker, &agent->instance, slot, fault)) || tracker_remove(tracker, slot, fault);
    tracker_close(tracker);
    return failed ? -1 : 0;
}

static int list_volumes(struct agent *agent, const struct request_message *request, struct records *reply, struct fault *fault)
{
    struct tracker *tracker;

    (void)request;
    if (tracker_open(&tracker, &agent->instance, false, fault))
        return strcmp(fault->name, "NOT_TRACKING") == 0 ? 0 : -1;
    for (int slot = 0; slot < BT_MAX_VOLUMES; slot++)
        if (tracker_meta(tracker, slot))
            put_volume(tracker, slot, reply);
    tracker_close(tracker);
    return 0;
}

static int checkpoint(struct agent *agent, const struct request_message *request, struct records *reply, struct fault *fault)
{
    struct checkpoint_request wanted;
    struct checkpoint_result result;
    struct tracker *tracker;
    const char *consistency, *timeout = request_get(request, "timeout_ms");
    int slot;

    if (need_id(request, "change_id", wanted.change_id, fault) || need(request, "consistency", &consistency, fault))
        return -1;
    wanted.freeze = strcmp(consistency, "freeze") == 0;
    wanted.timeout_ms = timeout ? (unsigned int)atoi(timeout) : 0;
    if (open_slot(agent, request, &tracker, &slot, fault))
        return -1;
    int failed = checkpoint_take(tracker, slot, &wanted, &result, fault);
    tracker_close(tracker);
    if (failed)
        return -1;
    records_put(reply, "pin", "%s", result.pin);
    records_put(reply, "words", "%llu", (unsigned long long)result.words);
    records_put(reply, "frozen_us", "%llu", (unsigned long long)result.frozen_us);
    records_put(reply, "swap_us", "%llu", (unsigned long long)result.swap_us);
    records_put(reply, "rest", "%s", !result.frozen ? "none" : result.expired ? "expired" : "frozen");
    records_put(reply, "carried", "%s", result.carried_all ? "all" : "in_flight");
    return 0;
}

static int put_closed(int slot, const char *epoch_id, const char *pin, uint64_t words, void *context)
{
    struct records *reply = context;

    records_next(reply);
    records_put(reply, "slot", "%d", slot);
    records_put(reply, "epoch", "%s", epoch_id);
    records_put(reply, "pin", "%s", pin);
    records_put(reply, "words", "%llu", (unsigned long long)words);
    return 0;
}

static int closed(struct agent *agent, const struct request_message *request, struct records *reply, struct fault *fault)
{
    struct tracker *tracker;

    (void)request;
    if (tracker_open(&tracker, &agent->instance, false, fault))
        return strcmp(fault->name, "NOT_TRACKING") == 0 ? 0 : -1;
    int failed = checkpoint_closed(tracker, put_closed, reply, fault);
    tracker_close(tracker);
    return failed;
}

static int peek(struct agent *agent, const struct request_message *request, struct records *reply, struct fault *fault)
{
    struct tracker *tracker;
    char pin[256];
    uint64_t words;
    int slot;

    if (open_slot(agent, request, &tracker, &slot, fault))
        return -1;
    int failed = checkpoint_peek(tracker, slot, pin, sizeof pin, &words, fault);
    tracker_close(tracker);
    if (failed)
        return -1;
    records_put(reply, "pin", "%s", pin);
    records_put(reply, "words", "%llu", (unsigned long long)words);
    return 0;
}

static int release(struct agent *agent, const struct request_message *request, struct records *reply, struct fault *fault)
{
    struct tracker *tracker;
    const char *pin;

    (void)reply;
    if (need(request, "pin", &pin, fault) || tracker_open(&tracker, &agent->instance, false, fault))
        return -1;
    int failed = checkpoint_release(tracker, pin, fault);
    tracker_close(tracker);
    return failed;
}

static void put_audit(int slot, const struct audit *audit, struct records *reply)
{
    const struct accounting *accounting = &audit->accounting;

    records_next(reply);
    records_put(reply, "slot", "%d", slot);
    records_put(reply, "grade", "%s", grade_name(accounting->grade));
    records_put(reply, "stat_written", "%llu", (unsigned long long)accounting->stat_written);
    records_put(reply, "counted_written", "%llu", (unsigned long long)accounting->counted_written);
    records_put(reply, "stat_discarded", "%llu", (unsigned long long)accounting->stat_discarded);
    records_put(reply, "counted_discarded", "%llu", (unsigned long long)accounting->counted_discarded);
    records_put(reply, "in_flight", "%llu", (unsigned long long)accounting->in_flight);
    records_put(reply, "skipped", "%lld", (long long)audit->skipped);
    records_put(reply, "passthrough_unknown", "%llu", (unsigned long long)audit->passthrough_unknown);
    records_put(reply, "zone_commands", "%llu", (unsigned long long)audit->zone_commands);
    records_put(reply, "diskseq_now", "%llu", (unsigned long long)audit->diskseq_now);
    records_put(reply, "sectors_now", "%llu", (unsigned long long)audit->sectors_now);
    records_put(reply, "mapping_now", "%016llx", (unsigned long long)audit->mapping_now);
    records_put(reply, "verdict", "%s", audit->verdict);
    records_put(reply, "evidence", "%s", audit->evidence);
}

static int audit(struct agent *agent, const struct request_message *request, struct records *reply, struct fault *fault)
{
    struct tracker *tracker;
    struct audit result;

    (void)request;
    if (tracker_open(&tracker, &agent->instance, false, fault))
        return strcmp(fault->name, "NOT_TRACKING") == 0 ? 0 : -1;
    for (int slot = 0; slot < BT_MAX_VOLUMES; slot++) {
        if (!tracker_meta(tracker, slot))
            continue;
        if (audit_volume(tracker, slot, &result, fault)) {
            tracker_close(tracker);
            return -1;
        }
        if (result.verdict[0])
            tracker_distrust(tracker, slot, result.verdict, result.evidence); /* stands until a new series begins */
        put_audit(slot, &result, reply);
    }
    tracker_close(tracker);
    return 0;
}

static int distrust(struct agent *agent, const struct request_message *request, struct records *reply, struct fault *fault)
{
    struct tracker *tracker;
    const char *reason, *evidence = request_get(request, "evidence");
    int slot;

    (void)reply;
    if (need(request, "reason", &reason, fault) || open_slot(agent, request, &tracker, &slot, fault))
        return -1;
    tracker_distrust(tracker, slot, reason, evidence ? evidence : "");
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
    if (device->diskseq != was.diskseq && (!identity[0] || strcmp(identity, was.identity) != 0))
        return fault_set(fault, STATUS_REFUSED, "DEVICE_REPLACED", "Disable the volume; enable the new one if it is to be tracked.",
                         "%s is another volume now", was.device);
    request.identity = identity;
    memcpy(request.series, id, sizeof request.series);
    memcpy(request.epoch, id, sizeof request.epoch);
    snprintf(request.device.path, sizeof request.device.path, "%s", was.device);
    if ((was.persistent && table_withdraw(tracker, &agent->instance, *slot, fault)) || tracker_remove(tracker, *slot, fault) ||
        tracker_add(tracker, &request, slot, fault) || settle_new(tracker, *slot, fault))
        return -1;
    make_persistent(agent, tracker, *slot);
    return 0;
}

static int new_series(struct agent *agent, const struct request_message *request, struct records *reply, struct fault *fault)
{
    struct tracker *tracker;
    struct device device = {0};
    uint8_t id[CHANGE_ID_BYTES];
    int slot;

    if (need_id(request, "change_id", id, fault) || open_slot(agent, request, &tracker, &slot, fault))
        return -1;
    const struct bt_meta *meta = &tracker->meta[slot];
    int failed = device_by_number(&device, meta->dev, fault);
    if (!failed) {
        bool same = device.sector_count == meta->sector_count && device.diskseq == meta->diskseq &&
                    device.start_sector == tracker->volumes[slot].start_sector;
        failed = same ? checkpoint_new_series(tracker, slot, id, fault) : rebuild(agent, tracker, &slot, &device, id, fault);
    }
    if (!failed)
        put_volume(tracker, slot, reply);
    tracker_close(tracker);
    return failed ? -1 : 0;
}

static int refresh_table(struct agent *agent, const struct request_message *request, struct records *reply, struct fault *fault)
{
    struct tracker *tracker;
    uint64_t pages = 0;

    (void)request;
    if (tracker_open(&tracker, &agent->instance, false, fault))
        return strcmp(fault->name, "NOT_TRACKING") == 0 ? 0 : -1;
    int failed = table_refresh(tracker, &agent->instance, &pages, fault);
    tracker_close(tracker);
    if (failed)
        return -1;
    records_put(reply, "pages_written", "%llu", (unsigned long long)pages);
    records_put(reply, "bytes", "%llu", (unsigned long long)pages * 4096);
    return 0;
}

static int report_table(struct agent *agent, const struct request_message *request, struct records *reply, struct fault *fault)
{
    struct table_report report = {0};

    (void)request;
    (void)fault;
    table_state(&agent->instance, &report);
    records_put(reply, "state", "%s", report.state);
    records_put(reply, "path", "%s", report.path);
    records_put(reply, "uuid", "%s", report.uuid);
    records_put(reply, "writable_by_address", "%s", report.writable_by_address ? "yes" : "no");
    records_put(reply, "reason", "%s", report.reason);
    return 0;
}

static const struct {
    const char *verb;
    verb_function *function;
} verbs[] = {
    {"hello", hello},     {"support", support},       {"probe", probe},     {"enable", enable},         {"disable", disable},
    {"volumes", list_volumes}, {"checkpoint", checkpoint}, {"closed", closed},   {"peek", peek},             {"release", release},
    {"audit", audit},     {"distrust", distrust},     {"new_series", new_series}, {"table_refresh", refresh_table}, {"table_state", report_table},
};

int agent_answer(struct agent *agent, const struct request_message *request, struct records *reply, struct fault *fault)
{
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (strcmp(verbs[i].verb, request->verb) == 0)
            return verbs[i].function(agent, request, reply, fault);
    return fault_set(fault, STATUS_USAGE, "UNKNOWN_VERB", NULL, "the agent knows no verb %s", request->verb);
}
