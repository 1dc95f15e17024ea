/* SPDX-License-Identifier: Apache-2.0 */
#include "volume/mounts.h"

#include <ctype.h>
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
#include "base/text.h"
#include "volume/device.h"
#include "volume/identity.h"

#define MAX_STACK 1024
#define MAX_NAMESPACES 1024

struct stack {
    int count;
    bool too_many;
    uint32_t dev[MAX_STACK];
};

struct loop {
    uint32_t dev, backing;
};

/* A mounted file system, by its own number and that of the device it is mounted from (0: none that is there). */
struct mounted {
    uint32_t number, source;
    struct mount_point point;
};

struct survey {
    struct loop *loops;
    int loop_count;
    struct mounted *mounted;
    int mounted_count;
    ino_t namespaces[MAX_NAMESPACES];
    int namespace_count;
    bool too_many;
};

static bool holds(const struct stack *stack, uint32_t dev)
{
    for (int i = 0; i < stack->count; i++)
        if (stack->dev[i] == dev)
            return true;
    return false;
}

static void add_device(struct stack *stack, uint32_t dev);

/* As every partition's name does: the rest need not be asked. */
static bool ends_in_digit(const char *name)
{
    return isdigit((unsigned char)name[strlen(name) - 1]);
}

static void add_from_folder(struct stack *stack, const char *folder, bool partitions_only)
{
    struct dirent *entry;
    DIR *listing = opendir(folder);

    while (listing && (entry = readdir(listing))) {
        unsigned int major, minor;
        uint64_t number;
        char text[32];
        if (entry->d_name[0] == '.' || (partitions_only && (!ends_in_digit(entry->d_name) ||
                                                            sysfs_u64(&number, "%s/%s/partition", folder, entry->d_name))))
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

/*
 * The number of a block device's node; 0: it is none. Only nodes in /dev are looked at: a FUSE file system names a folder as its source, which may lie on a
 * server that is gone, or be mounted by the look.
 */
static uint32_t node_device(const char *path)
{
    struct stat status;

    return has_prefix(path, "/dev/") && stat(path, &status) == 0 && S_ISBLK(status.st_mode) ? kernel_dev(major(status.st_rdev), minor(status.st_rdev)) : 0;
}

/* The number of the block device that a loop device lies on; 0: a file, or nothing. Asked of the device only where its file's name does not tell. */
static uint32_t loop_backing(const char *name)
{
    struct loop_info64 info;
    struct fault ignored;
    struct stat status;
    char file[4096];

    if (sysfs_text(file, sizeof file, "/sys/block/%s/loop/backing_file", name) <= 0 || (stat(file, &status) == 0 && S_ISREG(status.st_mode)))
        return 0;
    int fd = identity_open(name, O_RDONLY | O_NONBLOCK, &ignored);
    bool told = fd >= 0 && ioctl(fd, LOOP_GET_STATUS64, &info) == 0;
    if (fd >= 0)
        close(fd);
    return told ? kernel_dev(major(info.lo_rdevice), minor(info.lo_rdevice)) : 0;
}

static int survey_loops(struct survey *survey, struct fault *fault)
{
    DIR *listing = opendir("/sys/block");
    struct dirent *entry;
    int result = 0;

    while (listing && result == 0 && (entry = readdir(listing))) {
        char number[32];
        unsigned int major, minor;
        uint32_t backing = has_prefix(entry->d_name, "loop") ? loop_backing(entry->d_name) : 0;
        if (!backing || sysfs_text(number, sizeof number, "/sys/block/%s/dev", entry->d_name) <= 0 || sscanf(number, "%u:%u", &major, &minor) != 2)
            continue;
        struct loop *more = realloc(survey->loops, (size_t)(survey->loop_count + 1) * sizeof *more);
        result = more ? 0 : fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot look at the loop devices");
        if (!more)
            break;
        survey->loops = more;
        survey->loops[survey->loop_count++] = (struct loop){ .dev = kernel_dev(major, minor), .backing = backing };
    }
    if (listing)
        closedir(listing);
    return result;
}

/* What lies on a device: partitions, what holds them, and loop devices, which are not among the holders of what they lie on. */
static void build(const struct survey *survey, struct stack *stack, uint32_t dev)
{
    int before;

    *stack = (struct stack){0};
    add_device(stack, dev);
    do {
        before = stack->count;
        for (int i = 0; i < survey->loop_count; i++)
            if (holds(stack, survey->loops[i].backing))
                add_device(stack, survey->loops[i].dev);
    } while (stack->count > before);
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
static bool is_on(const struct stack *stack, const struct mounted *mounted)
{
    if (holds(stack, mounted->number))
        return true;
    if (DEV_MAJOR(mounted->number) != 0)
        return false;
    return (mounted->source && holds(stack, mounted->source)) || (strcmp(mounted->point.type, "btrfs") == 0 && shares_btrfs(stack, mounted->source));
}

/* A file system once, in whatever number of places it is mounted. */
static int add_mounted(struct survey *survey, const struct mounted *mounted, struct fault *fault)
{
    for (int i = 0; i < survey->mounted_count; i++)
        if (survey->mounted[i].number == mounted->number)
            return 0;
    struct mounted *more = realloc(survey->mounted, (size_t)(survey->mounted_count + 1) * sizeof *more);
    if (!more)
        return fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot look at the mounts");
    survey->mounted = more;
    survey->mounted[survey->mounted_count++] = *mounted;
    return 0;
}

static int survey_file(struct survey *survey, const char *path, struct fault *fault)
{
    char *line = NULL, source[512];
    size_t size = 0;
    int result = 0;
    FILE *file = fopen(path, "re");

    if (!file)
        return fault_errno(fault, STATUS_FAILED, "NO_MOUNTINFO", "cannot read %s", path);
    while (result == 0 && getline(&line, &size, file) > 0) {
        struct mounted mounted;
        unsigned int major, minor;
        if (!parse_line(line, &major, &minor, &mounted.point, source, sizeof source))
            continue;
        mounted.number = kernel_dev(major, minor);
        mounted.source = major == 0 ? node_device(source) : 0;
        result = add_mounted(survey, &mounted, fault);
    }
    if (result == 0 && ferror(file))
        result = fault_set(fault, STATUS_FAILED, "NO_MOUNTINFO", NULL, "cannot read all of %s", path);
    free(line);
    fclose(file);
    return result;
}

/* Every mount namespace once, by way of a process that lives in it; one that ends meanwhile takes its mounts with it. */
static void survey_namespaces(struct survey *survey)
{
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
        for (int i = 0; i < survey->namespace_count && !known; i++)
            known = survey->namespaces[i] == status.st_ino;
        if (known)
            continue;
        snprintf(path, sizeof path, "/proc/%s/mountinfo", entry->d_name);
        if (survey_file(survey, path, &gone))
            continue; /* another process may live there, too */
        survey->too_many |= survey->namespace_count == MAX_NAMESPACES;
        if (!survey->too_many)
            survey->namespaces[survey->namespace_count++] = status.st_ino;
    }
    if (listing)
        closedir(listing);
}

struct survey *survey_take(bool anywhere, struct fault *fault)
{
    struct survey *survey = calloc(1, sizeof *survey);

    if (!survey) {
        fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot look at the mounts");
        return NULL;
    }
    if (survey_file(survey, "/proc/self/mountinfo", fault) || survey_loops(survey, fault)) {
        survey_free(survey);
        return NULL;
    }
    if (anywhere)
        survey_namespaces(survey);
    return survey;
}

void survey_free(struct survey *survey)
{
    if (!survey)
        return;
    free(survey->loops);
    free(survey->mounted);
    free(survey);
}

static int too_many_devices(uint32_t dev, struct fault *fault)
{
    return fault_set(fault, STATUS_REFUSED, "TOO_MANY_MOUNTS", NULL, "more file systems or devices lie on %u:%u than can be looked at", DEV_MAJOR(dev),
                     DEV_MINOR(dev));
}

int survey_mounts(const struct survey *survey, struct mounts *mounts, uint32_t dev, struct fault *fault)
{
    struct stack stack;
    bool too_many = survey->too_many;

    build(survey, &stack, dev);
    mounts->count = 0;
    for (int i = 0; i < survey->mounted_count; i++) {
        if (!is_on(&stack, &survey->mounted[i]))
            continue;
        too_many |= mounts->count == MAX_MOUNTS;
        if (mounts->count < MAX_MOUNTS)
            mounts->at[mounts->count++] = survey->mounted[i].point;
    }
    return too_many || stack.too_many ? too_many_devices(dev, fault) : 0;
}

int mounts_of(struct mounts *mounts, uint32_t dev, struct fault *fault)
{
    struct survey *survey = survey_take(false, fault);
    int result = survey ? survey_mounts(survey, mounts, dev, fault) : -1;

    survey_free(survey);
    return result;
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
bool survey_misses_holder(const struct survey *survey, uint32_t dev)
{
    struct mounts *mounts = malloc(sizeof *mounts);
    struct stack stack, above;
    struct fault fault;
    bool held = !mounts;

    build(survey, &stack, dev);
    for (int i = 0; i < stack.count && !held; i++) {
        if (stack.count > 1)
            build(survey, &above, stack.dev[i]);
        bool topmost = stack.count == 1 || above.count == 1;
        held = topmost && is_claimed(stack.dev[i]) && (survey_mounts(survey, mounts, stack.dev[i], &fault) || mounts->count == 0);
    }
    free(mounts);
    return held;
}

/* Of a device that has gone meanwhile nothing is left to be written: its last user's close saw to that. */
static int flush_device(uint32_t dev, struct fault *fault)
{
    struct device device = {0};
    struct fault gone;

    if (device_by_number(&device, dev, &gone))
        return 0;
    int fd = identity_open(device.name, O_RDONLY, fault);
    if (fd < 0)
        return -1;
    int result = fdatasync(fd) ? fault_errno(fault, STATUS_FAILED, "FLUSH_FAILED", "cannot flush %s", device.path) : 0;
    close(fd);
    return result;
}

int survey_flush(const struct survey *survey, uint32_t dev, struct fault *fault)
{
    struct device device = {0};
    struct stack stack;

    if (device_by_number(&device, dev, fault))
        return -1;
    build(survey, &stack, dev);
    int result = stack.too_many ? too_many_devices(dev, fault) : 0;
    for (int i = 0; result == 0 && i < stack.count; i++)
        result = flush_device(stack.dev[i], fault);
    return result || device.disk_dev == dev ? result : flush_device(device.disk_dev, fault);
}
