/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the table's file lies on its device, and reading and writing it there, past its file system. Resolved by FIEMAP each time while the
 * file system is mounted; kept in early.conf for the time when it is not.
 */
#ifndef BLKTRACK_EXTENTS_H
#define BLKTRACK_EXTENTS_H

#include <stdbool.h>

#include "table/medium.h"

#define MAX_EXTENTS 1024

struct extent {
    uint64_t file_offset;
    uint64_t device_offset;
    uint64_t length;
};

struct extents {
    uint32_t count;
    struct extent extent[MAX_EXTENTS];
};

/*
 * Resolves an open file. Refused (EXTENTS_UNUSABLE): shared, inline, encoded, unwritten, delayed or unaligned ones, a journal of
 * data, a file system without a block device of its own, or other than ext2, ext3, ext4 and XFS. device: kernel name.
 */
int extents_resolve(struct extents *extents, int fd, const char *path, char device[32], struct fault *fault);

/*
 * By address. Fault NOT_WRITABLE_BY_ADDRESS where the kernel forbids writing under a mounted file system
 * (bdev_allow_write_mounted=0) or the device can't be opened. The caller has to check magic and uuid by reading before it writes.
 */
int medium_by_address(struct medium **medium, const char *device, const struct extents *extents, uint64_t size_bytes, bool writable,
                      struct fault *fault);
/* Through the file, direct: only while its file system is mounted read-write. Takes the immutable flag off for the time it is open. */
int medium_by_file(struct medium **medium, const char *path, bool writable, struct fault *fault);
/* Sets or clears chattr's `i` where the file system has it; errors are not counted. */
void file_set_immutable(int fd, bool immutable);

#endif
