/* SPDX-License-Identifier: Apache-2.0 */
#include "table/extents.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/sysfs.h"

#define BAD_FLAGS (FIEMAP_EXTENT_UNKNOWN | FIEMAP_EXTENT_DELALLOC | FIEMAP_EXTENT_ENCODED | FIEMAP_EXTENT_DATA_ENCRYPTED | \
                   FIEMAP_EXTENT_NOT_ALIGNED | FIEMAP_EXTENT_DATA_INLINE | FIEMAP_EXTENT_DATA_TAIL | FIEMAP_EXTENT_UNWRITTEN | \
                   FIEMAP_EXTENT_SHARED)

static int unusable(const char *path, const char *why, struct fault *fault)
{
    return fault_set(fault, STATUS_REFUSED, "EXTENTS_UNUSABLE",
                     "Keep the state folder on an ext4 or XFS file system on a block device, without a data journal.",
                     "%s cannot be written by its address: %s", path, why);
}

static const char *flag_name(uint32_t flags)
{
    return flags & FIEMAP_EXTENT_SHARED ? "it shares blocks with another file" : flags & FIEMAP_EXTENT_DATA_INLINE ? "it lies in its inode" :
           flags & FIEMAP_EXTENT_ENCODED ? "it is compressed or encrypted" : flags & FIEMAP_EXTENT_UNWRITTEN ? "it has blocks that were never written" :
           flags & FIEMAP_EXTENT_DELALLOC ? "it has blocks without a place" : "its blocks are not plain";
}

static int find_device(int fd, const char *path, char device[32], struct stat *status, struct fault *fault)
{
    char link[64], real[4096];

    if (fstat(fd, status))
        return fault_errno(fault, STATUS_FAILED, "TABLE_UNREADABLE", "cannot stat %s", path);
    if (major(status->st_dev) == 0)
        return unusable(path, "its file system has no block device of its own", fault);
    snprintf(link, sizeof link, "/sys/dev/block/%u:%u", major(status->st_dev), minor(status->st_dev));
    const char *last = realpath(link, real) ? strrchr(real, '/') + 1 : NULL;
    if (!last || strlen(last) >= 32)
        return unusable(path, "its device is not in /sys/dev/block", fault);
    memcpy(device, last, strlen(last) + 1);
    return 0;
}

/* data=journal writes file blocks through the journal: what a replay would put over ours. */
static bool has_data_journal(int fd, dev_t dev)
{
    char line[4096], want[32];
    int attributes = 0;
    bool found = false;

    if (ioctl(fd, FS_IOC_GETFLAGS, &attributes) == 0 && (attributes & FS_JOURNAL_DATA_FL))
        return true;
    FILE *mounts = fopen("/proc/self/mountinfo", "re");
    snprintf(want, sizeof want, " %u:%u ", major(dev), minor(dev));
    while (mounts && fgets(line, sizeof line, mounts))
        found |= strstr(line, want) && strstr(line, "data=journal");
    if (mounts)
        fclose(mounts);
    return found;
}

/* These leave a file's blocks where they are. A log-structured one (f2fs, nilfs2) moves any file's while it is mounted, and FIEMAP does not tell. */
static bool keeps_blocks_in_place(int fd)
{
    struct statfs status;

    return fstatfs(fd, &status) == 0 && ((unsigned long)status.f_type == EXT4_SUPER_MAGIC || (unsigned long)status.f_type == XFS_SUPER_MAGIC);
}

static int add_extent(struct extents *extents, const struct fiemap_extent *found, uint64_t block_bytes, uint64_t *covered, const char *path,
                      struct fault *fault)
{
    struct extent *last = extents->count ? &extents->extent[extents->count - 1] : NULL;

    if (found->fe_flags & BAD_FLAGS)
        return unusable(path, flag_name(found->fe_flags), fault);
    if (found->fe_logical != *covered)
        return unusable(path, "it has a hole", fault);
    if (found->fe_physical % block_bytes || found->fe_length % block_bytes || found->fe_logical % block_bytes)
        return unusable(path, "its blocks are smaller than the device's", fault);
    *covered += found->fe_length;
    if (last && last->device_offset + last->length == found->fe_physical) {
        last->length += found->fe_length;
        return 0;
    }
    if (extents->count == MAX_EXTENTS)
        return unusable(path, "it lies in too many pieces", fault);
    extents->extent[extents->count++] = (struct extent){ found->fe_logical, found->fe_physical, found->fe_length };
    return 0;
}

int extents_resolve(struct extents *extents, int fd, const char *path, char device[32], struct fault *fault)
{
    enum { BATCH = 64 };
    uint64_t memory[(sizeof(struct fiemap) + BATCH * sizeof(struct fiemap_extent)) / sizeof(uint64_t) + 1];
    struct fiemap *map = (struct fiemap *)memory;
    struct fsxattr attributes;
    struct stat status;
    uint64_t block_bytes, covered = 0;
    bool last = false;

    extents->count = 0;
    if (find_device(fd, path, device, &status, fault))
        return -1;
    if (!keeps_blocks_in_place(fd))
        return unusable(path, "its file system is neither ext2, ext3, ext4 nor XFS, and may move its blocks", fault);
    if (ioctl(fd, FS_IOC_FSGETXATTR, &attributes) == 0 && (attributes.fsx_xflags & FS_XFLAG_REALTIME))
        return unusable(path, "it lies on a real-time device", fault);
    if (has_data_journal(fd, status.st_dev))
        return unusable(path, "its file system journals data", fault);
    if (sysfs_u64(&block_bytes, "/sys/class/block/%s/queue/logical_block_size", device) &&
        sysfs_u64(&block_bytes, "/sys/class/block/%s/../queue/logical_block_size", device))
        return unusable(path, "its device's block size is not known", fault);
    while (!last && covered < (uint64_t)status.st_size) {
        memset(memory, 0, sizeof memory);
        map->fm_start = covered;
        map->fm_length = FIEMAP_MAX_OFFSET - covered;
        map->fm_flags = FIEMAP_FLAG_SYNC;
        map->fm_extent_count = BATCH;
        if (ioctl(fd, FS_IOC_FIEMAP, map))
            return unusable(path, strerror(errno), fault);
        if (map->fm_mapped_extents == 0)
            break;
        for (uint32_t index = 0; index < map->fm_mapped_extents; index++) {
            if (add_extent(extents, &map->fm_extents[index], block_bytes, &covered, path, fault))
                return -1;
            last = map->fm_extents[index].fe_flags & FIEMAP_EXTENT_LAST;
        }
    }
    return covered >= (uint64_t)status.st_size ? 0 : unusable(path, "it has a hole", fault);
}

void file_set_immutable(int fd, bool immutable)
{
    int flags;

    if (ioctl(fd, FS_IOC_GETFLAGS, &flags))
        return;
    flags = immutable ? flags | FS_IMMUTABLE_FL : flags & ~FS_IMMUTABLE_FL;
    (void)ioctl(fd, FS_IOC_SETFLAGS, &flags);
}
