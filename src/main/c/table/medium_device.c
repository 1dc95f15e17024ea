/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two real media. By address: pread and pwrite with O_DIRECT on the block device, through the extents. Through the file: for state folders
 * whose device can't be written, as long as their file system is read-write; a clean shutdown of such a machine leaves the table dirty.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "table/extents.h"
#include "table/transfers.h"
#include "volume/identity.h"

struct device_medium {
    struct medium medium;
    int fd;
    bool restore_immutable;
    struct extents extents;     /* none: the file itself */
    struct transfers *transfers;
};

static int transfer(struct device_medium *device, bool write, uint64_t offset, void *data, size_t length, struct fault *fault)
{
    uint8_t *at = data;

    while (length > 0) {
        ssize_t done = write ? pwrite(device->fd, at, length, (off_t)offset) : pread(device->fd, at, length, (off_t)offset);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0) {
            if (done == 0)
                errno = EIO;
            return fault_errno(fault, STATUS_FAILED, write ? "TABLE_WRITE_FAILED" : "TABLE_UNREADABLE", "cannot %s %s at byte %llu",
                               write ? "write" : "read", device->medium.name, (unsigned long long)offset);
        }
        at += done;
        offset += (uint64_t)done;
        length -= (size_t)done;
    }
    return 0;
}

/* Each piece of the range that one extent covers. */
static int mapped(struct device_medium *device, bool write, uint64_t offset, void *data, size_t length, struct fault *fault)
{
    uint8_t *at = data;

    if (device->extents.count == 0)
        return transfer(device, write, offset, data, length, fault);
    for (uint32_t index = 0; index < device->extents.count && length > 0; index++) {
        const struct extent *extent = &device->extents.extent[index];
        if (offset < extent->file_offset || offset >= extent->file_offset + extent->length)
            continue;
        uint64_t inside = offset - extent->file_offset;
        size_t part = extent->length - inside < length ? (size_t)(extent->length - inside) : length;
        if (transfer(device, write, extent->device_offset + inside, at, part, fault))
            return -1;
        at += part;
        offset += part;
        length -= part;
    }
    return length == 0 ? 0 : fault_set(fault, STATUS_STATE_CORRUPT, "TABLE_CORRUPT", NULL, "the extents of %s have a hole at byte %llu",
                                       device->medium.name, (unsigned long long)offset);
}

static int device_read(struct medium *medium, uint64_t offset, void *data, size_t length, struct fault *fault)
{
    return mapped((struct device_medium *)medium, false, offset, data, length, fault);
}

static int device_write(struct medium *medium, uint64_t offset, const void *data, size_t length, struct fault *fault)
{
    return mapped((struct device_medium *)medium, true, offset, (void *)data, length, fault);
}

static int make_transfer(struct medium *medium, struct transfer *transfer)
{
    return mapped((struct device_medium *)medium, transfer->write, transfer->offset_bytes, transfer->data, transfer->length, &transfer->fault);
}

/* Started by the first transfer; several volumes may be the first at the same time. */
static struct transfers *transfers_of(struct device_medium *device)
{
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

    pthread_mutex_lock(&mutex);
    if (!device->transfers)
        device->transfers = transfers_start(&device->medium, make_transfer);
    struct transfers *transfers = device->transfers;
    pthread_mutex_unlock(&mutex);
    return transfers;
}

static void device_begin(struct medium *medium, struct transfer *transfer)
{
    struct transfers *transfers = transfers_of((struct device_medium *)medium);

    transfer->queued = transfers != NULL;
    if (transfers)
        transfers_begin(transfers, transfer);
    else
        transfer->result = make_transfer(medium, transfer);
}

static int device_flush(struct medium *medium, struct fault *fault)
{
    struct device_medium *device = (struct device_medium *)medium;

    return fdatasync(device->fd) ? fault_errno(fault, STATUS_FAILED, "TABLE_WRITE_FAILED", "cannot flush %s", medium->name) : 0;
}

static void device_close(struct medium *medium)
{
    struct device_medium *device = (struct device_medium *)medium;

    if (device->transfers)
        transfers_stop(device->transfers);
    if (device->restore_immutable)
        file_set_immutable(device->fd, true);
    close(device->fd);
    free(device);
}

static struct device_medium *new_medium(uint64_t size_bytes, struct fault *fault)
{
    struct device_medium *device = calloc(1, sizeof *device);

    if (!device) {
        fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot open the table");
        return NULL;
    }
    device->medium = (struct medium){ .read = device_read, .write = device_write, .flush = device_flush, .close = device_close,
                                      .begin = device_begin, .wait = transfers_wait, .size_bytes = size_bytes };
    return device;
}

int medium_by_address(struct medium **medium, const char *name, const struct extents *extents, uint64_t size_bytes, bool writable,
                      struct fault *fault)
{
    struct device_medium *device = new_medium(size_bytes, fault);

    if (!device)
        return -1;
    device->extents = *extents;
    snprintf(device->medium.name, sizeof device->medium.name, "the table on /dev/%s", name);
    device->fd = identity_open(name, (writable ? O_RDWR : O_RDONLY) | O_DIRECT, fault);
    if (device->fd < 0) {
        free(device);
        return writable ? fault_set(fault, STATUS_REFUSED, "NOT_WRITABLE_BY_ADDRESS",
                                    "Start the kernel with bdev_allow_write_mounted=1, or keep the table on a device that nothing mounts.",
                                    "/dev/%s cannot be opened for writing beneath its file system: %s", name, strerror(errno))
                        : -1;
    }
    *medium = &device->medium;
    return 0;
}

int medium_by_file(struct medium **medium, const char *path, bool writable, struct fault *fault)
{
    struct device_medium *device = new_medium(0, fault);
    struct stat status;

    if (!device)
        return -1;
    snprintf(device->medium.name, sizeof device->medium.name, "%s", path);
    if (writable) {
        int reader = open(path, O_RDONLY | O_CLOEXEC);
        if (reader >= 0) {
            file_set_immutable(reader, false);
            close(reader);
        }
    }
    int flags = (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC;
    device->fd = open(path, flags | O_DIRECT);
    if (device->fd < 0 && errno == EINVAL)
        device->fd = open(path, flags);     /* tmpfs of older kernels */
    if (device->fd < 0 || fstat(device->fd, &status)) {
        bool missing = errno == ENOENT;
        fault_errno(fault, missing ? STATUS_STATE_CORRUPT : STATUS_FAILED, missing ? "TABLE_MISSING" : "TABLE_UNREADABLE", "cannot open %s", path);
        if (device->fd >= 0)
            close(device->fd);
        free(device);
        return -1;
    }
    device->restore_immutable = writable;
    device->medium.size_bytes = (uint64_t)status.st_size;
    *medium = &device->medium;
    return 0;
}
