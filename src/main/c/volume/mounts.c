/* SPDX-License-Identifier: Apache-2.0 */
#include "volume/mounts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/sysfs.h"
#include "volume/device.h"
#include "volume/identity.h"

#define MAX_STACK 1024
#define MAX_NAMESPACES 1024

struct stack {
    int count;
    bool too_many;
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

    if (holds(stack, dev))
        return;
    if (stack->count == MAX_STACK) {
        stack->too_many = true;
        return;
    }
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

/* The number of a block device's node; 0: it is none. */
static uint32_t node_device(const char *path)
{
    struct stat status;

    return path[0] == '/' && stat(path, &status) == 0 && S_ISBLK(status.st_mode) ? kernel_dev(major(status.st_rdev), minor(status.st_rdev)) : 0;
}

/* The number of the block device that a loop device lies on; 0: a file, or nothing. */
static uint32_t loop_backing(const char *name)
{
    struct loop_info64 info;
    struct fault ignored;
    char file[16];

    if (sysfs_text(file, sizeof file, "/sys/block/%s/loop/offset", name) < 0)
        return 0;
    int fd = identity_open(name, O_RDONLY | O_NONBLOCK, &ignored);
    bool told = fd >= 0 && ioctl(fd, LOOP_GET_STATUS64, &info) == 0;
    if (fd >= 0)
        close(fd);
    return told ? kernel_dev(major(info.lo_rdevice), minor(info.lo_rdevice)) : 0;
}

/* A loop device over a block device is not among that one's holders. true: one was added, and others may lie on that. */
static bool add_loops(struct stack *stack)
{
    int before = stack->count;
    DIR *listing = opendir("/sys/block");
    struct dirent *entry;

    while (listing && (entry = readdir(listing))) {
        char number[32];
        unsigned int major, minor;
        uint32_t backing = strncmp(entry->d_name, "loop", 4) == 0 ? loop_backing(entry->d_name) : 0;
        if (backing && holds(stack, backing) && sysfs_text(number, sizeof number, "/sys/block/%s/dev", entry->d_name) > 0 &&
            sscanf(number, "%u:%u", &major, &minor) == 2)
            add_device(stack, kernel_dev(major, minor));
    }
    if (listing)
        closedir(listing);
    return stack->count > before;
}

static bool folder_holds(const struct stack *stack, const char *folder, uint32_t other)
{
    struct stack members = {0};

    add_from_folder(&members, folder, false);
    bool in_stack = false;
    for (int i = 0; i < members.count && !in_stack; i++)
        in_stack = holds(stack, members.dev[i]);
    return in_stack && (other == 0 || holds(&members, other));
}

/* btrfs over several devices: mountinfo names one of them, and under a name that need not be there (then `source` is 0, and any such file system is meant). */
static bool shares_btrfs(const struct stack *stack, uint32_t source)
{
    DIR *listing = opendir("/sys/fs/btrfs");
    struct dirent *entry;
    bool shared = false;

    while (listing && !shared && (entry = readdir(listing))) {
        char folder[320];
        snprintf(folder, sizeof folder, "/sys/fs/btrfs/%s/devices", entry->d_name);
        shared = entry->d_name[0] != '.' && folder_holds(stack, folder, source);
    }
    if (listing)
        closedir(listing);
    return shared;
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

/* btrfs and others have device numbers of their own in mountinfo: there the source's tells. */
static bool is_on(const struct stack *stack, uint32_t by_number, const struct mount_point *point, const char *source)
{
    if (holds(stack, by_number))
        return true;
    if (DEV_MAJOR(by_number) != 0)
        return false;
    uint32_t by_source = node_device(source);
    return (by_source && holds(stack, by_source)) || (strcmp(point->type, "btrfs") == 0 && shares_btrfs(stack, by_source));
}

/* A file system once, by its number. */
struct search {
    struct stack stack;
    struct mounts *mounts;
    uint32_t seen[MAX_MOUNTS];
    bool too_many;
};

static int search_file(struct search *search, const char *path, struct fault *fault)
{
    struct mounts *mounts = search->mounts;
    char *line = NULL, source[512];
    size_t size = 0;
    FILE *file = fopen(path, "re");

    if (!file)
        return fault_errno(fault, STATUS_FAILED, "NO_MOUNTINFO", "cannot read %s", path);
    while (getline(&line, &size, file) > 0) {
        struct mount_point point;
        unsigned int major, minor;
        if (!parse_line(line, &major, &minor, &point, source, sizeof source))
            continue;
        uint32_t by_number = kernel_dev(major, minor);
        bool known = false;
        for (int i = 0; i < mounts->count; i++)
            known |= search->seen[i] == by_number;
        if (known || !is_on(&search->stack, by_number, &point, source))
            continue;
        if (mounts->count == MAX_MOUNTS) {
            search->too_many = true;
            break;
        }
        search->seen[mounts->count] = by_number;
        mounts->at[mounts->count++] = point;
    }
    bool whole = search->too_many || !ferror(file);
    free(line);
    fclose(file);
    return whole ? 0 : fault_set(fault, STATUS_FAILED, "NO_MOUNTINFO", NULL, "cannot read all of %s", path);
}

/* Every mount namespace once, by way of a process that lives in it; one that ends meanwhile takes its mounts with it. */
static void search_namespaces(struct search *search)
{
    ino_t seen[MAX_NAMESPACES];
    int count = 0;
    DIR *listing = opendir("/proc");
    struct dirent *entry;

    while (listing && (entry = readdir(listing))) {
        struct stat status;
        struct fault gone;
        char path[300];
        bool known = false;
        snprintf(path, sizeof path, "/proc/%s/ns/mnt", entry->d_name);
        if (entry->d_name[0] < '1' || entry->d_name[0] > '9' || stat(path, &status))
            continue;
        for (int i = 0; i < count && !known; i++)
            known = seen[i] == status.st_ino;
        if (known)
            continue;
        snprintf(path, sizeof path, "/proc/%s/mountinfo", entry->d_name);
        if (search_file(search, path, &gone))
            continue; /* another process may live there, too */
        search->too_many |= count == MAX_NAMESPACES;
        if (count < MAX_NAMESPACES)
            seen[count++] = status.st_ino;
    }
    if (listing)
        closedir(listing);
}

static void build(struct stack *stack, uint32_t dev)
{
    *stack = (struct stack){0};
    add_device(stack, dev);
    while (add_loops(stack))
        ;
}

static int search_for(struct mounts *mounts, uint32_t dev, bool anywhere, struct fault *fault)
{
    struct search *search = calloc(1, sizeof *search);

    mounts->count = 0;
    if (!search)
        return fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot look at the mounts");
    search->mounts = mounts;
    build(&search->stack, dev);
    int result = search_file(search, "/proc/self/mountinfo", fault);
    if (result == 0 && anywhere)
        search_namespaces(search);
    if (result == 0 && (search->too_many || search->stack.too_many))
        result = fault_set(fault, STATUS_REFUSED, "TOO_MANY_MOUNTS", NULL, "more file systems or devices lie on %u:%u than can be looked at", DEV_MAJOR(dev), DEV_MINOR(dev));
    free(search);
    return result;
}

int mounts_of(struct mounts *mounts, uint32_t dev, struct fault *fault)
{
    return search_for(mounts, dev, false, fault);
}

int mounts_anywhere(struct mounts *mounts, uint32_t dev, struct fault *fault)
{
    return search_for(mounts, dev, true, fault);
}

static bool is_claimed(uint32_t dev)
{
    struct device device = {0};
    struct fault fault;

    if (device_by_number(&device, dev, &fault))
        return false;
    int fd = identity_open(device.name, O_RDONLY | O_EXCL | O_NONBLOCK, &fault);
    bool busy = fd < 0 && errno == EBUSY;
    if (fd >= 0)
        close(fd);
    return busy;
}

/* A device with others above it is theirs; so only the topmost are asked. */
bool held_unseen(uint32_t dev)
{
    struct mounts *mounts = malloc(sizeof *mounts);
    struct stack stack, above;
    struct fault fault;
    bool held = !mounts;

    build(&stack, dev);
    for (int i = 0; i < stack.count && !held; i++) {
        build(&above, stack.dev[i]);
        held = above.count == 1 && is_claimed(stack.dev[i]) && (mounts_anywhere(mounts, stack.dev[i], &fault) || mounts->count == 0);
    }
    free(mounts);
    return held;
}
