/* SPDX-License-Identifier: Apache-2.0 */
#include "volume/identity.h"
#include "base/parallel.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
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
#include "volume/fingerprint.h"
#include "volume/probe.h"

#define MAX_DEVICES 4096

/* Serial numbers come padded and with blanks inside. */
static void set_identity(char *identity, const char *kind, const char *value)
{
    int length = snprintf(identity, TABLE_IDENTITY_BYTES, "%s:", kind);
    bool gap = false;

    for (; *value && length < TABLE_IDENTITY_BYTES - 2; value++) {
        bool plain = isgraph((unsigned char)*value) && *value != '%';
        if (plain && gap && identity[length - 1] != ':')
            identity[length++] = '_';
        if (plain)
            identity[length++] = *value;
        gap = !plain;
    }
    identity[length] = 0;
    if (identity[length - 1] == ':')
        identity[0] = 0;
}

static int read_value(char *value, size_t size, const char *name, const char *attribute)
{
    return sysfs_text(value, size, "/sys/class/block/%s/%s", name, attribute) > 0 ? 0 : -1;
}

int identity_open(const char *name, int flags, struct fault *fault)
{
    char path[64], numbers[32], node[] = "/dev/.blktrack-XXXXXX";
    unsigned int major_number, minor_number;
    struct stat status;

    if (sysfs_text(numbers, sizeof numbers, "/sys/class/block/%s/dev", name) <= 0 || sscanf(numbers, "%u:%u", &major_number, &minor_number) != 2)
        return fault_set(fault, STATUS_FAILED, "NO_DEVICE", NULL, "there is no block device %s", name);
    snprintf(path, sizeof path, "/dev/%s", name);
    for (char *at = path + 5; *at; at++)
        if (*at == '!')
            *at = '/';
    dev_t dev = makedev(major_number, minor_number);
    int fd = stat(path, &status) == 0 && S_ISBLK(status.st_mode) && status.st_rdev == dev ? open(path, flags | O_CLOEXEC) : -1;
    if (fd >= 0)
        return fd;
    if (stat(path, &status) == 0 && S_ISBLK(status.st_mode) && status.st_rdev == dev)
        return fault_errno(fault, STATUS_FAILED, "OPEN_FAILED", "cannot open %s", path);
    int placeholder = mkstemp(node);
    if (placeholder < 0)
        return fault_errno(fault, STATUS_FAILED, "OPEN_FAILED", "cannot make a device node for %s", name);
    close(placeholder);
    unlink(node);
    if (mknod(node, S_IFBLK | 0600, dev) == 0) {
        fd = open(node, flags | O_CLOEXEC);
        int cause = errno;
        unlink(node);
        errno = cause;
    }
    return fd >= 0 ? fd : fault_errno(fault, STATUS_FAILED, "OPEN_FAILED", "cannot open block device %s", name);
}

static int content(const char *name, char *identity, struct fault *fault)
{
    uint64_t bytes;
    int fd = identity_open(name, O_RDONLY | O_DIRECT, fault);

    if (fd < 0)
        return -1;
    int result = ioctl(fd, BLKGETSIZE64, &bytes) == 0 && bytes > 0 ? content_identity(fd, bytes, identity, TABLE_IDENTITY_BYTES, fault) : 0;
    close(fd);
    return result;
}

/* The disk's own table, by the partition's number: partition UUIDs are not in sysfs. */
static int partition_identity(const char *disk, unsigned int number, char *identity, struct fault *fault)
{
    uint8_t sector[PROBE_SECTOR_BYTES];
    uint64_t bytes;
    int block_bytes = 0, result = 0;
    int fd = identity_open(disk, O_RDONLY | O_DIRECT, fault);
    struct fingerprint unused = { 0 };

    if (fd < 0)
        return -1;
    if (ioctl(fd, BLKGETSIZE64, &bytes) || ioctl(fd, BLKSSZGET, &block_bytes))
        goto out;
    struct probe probe = { .fd = fd, .size_bytes = bytes, .device_bytes = bytes, .block_bytes = (uint32_t)block_bytes, .into = &unused };
    result = probe_read(&probe, probe.block_bytes, sector, sizeof sector, fault);
    if (result)
        goto out;
    if (memcmp(sector, "EFI PART", 8) == 0) {
        uint64_t entry = le64(sector + 0x48) * probe.block_bytes + (uint64_t)(number - 1) * le32(sector + 0x54);
        char uuid[33] = "";
        if (number > le32(sector + 0x50) || le32(sector + 0x54) < 128 || le32(sector + 0x54) > 4096)
            goto out;
        result = probe_read(&probe, entry, sector, 128, fault);
        for (int byte = 0; result == 0 && byte < 16; byte++)
            snprintf(uuid + 2 * byte, 3, "%02x", sector[16 + byte]);
        if (result == 0)
            set_identity(identity, "partuuid", uuid);
        goto out;
    }
    result = probe_read(&probe, 0, sector, sizeof sector, fault);
    if (result == 0 && le16(sector + 510) == 0xaa55 && le32(sector + 440) != 0)
        snprintf(identity, TABLE_IDENTITY_BYTES, "partuuid:%08x-%02x", le32(sector + 440), number);
out:
    close(fd);
    return result;
}

/* An array's UUID: newer kernels have it in sysfs, else a member's superblock tells. */
static int md_identity(const char *name, char *identity, struct fault *fault)
{
    char value[128], path[PATH_MAX];
    struct fingerprint *fingerprint = malloc(sizeof *fingerprint);
    DIR *members = NULL;
    int result = 0;

    if (!fingerprint)
        return fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot identify %s", name);
    if (read_value(value, sizeof value, name, "md/uuid") == 0) {
        char *to = identity + snprintf(identity, TABLE_IDENTITY_BYTES, "md:");
        for (const char *from = value; *from; from++)
            if (isxdigit((unsigned char)*from))
                *to++ = *from;
        *to = 0;
        goto out;
    }
    snprintf(path, sizeof path, "/sys/class/block/%s/slaves", name);
    members = opendir(path);
    for (struct dirent *member; members && !identity[0] && (member = readdir(members));) {
        uint64_t bytes;
        if (member->d_name[0] == '.')
            continue;
        int fd = identity_open(member->d_name, O_RDONLY | O_DIRECT, fault);
        if (fd < 0)
            continue;
        if (ioctl(fd, BLKGETSIZE64, &bytes) == 0 && fingerprint_take(fingerprint, fd, bytes, 0, "", fault) == 0 &&
            fingerprint_value(fingerprint->text, fingerprint->length, "md.uuid", value, sizeof value) == 0)
            set_identity(identity, "md", value);
        close(fd);
    }
out:
    if (members)
        closedir(members);
    free(fingerprint);
    return result;
}

static bool is_loop(const char *disk)
{
    char value[PATH_MAX];

    return read_value(value, sizeof value, disk, "loop/backing_file") == 0;
}

static int loop_identity(const char *disk, char *identity, struct fault *fault)
{
    struct loop_info64 info;
    char inner[TABLE_IDENTITY_BYTES];
    int fd = identity_open(disk, O_RDONLY, fault);

    if (fd < 0)
        return -1;
    int bound = ioctl(fd, LOOP_GET_STATUS64, &info);
    close(fd);
    if (bound == 0 && identity[0]) {
        memcpy(inner, identity, sizeof inner);
        if (snprintf(identity, TABLE_IDENTITY_BYTES, "loop:%llu:%.150s", (unsigned long long)info.lo_inode, inner) >= TABLE_IDENTITY_BYTES)
            identity[0] = 0;
    } else {
        identity[0] = 0;
    }
    return 0;
}

/* The folder of a partition lies in its disk's. */
static int disk_of(const char *name, char disk[32])
{
    char link[96], real[PATH_MAX];

    snprintf(link, sizeof link, "/sys/class/block/%s/..", name);
    if (!realpath(link, real))
        return -1;
    const char *last = strrchr(real, '/') + 1;
    if (strlen(last) >= 32)
        return -1;
    memcpy(disk, last, strlen(last) + 1);
    return 0;
}

/* The newest kernels show a SCSI disk's serial, too. A disk must not get another identity from another kernel. */
static bool is_new(const char *name, const char *attribute)
{
    char level[16];

    return strcmp(attribute, "device/serial") == 0 && read_value(level, sizeof level, name, "device/scsi_level") == 0;
}

static int disk_identity(const char *name, char *identity, struct fault *fault)
{
    static const struct { const char *attribute, *kind; } names[] = {
        { "wwid", "wwn" }, { "device/wwid", "wwn" }, { "serial", "serial" }, { "device/serial", "serial" }, { "device/cid", "serial" },
    };
    char value[256];

    if (read_value(value, sizeof value, name, "dm/uuid") == 0) {
        if (has_prefix(value, "LVM-") || has_prefix(value, "CRYPT-"))
            set_identity(identity, "dm", value);
        return 0;
    }
    if (read_value(value, sizeof value, name, "md/metadata_version") == 0)
        return md_identity(name, identity, fault);
    if (has_prefix(name, "zram") || has_prefix(name, "ram"))
        return 0;
    for (size_t which = 0; which < sizeof names / sizeof *names && !identity[0]; which++)
        if (read_value(value, sizeof value, name, names[which].attribute) == 0 && !is_new(name, names[which].attribute))
            set_identity(identity, names[which].kind, value);
    return identity[0] ? 0 : content(name, identity, fault);
}

int identity_of(const char *name, char *identity, struct fault *fault)
{
    char text[32], disk[32];
    int result;

    memset(identity, 0, TABLE_IDENTITY_BYTES);
    if (read_value(text, sizeof text, name, "partition") == 0) {
        if (disk_of(name, disk))
            return fault_set(fault, STATUS_FAILED, "NO_DEVICE", NULL, "cannot find the disk of %s", name);
        result = partition_identity(disk, (unsigned int)atoi(text), identity, fault);
        return result || !is_loop(disk) ? result : loop_identity(disk, identity, fault);
    }
    result = disk_identity(name, identity, fault);
    return result || !is_loop(name) ? result : loop_identity(name, identity, fault);
}

static int identify(void *context, int index, struct fault *fault)
{
    struct identity_found *found = &((struct identity_found *)context)[index];

    if (identity_of(found->name, found->identity, fault))
        found->identity[0] = 0;
    return 0; /* a device that can't be read has no identity */
}

void identity_scan_free(struct identity_scan *scan)
{
    free(scan->found);
    scan->found = NULL;
    scan->count = 0;
}

int identity_scan(struct identity_scan *scan, struct fault *fault)
{
    DIR *devices = opendir("/sys/class/block");
    struct identity_found *found = calloc(MAX_DEVICES, sizeof *found);
    int count = 0;

    scan->count = 0;
    scan->found = found;
    if (!devices || !found) {
        fault_errno(fault, STATUS_FAILED, "NO_SYSFS", "cannot list /sys/class/block");
        if (devices)
            closedir(devices);
        identity_scan_free(scan);
        return -1;
    }
    for (struct dirent *device; (device = readdir(devices)) && count < MAX_DEVICES;) {
        uint64_t sectors, hidden;
        /* A path of an NVMe multipath head has the head's name, and no node by which anything could write. */
        if (sysfs_u64(&hidden, "/sys/class/block/%s/hidden", device->d_name) == 0 && hidden)
            continue;
        if (device->d_name[0] != '.' && strlen(device->d_name) < sizeof found->name &&
            sysfs_u64(&sectors, "/sys/class/block/%s/size", device->d_name) == 0 && sectors > 0)
            memcpy(found[count++].name, device->d_name, strlen(device->d_name) + 1);
    }
    closedir(devices);
    in_parallel(WAITING, count, identify, found, fault);
    for (int index = 0; index < count; index++)
        if (found[index].identity[0])
            found[scan->count++] = found[index];
    return 0;
}

unsigned int identity_lookup(const struct identity_scan *scan, const char *identity, char name[32])
{
    unsigned int candidates = 0;

    for (unsigned int index = 0; index < scan->count; index++)
        if (strcmp(scan->found[index].identity, identity) == 0) {
            memcpy(name, scan->found[index].name, 32);
            candidates++;
        }
    return candidates;
}
