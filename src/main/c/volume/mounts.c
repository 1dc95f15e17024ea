/* SPDX-License-Identifier: Apache-2.0 */
#include "volume/mounts.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/sysfs.h"

#define MAX_STACK 256

struct stack {
    int count;
    uint32_t dev[MAX_STACK];
};

static bool holds(const struct stack *stack, uint32_t dev)
{
    for (int i = 0; i < stack->count; i++)
        if (stack->dev[i] == dev)
            return true;
    return false;
}

static void add_device(struct stack *stack, uint32_t dev);

static void add_from_folder(struct stack *stack, const char *folder, bool partitions_only)
{
    struct dirent *entry;
    DIR *listing = opendir(folder);

    while (listing && (entry = readdir(listing))) {
        unsigned int major, minor;
        uint64_t number;
        char text[32];
        if (entry->d_name[0] == '.' || (partitions_only && sysfs_u64(&number, "%s/%s/partition", folder, entry->d_name)))
            continue;
        if (sysfs_text(text, sizeof text, "%s/%s/dev", folder, entry->d_name) > 0 && sscanf(text, "%u:%u", &major, &minor) == 2)
            add_device(stack, kernel_dev(major, minor));
    }
    if (listing)
        closedir(listing);
}

static void add_device(struct stack *stack, uint32_t dev)
{
    char folder[80];

    if (holds(stack, dev) || stack->count == MAX_STACK)
        return;
    stack->dev[stack->count++] = dev;
    snprintf(folder, sizeof folder, "/sys/dev/block/%u:%u", DEV_MAJOR(dev), DEV_MINOR(dev));
    add_from_folder(stack, folder, true);
    snprintf(folder, sizeof folder, "/sys/dev/block/%u:%u/holders", DEV_MAJOR(dev), DEV_MINOR(dev));
    add_from_folder(stack, folder, false);
}

/* mountinfo writes space, tab, line feed and backslash as octal. */
static void unescape(char *text)
{
    char *to = text;

    for (const char *from = text; *from; to++) {
        unsigned int code;
        if (from[0] == '\\' && sscanf(from + 1, "%3o", &code) == 1) {
            *to = (char)code;
            from += 4;
        } else {
            *to = *from++;
        }
    }
    *to = 0;
}

/* btrfs and others have device numbers of their own in mountinfo: there the source's number tells. */
static uint32_t source_device(const char *source)
{
    struct stat status;

    return source[0] == '/' && stat(source, &status) == 0 && S_ISBLK(status.st_mode)
               ? kernel_dev(major(status.st_rdev), minor(status.st_rdev)) : 0;
}

static bool has_option(const char *options, const char *option)
{
    size_t length = strlen(option);

    for (const char *at = options; (at = strstr(at, option)); at += length)
        if ((at == options || at[-1] == ',') && (at[length] == ',' || at[length] == 0))
            return true;
    return false;
}

/* 36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue   (proc(5)) */
static bool parse_line(char *line, unsigned int *major, unsigned int *minor, struct mount_point *point, char *source, size_t source_size)
{
    char *separator = strstr(line, " - ");
    char path[512], type[64], from[512], options[1024];

    if (!separator || sscanf(line, "%*d %*d %u:%u %*s %511s", major, minor, path) != 3 ||
        sscanf(separator + 3, "%63s %511s %1023s", type, from, options) != 3)
        return false;
    unescape(path);
    unescape(from);
    snprintf(point->path, sizeof point->path, "%.255s", path);
    snprintf(point->type, sizeof point->type, "%.31s", type);
    snprintf(source, source_size, "%s", from);
    point->read_only = has_option(options, "ro");
    return true;
}

int mounts_of(struct mounts *mounts, uint32_t dev, struct fault *fault)
{
    struct stack stack = {0};
    uint32_t seen[MAX_MOUNTS];
    char *line = NULL, source[512];
    size_t size = 0;
    FILE *file = fopen("/proc/self/mountinfo", "re");

    if (!file)
        return fault_errno(fault, STATUS_FAILED, "NO_MOUNTINFO", "cannot read /proc/self/mountinfo");
    add_device(&stack, dev);
    mounts->count = 0;
    while (getline(&line, &size, file) > 0 && mounts->count < MAX_MOUNTS) {
        struct mount_point point;
        unsigned int major, minor;
        if (!parse_line(line, &major, &minor, &point, source, sizeof source))
            continue;
        uint32_t by_number = kernel_dev(major, minor), by_source = source_device(source);
        bool known = false;
        for (int i = 0; i < mounts->count; i++)
            known |= seen[i] == by_number;
        if (known || (!holds(&stack, by_number) && !(major == 0 && by_source && holds(&stack, by_source))))
            continue;
        seen[mounts->count] = by_number;
        mounts->at[mounts->count++] = point;
    }
    free(line);
    fclose(file);
    return 0;
}
