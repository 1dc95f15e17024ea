/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BLKTRACK_DEVICE_H
#define BLKTRACK_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fault.h"

/* A block device as sysfs has it now. */
struct device {
    char path[64];           /* /dev/... as given */
    char name[32];           /* kernel name: sda1 */
    char disk_name[32];      /* whole disk: sda */
    uint32_t dev;            /* kernel encoding, major << 20 | minor */
    uint32_t disk_dev;
    uint64_t diskseq;        /* 0: kernel has none */
    uint64_t node;           /* its disk's inode in sysfs: tells two disks of one name apart where there is no diskseq (before 5.15) */
    uint64_t start_sector;   /* on the disk */
    uint64_t sector_count;
    bool request_based;
    bool zoned;
    bool direct_access;     /* its memory can be mapped and written without any I/O: pmem, and dm on it */
    bool takes_pages;       /* its driver does, before 6.3, without any bio */
};

/* By kernel name. Request-based disks have them; bio-based ones (dm, md, zram, NVMe multipath heads) have none. */
bool disk_has_hardware_queues(const char *disk);
/* bcache lies on it or on a partition of its disk, which is bio-based: without a cache it passes bios on, and no tracepoint tells. */
bool device_is_beneath_bcache(const struct device *device);
int device_open(struct device *device, const char *path, struct fault *fault);
int device_by_number(struct device *device, uint32_t dev, struct fault *fault);

#endif
