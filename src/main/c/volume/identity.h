/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stable identity of a volume: what names it after a reboot, whatever the kernel calls it then. Read from sysfs and the
 * device itself, so that it works in an initramfs without udev.
 *
 *   dm:UUID          device-mapper, of LVM and dm-crypt only: theirs are made once and stay
 *   md:UUID          md array
 *   wwn:… serial:…   whole disk
 *   partuuid:…       partition (MBR: signature of the disk and number)
 *   ptuuid:… fsuuid:…   content of a disk that has no name of its own; last resort
 *   loop:INODE:…     loop device: inode of the backing file, and its content's identity or its partition's
 *
 * A loop device over a file without such content, and zram, have none: tracked until the reboot only. That a loop device's identity goes by a
 * file that others may write behind it is safe, since an identity only finds the volume; that its content is what it was, the fingerprint decides.
 */
#ifndef BLKTRACK_IDENTITY_H
#define BLKTRACK_IDENTITY_H

#include "table/table_format.h"

/* name: kernel name, such as sda1. identity: TABLE_IDENTITY_BYTES; empty when there is none. */
int identity_of(const char *name, char *identity, struct fault *fault);

struct identity_scan {
    unsigned int count;
    struct identity_found {
        char name[32];
        char identity[TABLE_IDENTITY_BYTES];
    } *found;
};

/* All block devices that have an identity; devices that can't be read are left out. After a fault `found` is NULL. */
int identity_scan(struct identity_scan *scan, struct fault *fault);
void identity_scan_free(struct identity_scan *scan);
/* Number of devices of that identity; name is one of them. */
unsigned int identity_lookup(const struct identity_scan *scan, const char *identity, char name[32]);
/* Opens /dev/NAME, or a node of its own where there is none yet. flags as for open(2). */
int identity_open(const char *name, int flags, struct fault *fault);

#endif
