/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table stays dirty: a crash after the release makes all records unknown, as at any other moment. What was written is kept by the last save only
 * where the volume's device is gone by then and nothing was counted on its disk since before its bitmaps were read.
 */
#include "table/release.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "base/sysfs.h"
#include "base/text.h"
#include "table/last_look.h"
#include "table/page_sum.h"
#include "table/takeover.h"
#include "tracker/audit.h"

#define MAX_ROUNDS 4
#define OPEN_TRIES 4            /* of five seconds each: volumes are released one after another */
#define HELD_WAIT_US 1000000u     /* others wait for theirs meanwhile */
#define NAME_BYTES 160

struct release {
    struct record_writer writer;
    struct store store;
    struct survey *survey;
    struct record_jobs jobs;
    struct record_look *looks;  /* one a job */
    int slots[BT_MAX_VOLUMES];
    int count;
};

static void disk_title(char title[NAME_BYTES], const char *disk_name)
{
    if (sysfs_text(title, NAME_BYTES, "/sys/block/%.60s/dm/name", disk_name) <= 0)
        snprintf(title, NAME_BYTES, "%s", disk_name);
    title[strcspn(title, "\n")] = 0;
}

/* By /sys, for /dev may spell it in another way. */
static int disk_of(struct device *device, const char *name, struct fault *fault)
{
    char title[NAME_BYTES], found[80] = "";
    struct dirent *entry;
    DIR *disks = name[0] == '/' ? NULL : opendir("/sys/block");

    if (name[0] == '/')
        return device_open(device, name, fault);
    while (disks && !found[0] && (entry = readdir(disks))) {
        disk_title(title, entry->d_name);
        if (entry->d_name[0] != '.' && (strcmp(title, name) == 0 || strcmp(entry->d_name, name) == 0))
            snprintf(found, sizeof found, "%.70s", entry->d_name);
    }
    if (disks)
        closedir(disks);
    return found[0] ? volume_device(device, found, fault) : fault_set(fault, STATUS_FAILED, "NO_DEVICE", NULL, "there is no disk %s", name);
}

static int marker_path(char *path, size_t size, const struct instance *instance, const char *name, struct fault *fault)
{
    if (!name[0] || name[0] == '.' || strchr(name, '/') || snprintf(path, size, "%s/release/%s", instance->run_dir, name) >= (int)size)
        return fault_set(fault, STATUS_USAGE, "BAD_NAME", NULL, "'%s' is not the name of a disk", name);
    return 0;
}

int release_promise(const struct instance *instance, const char *name, struct fault *fault)
{
    char path[600], folder[320];

    snprintf(folder, sizeof folder, "%s/release", instance->run_dir);
    if (marker_path(path, sizeof path, instance, name, fault))
        return -1;
    int fd = make_folders(folder) ? -1 : open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return fault_errno(fault, STATUS_FAILED, "NO_RUN_DIR", "cannot make %s", path);
    close(fd);
    return 0;
}

bool release_is_promised(const struct instance *instance, const char *disk_name)
{
    char path[600], title[NAME_BYTES];
    struct fault ignored;

    disk_title(title, disk_name);
    return marker_path(path, sizeof path, instance, title, &ignored) == 0 && access(path, F_OK) == 0;
}

static void end_promise(const struct instance *instance, const char *name)
{
    char path[600];
    struct fault ignored;

    if (marker_path(path, sizeof path, instance, name, &ignored) == 0)
        unlink(path);
}

static int open_tracker(struct tracker **tracker, const struct instance *instance, struct fault *fault)
{
    int result = -1;

    for (int tries = 0; result && tries < OPEN_TRIES && (tries == 0 || fault->status == STATUS_BUSY); tries++)
        result = tracker_open(tracker, instance, false, fault);
    return result;
}

/* Who trusts a volume while it is offline trusts that nobody touches it; between the release and the power's end that is the system's to say, not ours. */
static void choose(struct release *release, const struct device *disk)
{
    struct tracker *tracker = release->writer.tracker;

    for (int slot = 0; slot < BT_MAX_VOLUMES; slot++) {
        const struct bt_meta *meta = tracker_meta(tracker, slot);
        bool on_it = meta && (disk->dev == disk->disk_dev ? meta->disk_dev == disk->disk_dev : meta->dev == disk->dev);
        if (on_it && record_is_kept(tracker, slot) && !record_is_gone(tracker, slot) && !meta->reason[0] && !meta->trust_offline && !carries_root(meta->dev))
            release->slots[release->count++] = slot;
    }
}

static int look_for_writers(struct release *release, struct fault *fault)
{
    uint64_t until = monotonic_us() + HELD_WAIT_US;

    release->survey = survey_take(true, fault);
    int result = release->survey ? 0 : -1;
    for (int index = 0; result == 0 && index < release->count; index++) {
        const struct bt_meta *meta = tracker_meta(release->writer.tracker, release->slots[index]);
        bool held = false;
        if (wait_for_holder(&release->survey, meta, until, &held, fault) < 0)
            result = -1;
        else if (held)
            result = fault_set(fault, STATUS_REFUSED, "STILL_WRITABLE", "Run it when nothing uses it any more.",
                               "something that no mount shows has %s for itself", meta->device);
        else
            result = refuse_writers(release->survey, meta, fault);
    }
    return result;
}

/* Also what marked nothing new: the last save will hold the counters against these. */
static int counted_since(struct release *release, struct fault *fault)
{
    struct bt_counters now;

    for (int index = 0; index < release->jobs.count; index++) {
        const struct record_job *job = &release->jobs.at[index];
        if (record_count_disk(release->writer.tracker, job->slot, &now, fault))
            return -1;
        if (memcmp(&now, &job->counted, sizeof now) != 0)
            return 1;
    }
    return 0;
}

static int write_one(struct release *release, int index, struct fault *fault)
{
    struct tracker *tracker = release->writer.tracker;
    struct table_entry *entry;
    int slot = release->slots[index];

    memset(&release->looks[0], 0, sizeof release->looks[0]);
    if (record_count_one(&release->jobs, &release->writer, slot, fault))
        return -1;
    take_last_look(tracker, slot, release->survey, &release->looks[0]);
    if (release->looks[0].sick[0])
        return fault_set(fault, STATUS_FAILED, "VOLUME_UNREADABLE", NULL, "%s is not released: %s", tracker_meta(tracker, slot)->device, release->looks[0].sick);
    return record_entry(&release->writer, slot, &entry, fault) || record_begin(&release->jobs.at[0], entry, &release->looks[0], fault) ||
           record_write_all(&release->jobs, fault) || table_write_directory(&release->store.table, fault) || medium_flush(release->store.medium, fault) ? -1 : 0;
}

static int save_one(struct release *release, int index, struct fault *fault)
{
    struct bt_meta *meta = tracker_meta(release->writer.tracker, release->slots[index]);
    int again = 1;

    for (int round = 0; again == 1 && round < MAX_ROUNDS; round++) {
        if (write_one(release, index, fault))
            return -1;
        again = counted_since(release, fault);
    }
    if (again)
        return again < 0 ? -1 : fault_set(fault, STATUS_REFUSED, "STILL_WRITTEN", "Run it when nothing writes any more.",
                                          "%s was written to while its record was saved", meta->device);
    if (!meta->reason[0])
        __atomic_store_n(&meta->released, 1, __ATOMIC_RELEASE);
    return 0;
}

static int save_chosen(struct release *release, const struct instance *instance, struct fault *fault)
{
    struct early *early = calloc(1, sizeof *early);
    struct fault ignored;
    int result = 0;

    release->looks = calloc(1, sizeof *release->looks);
    if (!early || !release->looks) {
        free(early);
        return fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot save");
    }
    bool known = early_read(instance, early, &ignored) == 0;
    if (store_open(&release->store, instance, known ? early : NULL, NULL, true, fault)) {
        free(early);
        return -1;
    }
    /* A clean table has had its last save, and whatever may still come is that one's to judge. */
    for (int index = 0; result == 0 && index < release->count && !table_is_clean(&release->store.table); index++)
        result = save_one(release, index, fault);
    store_close(&release->store);
    free(early);
    return result;
}

int release_volumes(const struct instance *instance, const char *name, struct fault *fault)
{
    struct release *release = calloc(1, sizeof *release);
    struct device disk = { 0 };
    struct fault none;

    if (!release)
        return fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot release %s", name);
    release->writer = (struct record_writer){ .instance = instance, .store = &release->store };
    int result = 0;
    if (disk_of(&disk, name, &none)) {
        end_promise(instance, name);
    } else if (open_tracker(&release->writer.tracker, instance, fault)) {
        result = strcmp(fault->name, "NOT_TRACKING") == 0 ? 0 : -1;
    } else {
        choose(release, &disk);
        if (release->count > 0)
            result = look_for_writers(release, fault) || save_chosen(release, instance, fault) ? -1 : 0;
        end_promise(instance, name);
        tracker_close(release->writer.tracker);
    }
    survey_free(release->survey);
    free(release->looks);
    free(release);
    return result;
}

void release_take_back(struct tracker *tracker, int slot, const char *device_name)
{
    struct bt_meta *meta = tracker_meta(tracker, slot);
    struct device device;
    struct fault ignored;

    if (volume_device(&device, device_name, &ignored) || device.dev != meta->dev || !is_same_disk(meta, &device))
        meta->released = 0;
}

/*
 * 1: a device of that identity is there. Where only device-mapper or md can give such a name, no other device is asked: what can't be read, as a network disk
 * that has gone, must hold up no save.
 */
static int find_again(const char *identity, char name[32], struct fault *fault)
{
    const char *kind = has_prefix(identity, "dm:") ? "dm-" : has_prefix(identity, "md:") ? "md" : NULL;
    char other[TABLE_IDENTITY_BYTES], uuid[NAME_BYTES];
    struct identity_scan scan;
    struct dirent *entry;
    int found = 0;

    if (!kind) {
        if (identity_scan(&scan, fault))
            return -1;
        found = identity_lookup(&scan, identity, name) > 0;
        identity_scan_free(&scan);
        return found;
    }
    DIR *disks = opendir("/sys/block");
    if (!disks)
        return fault_errno(fault, STATUS_FAILED, "NO_SYSFS", "cannot read /sys/block");
    while (found == 0 && (entry = readdir(disks))) {
        bool named = has_prefix(entry->d_name, kind) &&
                     (kind[0] == 'm' || sysfs_text(uuid, sizeof uuid, "/sys/block/%.60s/dm/uuid", entry->d_name) > 0);
        if (!named)
            continue;
        found = identity_of(entry->d_name, other, fault) ? -1 : strcmp(other, identity) == 0;
        snprintf(name, 32, "%.31s", entry->d_name);
    }
    closedir(disks);
    return found;
}

/* Also of a volume that was made anew and is gone again: start has taken its release back, and else its fingerprint tells. */
static bool is_there_again(const struct bt_meta *meta, char *evidence, size_t size)
{
    struct fault fault;
    char name[32];
    int found = find_again(meta->identity, name, &fault);

    if (found < 0)
        snprintf(evidence, size, "its device went after it was released, and whether it is there again can't be told: %s", fault.message);
    else if (found)
        snprintf(evidence, size, "its device went after it was released, and %s, which has its identity, was made since", name);
    return found != 0;
}

/* The table holds what the release wrote, and nothing else was written there since. */
static bool is_as_written(struct record_writer *writer, const struct bt_meta *meta)
{
    const struct table *table = &writer->store->table;
    const struct table_entry *entry = table_find(&writer->store->table, meta->identity);

    return entry && !entry->reason[0] && entry->fingerprint_bytes && !(entry->flags & ENTRY_TRUST_OFFLINE) && entry->sector_count == meta->sector_count &&
           entry->granule_bytes == meta->granule_bytes && memcmp(entry->series, meta->series, sizeof meta->series) == 0 &&
           memcmp(entry->epoch, meta->epoch, sizeof meta->epoch) == 0 && memcmp(meta->recorded_epoch, meta->epoch, sizeof meta->epoch) == 0 &&
           memcmp(entry->stat_boot_id, writer->store->boot_id, sizeof entry->stat_boot_id) == 0 &&
           pages_known(writer->instance, table, entry, meta->epoch);
}

bool release_holds(struct record_writer *writer, int slot, char *evidence, size_t size)
{
    const struct bt_meta *meta = tracker_meta(writer->tracker, slot);
    struct bt_counters now;
    struct audit audit;
    struct fault fault;

    evidence[0] = 0;
    if (!meta->released || meta->reason[0]) {
        snprintf(evidence, size, "its device went while it was tracked");
        return false;
    }
    /* A run that has not counted yet is over before the counters are read. */
    if (tracker_wait_for_programs(writer->tracker, &fault) || record_count_disk(writer->tracker, slot, &now, &fault))
        snprintf(evidence, size, "its device went after it was released, and whether it was written between can't be told: %s", fault.message);
    else if (memcmp(&now, &meta->recorded, sizeof now) != 0)
        snprintf(evidence, size, "its device was written or sent a command after it was released, and then went");
    else if (!is_as_written(writer, meta))
        snprintf(evidence, size, "its device went after it was released, and the table does not hold what was written then");
    else if (audit_departed(writer->tracker, slot, &audit), audit.verdict[0])
        snprintf(evidence, size, "its device went after it was released: %s", audit.evidence);
    else if (!is_there_again(meta, evidence, size))
        return true;
    return false;
}
