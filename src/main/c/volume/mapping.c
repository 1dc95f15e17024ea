/* SPDX-License-Identifier: Apache-2.0 */
#include "volume/mapping.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <linux/loop.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "base/fnv1a.h"
#include "base/sysfs.h"
#include "base/text.h"
#include "volume/device.h"

#define DM_BUFFER_BYTES (64u << 10)         /* grows: a volume of many segments has more */
#define DM_LARGEST_BYTES (16u << 20)

#define LOOKS 5                             /* what fails for want of memory or files may not fail again */
#define LOOK_STEP_NS 20000000L
#define DEEPEST_STACK 8
#define SHORTEST_WWID 8

static void describe_attribute(FILE *text, const char *disk_name, const char *attribute)
{
    char value[256];

    if (sysfs_text(value, sizeof value, "/sys/block/%s/%s", disk_name, attribute) > 0)
        fprintf(text, "%s=%s\n", attribute, value);
}

static int unreadable(struct fault *fault, const char *path, const char *disk_name)
{
    return fault_errno(fault, STATUS_FAILED, "MAPPING_UNREADABLE", "cannot ask %s what lies beneath %s", path, disk_name);
}

static int describe_loop(FILE *text, const char *disk_name, struct fault *fault)
{
    struct loop_info64 info;
    char path[64];

    snprintf(path, sizeof path, "/dev/%.40s", disk_name);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return unreadable(fault, path, disk_name);
    int result = 0;
    if (ioctl(fd, LOOP_GET_STATUS64, &info) == 0)
        fprintf(text, "loop=%llu:%llu+%llu/%llu\n", (unsigned long long)info.lo_device, (unsigned long long)info.lo_inode,
                (unsigned long long)info.lo_offset, (unsigned long long)info.lo_sizelimit);
    else if (errno != ENXIO) /* bound to no file */
        result = unreadable(fault, path, disk_name);
    close(fd);
    return result;
}

/* The whole table, the caller's to free; NULL with errno where it can't be had. */
static struct dm_ioctl *dm_table(int control, dev_t dev)
{
    for (uint32_t bytes = DM_BUFFER_BYTES; bytes <= DM_LARGEST_BYTES; bytes *= 2) {
        struct dm_ioctl *request = malloc(bytes);
        if (!request)
            return NULL;
        *request = (struct dm_ioctl){ .version = { DM_VERSION_MAJOR }, .data_size = bytes, .data_start = sizeof *request,
                                      .flags = DM_STATUS_TABLE_FLAG | DM_SECURE_DATA_FLAG, .dev = (uint64_t)dev };
        bool told = ioctl(control, DM_TABLE_STATUS, request) == 0;
        if (told && !(request->flags & DM_BUFFER_FULL_FLAG))
            return request;
        int error = errno;
        explicit_bzero(request, bytes);
        free(request);
        errno = told ? EFBIG : error;
        if (!told)
            return NULL;
    }
    return NULL;
}

/*
 * The parameters as `dmsetup table` shows them. The kernel tells keys, too, and this text is shown and stored: of a target that may have one, only a hash
 * of the rest stands here, without crypt's second parameter, which is the key, or "-" while the volume is suspended.
 */
static void describe_parameters(FILE *text, const char *type, const char *parameters)
{
    static const char *const keyless[] = {"linear", "striped", "mirror", "snapshot", "snapshot-origin", "snapshot-merge", "thin", "thin-pool", "raid",
                                          "multipath", "delay", "cache", "writecache", "flakey", "error", "zero"};
    uint64_t hash = FNV1A_START;
    int word = 1;

    for (size_t i = 0; i < sizeof keyless / sizeof *keyless; i++)
        if (strcmp(type, keyless[i]) == 0) {
            fprintf(text, "%s", parameters);
            return;
        }
    bool crypt = strcmp(type, "crypt") == 0;
    for (const char *at = parameters; *at; at++) {
        word += *at == ' ';
        if (!crypt || word != 2)
            hash = fnv1a(hash, at, 1);
    }
    fprintf(text, "hash %016llx", (unsigned long long)hash);
}

/* Paths come and go, and multipathd loads another table each time; all lead to the disk whose WWID the map's UUID holds: "mpath-3" and a SCSI disk's, "mpath-" and another's. */
static bool is_path_to(const char *multipath, const char *disk_name)
{
    char wwid[160];

    if (sysfs_text(wwid, sizeof wwid, "/sys/block/%.40s/device/wwid", disk_name) <= 0 && sysfs_text(wwid, sizeof wwid, "/sys/block/%.40s/wwid", disk_name) <= 0)
        return false;
    const char *number = has_prefix(wwid, "naa.") ? wwid + 4 : wwid, *end = strstr(multipath, number);
    return strlen(number) >= SHORTEST_WWID && end && !end[strlen(number)];
}

/*
 * A table that was there, gone and is there again reads the same, and what came between may have changed the content (a merged snapshot). But sysfs makes
 * a device's link anew, with an inode of its own, when a table takes it up that the one before did not have.
 */
static void describe_members(FILE *text, const char *disk_name, const char *multipath)
{
    struct dirent **entries;
    char folder[80], path[350];

    snprintf(folder, sizeof folder, "/sys/block/%.40s/slaves", disk_name);
    int count = scandir(folder, &entries, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        struct stat status;
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.' && !(multipath[0] && is_path_to(multipath, entries[i]->d_name)) && lstat(path, &status) == 0)
            fprintf(text, "member=%s %llu\n", entries[i]->d_name, (unsigned long long)status.st_ino);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}

enum dm_view { DM_WHOLE, DM_TYPES };     /* types: parameters and sizes decide nothing of the content */

/* Each target, with its parameters where these may decide what the content is. */
static int describe_dm(FILE *text, const char *disk_name, enum dm_view view, struct fault *fault)
{
    static const char path[] = "/dev/mapper/control";
    unsigned int major, minor;
    char value[32];

    if (sysfs_text(value, sizeof value, "/sys/block/%s/dev", disk_name) < 0 || sscanf(value, "%u:%u", &major, &minor) != 2)
        return unreadable(fault, "sysfs", disk_name);
    int control = open(path, O_RDWR | O_CLOEXEC);
    if (control < 0)
        return unreadable(fault, path, disk_name);
    struct dm_ioctl *table = dm_table(control, makedev(major, minor));
    int result = table ? 0 : unreadable(fault, path, disk_name);
    const char *data = (const char *)table + (table ? table->data_start : 0), *at = data;
    for (uint32_t i = 0; table && i < table->target_count; i++) {
        const struct dm_target_spec *target = (const void *)at;
        /* Older kernels (5.10) leave the name's last byte what it was in their memory. */
        char type[sizeof target->target_type];
        snprintf(type, sizeof type, "%.*s", (int)sizeof type - 1, target->target_type);
        if (view == DM_TYPES) {
            fprintf(text, "dm=%s\n", type);
        } else {
            fprintf(text, "dm=%llu %llu %s ", (unsigned long long)target->sector_start, (unsigned long long)target->length, type);
            describe_parameters(text, type, at + sizeof *target);
            fprintf(text, "\n");
        }
        at = data + target->next;
    }
    if (table)
        explicit_bzero(table, table->data_size);
    free(table);
    close(control);
    return result;
}

typedef int (*visit_lower)(const struct device *lower, void *context);

/* The disks that a disk lies on, once for each device of theirs. Stops where a visit fails. */
static int each_lower(const char *disk_name, visit_lower visit, void *context)
{
    struct dirent **entries;
    char folder[80];
    int result = 0;

    snprintf(folder, sizeof folder, "/sys/block/%.40s/slaves", disk_name);
    int count = scandir(folder, &entries, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        struct device lower = {0};
        struct fault gone;
        unsigned int major, minor;
        char number[32];
        if (result == 0 && entries[i]->d_name[0] != '.' && sysfs_text(number, sizeof number, "%s/%.40s/dev", folder, entries[i]->d_name) > 0 &&
            sscanf(number, "%u:%u", &major, &minor) == 2 && device_by_number(&lower, kernel_dev(major, minor), &gone) == 0)
            result = visit(&lower, context);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
    return result;
}

struct description {
    FILE *text;
    int depth;
    struct fault *fault;
};

static int describe_disk(FILE *text, const char *disk_name, int depth, struct fault *fault);

/*
 * What lies beneath what lies beneath: a table exchanged there exchanges the content just as well. Of an array only its members' own descriptions stand here,
 * and plain disks have none: one that is replaced gets the content of the others.
 */
static int describe_lower(const struct device *lower, void *context)
{
    const struct description *above = context;

    return describe_disk(above->text, lower->disk_name, above->depth + 1, above->fault);
}

static bool is_multipath(const char *disk_name)
{
    char uuid[160];

    return has_prefix(disk_name, "dm-") && sysfs_text(uuid, sizeof uuid, "/sys/block/%.40s/dm/uuid", disk_name) > 0 && has_prefix(uuid, "mpath-");
}

struct walk {
    visit_lower visit;
    void *context;
    int depth;
};

static int walk_down(const struct device *lower, void *context)
{
    const struct walk *above = context;
    struct walk walk = {above->visit, above->context, above->depth + 1};
    int result = walk.visit(lower, walk.context);

    return result || walk.depth >= DEEPEST_STACK || is_multipath(lower->disk_name) ? result : each_lower(lower->disk_name, walk_down, &walk);
}

int mapping_walk(const struct device *device, int (*visit)(const struct device *disk, void *context), void *context)
{
    return walk_down(device, &(struct walk){visit, context, -1});
}

static int describe_disk(FILE *text, const char *disk_name, int depth, struct fault *fault)
{
    static const char *const md[] = {"md/level", "md/raid_disks", "md/chunk_size", "md/layout", "md/component_size", "md/reshape_position"};
    bool is_dm = has_prefix(disk_name, "dm-");
    char uuid[160] = "";

    if (is_dm && sysfs_text(uuid, sizeof uuid, "/sys/block/%.40s/dm/uuid", disk_name) <= 0)
        uuid[0] = 0;
    bool multipath = has_prefix(uuid, "mpath-"), pool = depth > 0 && has_suffix(uuid, "-tpool");
    if ((has_prefix(disk_name, "loop") && describe_loop(text, disk_name, fault)) ||
        (is_dm && describe_dm(text, disk_name, multipath || pool ? DM_TYPES : DM_WHOLE, fault)))
        return -1;
    if (is_dm)
        describe_members(text, disk_name, multipath ? uuid : "");
    for (size_t i = 0; i < sizeof md / sizeof *md; i++)
        describe_attribute(text, disk_name, md[i]);
    if (has_prefix(disk_name, "nbd")) {
        /* Another connection may be to another image, of the same disk to the kernel. */
        describe_attribute(text, disk_name, "pid");
        describe_attribute(text, disk_name, "backend");
    }
    /* LVM grows a thin pool while it is in use, and what its volumes hold stays where it is. */
    return depth < DEEPEST_STACK && !pool ? each_lower(disk_name, describe_lower, &(struct description){text, depth, fault}) : 0;
}

/* The caller's to free, also with a fault: what could be had. NULL without memory. */
static char *describe(const char *disk_name, int *result, struct fault *fault)
{
    char *text = NULL;
    size_t length;
    FILE *memory = open_memstream(&text, &length);

    *result = memory ? 0 : unreadable(fault, "memory", disk_name);
    if (!memory)
        return NULL;
    *result = describe_disk(memory, disk_name, 0, fault);
    fclose(memory);
    return text;
}

void mapping_describe(char *text, size_t size, const char *disk_name)
{
    struct fault fault;
    int failed;
    char *whole = describe(disk_name, &failed, &fault);

    snprintf(text, size, "%s", failed ? fault.message : whole);
    free(whole);
}

int mapping_digest(uint64_t *digest, const char *disk_name, struct fault *fault)
{
    int failed;
    char *text = describe(disk_name, &failed, fault);

    for (int look = 1; look < LOOKS && failed; look++) {
        free(text);
        nanosleep(&(struct timespec){.tv_nsec = LOOK_STEP_NS}, NULL);
        text = describe(disk_name, &failed, fault);
    }
    *digest = fnv1a_text(text ? text : "");
    free(text);
    return failed;
}
