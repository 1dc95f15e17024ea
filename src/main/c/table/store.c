/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file leads where there is one: blocks that early.conf names may have been given to another file since. Only where the
 * folder itself isn't there yet (the early boot) does early.conf lead. Before anything is written there, magic, uuid and a whole directory have been read.
 */
#include "table/store.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/random.h"
#include "base/sysfs.h"

void read_boot_id(uint8_t boot_id[16])
{
    char text[64];
    int byte = 0;

    if (sysfs_text(text, sizeof text, "/proc/sys/kernel/random/boot_id") <= 0) {
        struct fault ignored;
        (void)random_bytes(boot_id, 16, &ignored);
        return;
    }
    memset(boot_id, 0, 16);
    for (const char *at = text; *at && at[1] && byte < 16; at++)
        if (*at != '-') {
            sscanf(at, "%2hhx", &boot_id[byte++]);
            at++;
        }
}

/* A table on a /var of its own would come too late: then it lies on the root file system. */
void store_path(const struct instance *instance, char *path, size_t size)
{
    struct stat state, root;
    bool is_default = strcmp(instance->state_dir, DEFAULT_STATE_DIR) == 0;

    if (is_default && access("/.blktrack/table", F_OK) == 0)
        snprintf(path, size, "/.blktrack/table");
    else if (is_default && stat(instance->state_dir, &state) == 0 && stat("/", &root) == 0 && state.st_dev != root.st_dev &&
             access(DEFAULT_STATE_DIR "/table", F_OK) != 0)
        snprintf(path, size, "/.blktrack/table");
    else
        snprintf(path, size, "%s/table", instance->state_dir);
}

static bool folder_exists(const char *path)
{
    char folder[PATH_MAX];
    struct stat status;

    snprintf(folder, sizeof folder, "%s", path);
    return stat(dirname(folder), &status) == 0 && S_ISDIR(status.st_mode);
}

static int open_by_file(struct store *store, bool writable, struct fault *fault)
{
    struct stat status;
    int fd = open(store->path, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || fstat(fd, &status)) {
        bool missing = errno == ENOENT;
        if (fd >= 0)
            close(fd);
        return fault_errno(fault, STATUS_STATE_CORRUPT, missing ? "TABLE_MISSING" : "TABLE_UNREADABLE", "cannot open the tracking table %s", store->path);
    }
    int result = extents_resolve(&store->extents, fd, store->path, store->device, fault);
    close(fd);
    if (result == 0) {
        result = medium_by_address(&store->medium, store->device, &store->extents, (uint64_t)status.st_size, writable, fault);
        store->by_address = result == 0;
    }
    if (result == 0)
        return 0;
    snprintf(store->why_not, sizeof store->why_not, "%.199s", fault->message);
    store->extents.count = 0;
    return medium_by_file(&store->medium, store->path, writable, fault);
}

static int open_by_early(struct store *store, const struct early *early, const struct identity_scan *scan, bool writable, struct fault *fault)
{
    struct identity_scan own = { 0 };

    if (!early->table_device[0] || early->extents.count == 0)
        return fault_set(fault, STATUS_FAILED, "TABLE_DEVICE_MISSING", NULL, "the table %s can only be reached once its file system is mounted",
                         early->table_path);
    if (!scan && identity_scan(&own, fault))
        return -1;
    unsigned int candidates = identity_lookup(scan ? scan : &own, early->table_device, store->device);
    identity_scan_free(&own);
    if (candidates == 0)
        return fault_set(fault, STATUS_FAILED, "TABLE_DEVICE_MISSING", NULL, "the device of the tracking table, %s, is not there", early->table_device);
    if (candidates > 1)
        return fault_set(fault, STATUS_UNTRUSTED, "AMBIGUOUS_IDENTITY", "Remove the copy, or give it an identity of its own.",
                         "%u devices have the identity of the tracking table's device, %s", candidates, early->table_device);
    store->extents = early->extents;
    memcpy(store->device_identity, early->table_device, sizeof store->device_identity);
    store->by_address = true;
    return medium_by_address(&store->medium, store->device, &store->extents, early->table_bytes, writable, fault);
}

/*
 * A crash may tear an entry of a dirty table, but early.conf may also be older than a file system that was moved or resized offline: then the header may
 * be the table's still, and what lies in an entry's place somebody else's. Nothing that is not whole is written over there.
 */
static int refuse_damaged(const struct store *store, struct fault *fault)
{
    return store->table.damaged ? fault_set(fault, STATUS_STATE_CORRUPT, "TABLE_CORRUPT", NULL,
                                            "%u entries of %s are damaged, or early.conf is older than where the table lies now", store->table.damaged,
                                            store->medium->name)
                                : 0;
}

int store_open(struct store *store, const struct instance *instance, const struct early *early, const struct identity_scan *scan,
               bool writable, struct fault *fault)
{
    static const uint8_t no_uuid[16];
    struct fault ignored;

    memset(store, 0, sizeof *store);
    read_boot_id(store->boot_id);
    if (early && early->table_path[0])
        memcpy(store->path, early->table_path, sizeof store->path);
    else
        store_path(instance, store->path, sizeof store->path);
    bool by_file = folder_exists(store->path) || !early;
    int result = by_file ? open_by_file(store, writable, fault) : open_by_early(store, early, scan, writable, fault);
    bool known = early && memcmp(early->table_uuid, no_uuid, sizeof no_uuid) != 0;
    if (result == 0)
        result = table_open(&store->table, store->medium, known ? early->table_uuid : NULL, fault);
    if (result == 0 && !by_file)
        result = refuse_damaged(store, fault);
    if (result) {
        store_close(store);
        return -1;
    }
    if (store->device[0] && !store->device_identity[0] && identity_of(store->device, store->device_identity, &ignored))
        store->device_identity[0] = 0;
    return 0;
}

void store_close(struct store *store)
{
    table_close(&store->table);
    medium_close(store->medium);
    store->medium = NULL;
}

int store_publish(struct store *store, const struct instance *instance, struct fault *fault)
{
    struct early *early = calloc(1, sizeof *early);

    if (!early)
        return fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot write early.conf");
    memcpy(early->table_uuid, store->table.header.uuid, sizeof early->table_uuid);
    memcpy(early->table_path, store->path, sizeof early->table_path);
    early->table_bytes = store->table.header.size_bytes;
    if (store->by_address) {
        memcpy(early->table_device, store->device_identity, sizeof early->table_device);
        early->extents = store->extents;
    }
    for (uint32_t index = 0; index < store->table.header.entry_count; index++) {
        const struct table_entry *entry = &store->table.entries[index];
        if (!(entry->flags & ENTRY_IN_USE))
            continue;
        struct early_volume *volume = &early->volume[early->volume_count++];
        memcpy(volume->identity, entry->identity, sizeof volume->identity);
        volume->granule_bytes = entry->granule_bytes;
        volume->trust_offline = !!(entry->flags & ENTRY_TRUST_OFFLINE);
    }
    int result = early_write(instance, early, fault);
    free(early);
    return result;
}
