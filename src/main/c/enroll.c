/* SPDX-License-Identifier: Apache-2.0 */
/*
 * While the machine runs: a volume's place in the table is given and taken, the table is made and made larger, and its pages follow
 * the live marks, so that the last save has little left to write. All of it happens under the dirty mark, so no order of these writes
 * matters for a crash; only early.conf must never lead to blocks that are no longer the table's.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "persistence.h"
#include "record.h"
#include "takeover.h"

#define FIRST_ENTRIES 16
#define MIN_AREA_BYTES (1u << 20)

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

static void make_mutable(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd >= 0) {
        file_set_immutable(fd, false);
        close(fd);
    }
}

static void remove_table(const char *path)
{
    make_mutable(path);
    unlink(path);
}

/* A whole file of zeros, allocated in one go, its extents fit for writing by address; then the table in it. */
static int make_file(const char *path, uint64_t size_bytes, uint32_t entries, struct fault *fault)
{
    struct medium *medium = NULL;
    uint8_t uuid[16], boot_id[16];
    char folder[PATH_MAX];
    int result = -1;

    snprintf(folder, sizeof folder, "%s", path);
    if (make_folders(dirname(folder)))
        return fault_errno(fault, STATUS_FAILED, "WRITE_FAILED", "cannot make the folder of %s", path);
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return fault_errno(fault, STATUS_FAILED, "WRITE_FAILED", "cannot make %s", path);
    int cause = posix_fallocate(fd, 0, (off_t)size_bytes);
    if (cause) {
        errno = cause;
        fault_errno(fault, STATUS_REFUSED, "NO_SPACE", "cannot allocate %llu bytes for %s", (unsigned long long)size_bytes, path);
        goto out;
    }
    read_boot_id(boot_id);
    if (random_bytes(uuid, sizeof uuid, fault) || medium_by_file(&medium, path, true, fault) ||
        table_create(medium, uuid, entries, boot_id, fault))
        goto out;
    result = fsync(fd) ? fault_errno(fault, STATUS_FAILED, "WRITE_FAILED", "cannot write %s", path) : 0;
out:
    medium_close(medium);
    close(fd);
    if (result)
        remove_table(path);
    return result;
}

/* Every record moves, also of volumes that are not there now; what can't be read is unknown from now on. */
static int copy_records(struct store *from, struct store *to, struct fault *fault)
{
    struct table_page_counts counts = { 0 };

    for (uint32_t index = 0; index < from->table.header.entry_count; index++) {
        const struct table_entry *old = &from->table.entries[index];
        struct table_entry *entry, fresh;
        struct fault damage;
        if (!(old->flags & ENTRY_IN_USE))
            continue;
        if (table_place(&to->table, old->identity, old->sector_count, old->granule_bytes, &entry, fault))
            return -1;
        fresh = *entry;
        *entry = *old;
        entry->area_offset = fresh.area_offset;
        uint64_t *data = page_alloc(entry->bitmap_bytes), *discard = page_alloc(entry->bitmap_bytes);
        int result = data && discard ? 0 : fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot move the table");
        if (result == 0 && table_read_bitmaps(&from->table, old, data, discard, &damage) && !entry->reason[0]) {
            snprintf(entry->reason, sizeof entry->reason, "TABLE_CORRUPT");
            snprintf(entry->evidence, sizeof entry->evidence, "%s", damage.message);
        }
        if (result == 0)
            result = table_write_bitmaps(&to->table, entry, data, discard, true, &counts, fault);
        free(data);
        free(discard);
        if (result)
            return -1;
    }
    return 0;
}

/* The old headers are wiped before their blocks are given back: an old early.conf then finds no table there. */
static void wipe_headers(struct store *store)
{
    void *zeros = page_alloc(TABLE_DIRECTORY_OFFSET);
    struct fault ignored;

    if (zeros && medium_write(store->medium, 0, zeros, TABLE_DIRECTORY_OFFSET, &ignored) == 0)
        (void)medium_flush(store->medium, &ignored);
    free(zeros);
}

/* old: NULL when there is none. Built beside, then renamed; the order is argued in docs/table-format.md. */
static int make_table(struct store *store, struct store *old, const struct instance *instance, uint64_t area_bytes, struct fault *fault)
{
    char path[300], beside[PATH_MAX];
    uint32_t entries = FIRST_ENTRIES;
    uint64_t used = 0;
    struct takeover nobody = { .valid = true };

    store_path(instance, path, sizeof path);
    snprintf(beside, sizeof beside, "%s.new", path);
    if (old) {
        entries = old->table.header.entry_count;
        uint32_t taken = 0;
        for (uint32_t index = 0; index < entries; index++)
            if (old->table.entries[index].flags & ENTRY_IN_USE) {
                used += old->table.entries[index].area_bytes;
                taken++;
            }
        if (taken == entries)
            entries = entries * 2 > TABLE_MAX_ENTRIES ? TABLE_MAX_ENTRIES : entries * 2;
    }
    uint64_t area = 2 * (used + area_bytes) < MIN_AREA_BYTES ? MIN_AREA_BYTES : 2 * (used + area_bytes);
    uint64_t size_bytes = TABLE_DIRECTORY_OFFSET + (uint64_t)entries * TABLE_ENTRY_BYTES + area;
    size_bytes = (size_bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
    remove_table(beside);
    if (make_file(beside, size_bytes, entries, fault))
        return -1;
    struct early *early = calloc(1, sizeof *early);
    if (!early)
        return fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot make a table");
    snprintf(early->table_path, sizeof early->table_path, "%.299s", beside);
    int result = store_open(store, instance, early, NULL, true, fault);
    free(early);
    if (result)
        return -1;
    if ((old && copy_records(old, store, fault)) || table_write_directory(&store->table, fault) || medium_flush(store->medium, fault))
        goto fail;
    snprintf(store->path, sizeof store->path, "%s", path);
    if (store_publish(store, instance, fault))
        goto fail;
    if (old)
        wipe_headers(old);
    make_mutable(path);
    int reader = open(beside, O_RDONLY | O_CLOEXEC);
    if (reader >= 0)
        file_set_immutable(reader, false);
    if (rename(beside, path)) {
        fault_errno(fault, STATUS_FAILED, "WRITE_FAILED", "cannot rename %s", beside);
        if (reader >= 0)
            close(reader);
        goto fail;
    }
    if (reader >= 0) {
        if (store->by_address)      /* else at the close: ext4 refuses writes to an immutable file that is open already */
            file_set_immutable(reader, true);
        close(reader);
    }
    int folder = open(dirname(beside), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0) {
        (void)fsync(folder);
        close(folder);
    }
    return takeover_write(instance, &store->table.header, store->boot_id, &nobody, fault);
fail:
    store_close(store);
    return -1;
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

int table_enroll(struct tracker *tracker, const struct instance *instance, int slot, struct fault *fault)
{
    struct bt_meta *meta = tracker_meta(tracker, slot);
    struct store store;
    struct record_writer writer = { .tracker = tracker, .instance = instance, .store = &store };
    struct table_entry *entry;
    uint64_t marked;

    if (!meta->identity[0])
        return fault_set(fault, STATUS_REFUSED, "NO_STABLE_IDENTITY", "Give it a file system or a partition table.",
                         "%s has nothing that names it after a reboot", meta->device);
    if (open_with_entry(&writer, slot, &entry, fault))
        return -1;
    int result = record_write(&writer, slot, entry, NULL, &marked, fault) || table_write_directory(&store.table, fault) ||
                 medium_flush(store.medium, fault) || store_publish(&store, instance, fault) ? -1 : 0;
    record_writer_done(&writer);
    store_close(&store);
    if (result == 0)
        meta->persistent = 1;
    return result;
}

int table_withdraw(struct tracker *tracker, const struct instance *instance, int slot, struct fault *fault)
{
    struct bt_meta *meta = tracker_meta(tracker, slot);
    struct store store;
    int result = 0;

    if (read_store(&store, instance, true, fault))
        return -1;
    struct table_entry *entry = table_find(&store.table, meta->identity);
    if (entry) {
        pages_set_known(instance, &store.table, entry, false);
        memset(entry, 0, sizeof *entry);
        result = (table_is_clean(&store.table) && table_mark_dirty(&store.table, TABLE_IN_USE, false, store.boot_id, fault)) ||
                 table_write_directory(&store.table, fault) || medium_flush(store.medium, fault) || store_publish(&store, instance, fault) ? -1 : 0;
    }
    store_close(&store);
    if (result == 0)
        meta->persistent = 0;
    return result;
}

static int refresh_slot(struct record_writer *writer, int slot, struct fault *fault)
{
    struct table_entry *entry;
    uint64_t marked;

    return record_entry(writer, slot, &entry, fault) || record_write(writer, slot, entry, NULL, &marked, fault) ? -1 : 0;
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

int table_refresh(struct tracker *tracker, const struct instance *instance, uint64_t *pages_written, struct fault *fault)
{
    struct store store;
    struct record_writer writer = { .tracker = tracker, .instance = instance, .store = &store };
    int result = 0;
    bool any = false;

    *pages_written = 0;
    for (int slot = 0; slot < BT_MAX_VOLUMES; slot++)
        any |= tracker_meta(tracker, slot) && tracker_meta(tracker, slot)->persistent;
    if (!any)
        return 0;
    if (read_store(&store, instance, true, fault)) {
        bool lost = strcmp(fault->name, "TABLE_MISSING") == 0 || strcmp(fault->name, "TABLE_CORRUPT") == 0 || strcmp(fault->name, "TABLE_REPLACED") == 0;
        return lost ? start_anew(tracker, instance, fault) : -1;
    }
    if (table_is_clean(&store.table))
        result = table_mark_dirty(&store.table, TABLE_IN_USE, false, store.boot_id, fault);
    bool old_copy = sequence_contradicts(instance, &store.table.header);    /* what the early boot could not look up */
    for (int slot = 0; slot < BT_MAX_VOLUMES && result == 0; slot++) {
        if (!tracker_meta(tracker, slot) || !tracker_meta(tracker, slot)->persistent)
            continue;
        if (old_copy)
            tracker_distrust(tracker, slot, "TABLE_REPLACED", "the table that this boot started from was an old copy");
        result = refresh_slot(&writer, slot, fault);
    }
    if (result == 0)
        sequence_note(instance, &store.table.header);
    if (result == 0)
        result = table_write_directory(&store.table, fault) || store_publish(&store, instance, fault) ? -1 : 0;
    *pages_written = writer.counts.pages_written;
    record_writer_done(&writer);
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
