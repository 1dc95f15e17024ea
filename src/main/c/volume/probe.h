/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the fingerprint: reading one region of a device and writing lines about it. */
#ifndef BLKTRACK_PROBE_H
#define BLKTRACK_PROBE_H

#include <stdio.h>

#include "volume/fingerprint.h"

#define PROBE_SECTOR_BYTES 512
#define OVERFLOW_ROOM 64        /* of the text, for the digest of what finds no room */

struct probe {
    int fd;
    uint64_t base_bytes;            /* of the region on the volume: a partition of a tracked disk */
    uint64_t size_bytes;
    uint64_t device_bytes;
    uint32_t block_bytes;           /* logical */
    unsigned int partition;         /* 0: the volume itself */
    struct fingerprint *into;
};

/* NOT_MINE must be 0; OPAQUE: recognised, but its content can change unseen. */
enum probe_result { NOT_MINE = 0, COVERED = 1, OPAQUE = 2, PROBE_FAILED = -1 };

int probe_read(const struct probe *probe, uint64_t offset_bytes, void *data, size_t length, struct fault *fault);
/*
 * FNV-1a, 64 bits, of a range, at most what lies on the region. Not a CRC: over a structure that carries a CRC of its own
 * another one of the same polynomial gives the same value whatever is in it.
 */
int probe_digest(const struct probe *probe, uint64_t offset_bytes, uint64_t length, uint64_t *digest, struct fault *fault);
void probe_line(const struct probe *probe, const char *key, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* A region that the storage stack may write after the last save. */
void probe_changed(const struct probe *probe, uint64_t offset_bytes, uint64_t length);
/* Notes what hides the region's content, naming the partition; the first one found stays. Gives OPAQUE. */
enum probe_result probe_opaque(const struct probe *probe, const char *kind);
void probe_uuid(const struct probe *probe, const char *key, const uint8_t uuid[16]);

enum probe_result probe_ext(const struct probe *probe, struct fault *fault);
enum probe_result probe_xfs(const struct probe *probe, struct fault *fault);
enum probe_result probe_btrfs(const struct probe *probe, struct fault *fault);
enum probe_result probe_luks(const struct probe *probe, struct fault *fault);
enum probe_result probe_lvm(const struct probe *probe, struct fault *fault);
enum probe_result probe_md(const struct probe *probe, struct fault *fault);
enum probe_result probe_other(const struct probe *probe, struct fault *fault);
enum probe_result probe_partitions(const struct probe *probe, struct fault *fault);
/* All kinds but partition tables, in the order that settles doubts. */
enum probe_result probe_content(const struct probe *probe, struct fault *fault);

static inline uint16_t le16(const uint8_t *at) { return (uint16_t)(at[0] | at[1] << 8); }
static inline uint32_t le32(const uint8_t *at) { return le16(at) | (uint32_t)le16(at + 2) << 16; }
static inline uint64_t le64(const uint8_t *at) { return le32(at) | (uint64_t)le32(at + 4) << 32; }
static inline uint16_t be16(const uint8_t *at) { return (uint16_t)(at[0] << 8 | at[1]); }
static inline uint32_t be32(const uint8_t *at) { return (uint32_t)be16(at) << 16 | be16(at + 2); }
static inline uint64_t be64(const uint8_t *at) { return (uint64_t)be32(at) << 32 | be32(at + 4); }

#endif
