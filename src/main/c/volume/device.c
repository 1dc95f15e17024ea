/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A block device as sysfs shows it. /sys/dev/block/MAJOR:MINOR is the way in; a partition's folder lies inside
 * its disk's.
 */
#include "volume/device.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/sysfs.h"
#include "base/text.h"

static int last_component(char *name, size_t size, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *last = slash ? slash + 1 : path;

    if (strlen(last) >= size)
        return -1;
    memcpy(name, last, strlen(last) + 1);
    return 0;
}

bool disk_has_hardware_queues(const char *disk)
{
    char path[PATH_MAX];

    snprintf(path, sizeof path, "/sys/block/%s/mq", disk);
    return access(path, F_OK) == 0;
}

static bool is_zoned(const char *disk)
{
    char model[32];

    return sysfs_text(model, sizeof model, "/sys/block/%s/queue/zoned", disk) > 0 && strcmp(model, "none") != 0;
}

/* A BTT on pmem can't be mapped, but before 6.3 some writes reach it past the block layer, too. */
static bool has_direct_access(const char *disk)
{
    uint64_t dax;

    return has_prefix(disk, "pmem") || (sysfs_u64(&dax, "/sys/block/%s/queue/dax", disk) == 0 && dax != 0);
}

static bool takes_pages(const char *disk)
{
    return has_prefix(disk, "zram") || has_prefix(disk, "ram");
}

/* What lies in a backing device's folder, and in no cache's; the bcache device has a link to it. */
static bool is_bcache_backing(int folder, const char *node)
{
    char path[NAME_MAX + sizeof "/bcache/state"];

    snprintf(path, sizeof path, "%s/bcache/state", node);
    return faccessat(folder, path, F_OK, 0) == 0;
}

bool device_is_beneath_bcache(const struct device *device)
{
    char path[64];
    struct dirent *entry;
    bool found = false;

    if (device->request_based || has_prefix(device->disk_name, "bcache"))
        return false;
    snprintf(path, sizeof path, "/sys/block/%s", device->disk_name);
    DIR *folder = opendir(path);
    while (folder && !found && (entry = readdir(folder)))
        found = (strcmp(entry->d_name, ".") == 0 || has_prefix(entry->d_name, device->disk_name)) && is_bcache_backing(dirfd(folder), entry->d_name);
    if (folder)
        closedir(folder);
    return found;
}

/* sysfs gives no inode number twice in a boot; a loop device gets this folder anew each time it is bound to a file. */
static uint64_t node_of(const char *disk_folder)
{
    char path[PATH_MAX];
    struct stat status;

    if (snprintf(path, sizeof path, "%s/loop", disk_folder) < (int)sizeof path && stat(path, &status) == 0)
        return status.st_ino;
    return stat(disk_folder, &status) == 0 ? status.st_ino : 0;
}

int device_by_number(struct device *device, uint32_t dev, struct fault *fault)
{
    char link[64], real[PATH_MAX], text[64];
    uint64_t value;
    unsigned int major, minor;

    snprintf(link, sizeof link, "/sys/dev/block/%u:%u", DEV_MAJOR(dev), DEV_MINOR(dev));
    if (!realpath(link, real) || last_component(device->name, sizeof device->name, real))
        return fault_errno(fault, STATUS_FAILED, "NO_DEVICE", "device %u:%u is not in /sys/dev/block", DEV_MAJOR(dev), DEV_MINOR(dev));
    if (!device->path[0])
        snprintf(device->path, sizeof device->path, "/dev/%s", device->name);
    device->dev = dev;
    device->start_sector = 0;
    if (sysfs_u64(&value, "%s/start", real) == 0) {
        device->start_sector = value;
        *strrchr(real, '/') = 0;
    }
    if (last_component(device->disk_name, sizeof device->disk_name, real))
        return fault_set(fault, STATUS_FAILED, "NO_DEVICE", NULL, "the disk of %s has too long a name", device->path);
    if (sysfs_u64(&device->sector_count, "%s/size", link))
        return fault_errno(fault, STATUS_FAILED, "NO_DEVICE", "cannot read the size of %s", device->path);
    if (sysfs_text(text, sizeof text, "%s/dev", real) < 0 || sscanf(text, "%u:%u", &major, &minor) != 2)
        return fault_set(fault, STATUS_FAILED, "NO_DEVICE", NULL, "cannot read the device number of %s", device->disk_name);
    device->disk_dev = kernel_dev(major, minor);
    device->diskseq = sysfs_u64(&value, "%s/diskseq", real) == 0 ? value : 0;
    device->node = node_of(real);
    device->request_based = disk_has_hardware_queues(device->disk_name);
    device->zoned = is_zoned(device->disk_name);
    device->direct_access = has_direct_access(device->disk_name);
    device->takes_pages = takes_pages(device->disk_name);
    return 0;
}

int device_open(struct device *device, const char *path, struct fault *fault)
{
    struct stat status;

    memset(device, 0, sizeof *device);
    if (stat(path, &status))
        return fault_errno(fault, STATUS_FAILED, "NO_DEVICE", "cannot open %s", path);
    if (!S_ISBLK(status.st_mode))
        return fault_set(fault, STATUS_REFUSED, "NOT_A_BLOCK_DEVICE", "Name a disk, partition or logical volume, such as /dev/sda1 ('lsblk' lists them).",
                         "%s is not a block device", path);
    if (strlen(path) < sizeof device->path)
        memcpy(device->path, path, strlen(path) + 1);
    return device_by_number(device, kernel_dev(major(status.st_rdev), minor(status.st_rdev)), fault);
}
