/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fingerprint of a volume: what any foreign mount, restore or revert would change, as lines of `key=value`, read from
 * the raw device with O_DIRECT before anything mounts it. Two fingerprints of one volume are compared as text; the lines that
 * differ are the evidence.
 *
 * Kinds that show a mount: ext2/3/4, XFS, btrfs, md members with redundancy, and partition tables of nothing but these. What hides
 * its content (FAT, swap, LUKS, LVM members, raw) is `opaque`: writes beneath it can't be seen here.
 */
#ifndef BLKTRACK_FINGERPRINT_H
#define BLKTRACK_FINGERPRINT_H

#include <stdbool.h>

#include "table/table_format.h"

struct sector_range {
    uint64_t start_sector;      /* on the volume */
    uint64_t sector_count;
};

#define MAX_CHANGED_RANGES 1024
#define VM_GENERATION "vm_generation_id"    /* the line that an early boot without qemu_fw_cfg has not */

struct fingerprint {
    char text[TABLE_FINGERPRINT_BYTES];
    uint32_t length;
    uint32_t overflow_digest;   /* of the lines that had no room; they still count */
    char opaque[96];            /* empty: every mount shows; else what hides its content: "partition 1 (fat)" */
    struct sector_range changed[MAX_CHANGED_RANGES];    /* what the storage stack may write after the last save */
    unsigned int changed_count;
};

/* fd: the volume, opened with O_DIRECT (a plain file serves in tests). */
int fingerprint_take(struct fingerprint *fingerprint, int fd, uint64_t size_bytes, uint64_t start_sector, const char *identity,
                     struct fault *fault);
/* Takes that line out. */
void fingerprint_forget(struct fingerprint *fingerprint, const char *key);
/* A VM generation that only `now` has is no difference: the save could not know it, or not whether the next start would. 0: the same; 1: evidence says what differs, such as "ext4 mount count 3 -> 4". Texts need not end in a zero. */
int fingerprint_compare(const char *saved, size_t saved_length, const char *now, size_t now_length, char *evidence, size_t size);
/* The value of a key, or -1. */
int fingerprint_value(const char *text, size_t length, const char *key, char *value, size_t size);
/* Partition UUID or file-system UUID of the content, as "ptuuid:…" or "fsuuid:…"; empty when there is none. */
int content_identity(int fd, uint64_t size_bytes, char *identity, size_t size, struct fault *fault);

#endif
