/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making the table's file, and a larger one in place of it: built beside, then renamed. It happens under the dirty mark; only early.conf
 * must never lead to blocks that are no longer the table's. The order is argued in docs/table-format.md.
 */
#include "table/make_table.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "base/random.h"
#include "table/takeover.h"

#define FIRST_ENTRIES 16
#define MIN_AREA_BYTES (1u << 20)

static void make_mutable(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd >= 0) {
        file_set_immutable(fd, false);
        close(fd);
    }
}

void remove_table(const char *path)
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
            result = table_write_bitmaps(&to->table, entry, data, discard, TABLE_ALL, &counts, fault);
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

int make_table(struct store *store, struct store *old, const struct instance *instance, uint64_t area_bytes, struct fault *fault)
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
