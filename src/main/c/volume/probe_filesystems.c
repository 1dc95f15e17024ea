/* SPDX-License-Identifier: Apache-2.0 */
/*
 * File systems that leave a trace of every mount. Offsets: Linux, fs/ext4/ext4.h, include/linux/jbd2.h, fs/xfs/libxfs/xfs_format.h and
 * xfs_log_format.h, include/uapi/linux/btrfs_tree.h.
 */
#include <string.h>

#include "volume/probe.h"

/* ext2/3/4: one superblock at byte 1024. */
#define EXT_OFFSET 1024
#define EXT_BYTES 1024
#define EXT_MAGIC 0xef53
#define EXT_COMPAT_HAS_JOURNAL 0x4u
#define EXT_INCOMPAT_EXTENTS 0x40u
#define EXT_JOURNAL_BACKED_UP 1
#define EXTENT_MAGIC 0xf30a
#define JBD2_MAGIC 0xc03b3998u

/* The superblock keeps a copy of the journal inode's block list: the first block is the journal's superblock. */
static uint64_t ext_journal_block(const uint8_t *super)
{
    const uint8_t *blocks = super + 0x10c;

    if (super[0xfd] != EXT_JOURNAL_BACKED_UP || le32(super + 0xe0) == 0)
        return 0;
    if (le16(blocks) != EXTENT_MAGIC)
        return le32(blocks);
    bool leaf = le16(blocks + 6) == 0, starts_at_zero = le16(blocks + 2) > 0 && le32(blocks + 12) == 0;
    return leaf && starts_at_zero ? le32(blocks + 20) | (uint64_t)le16(blocks + 18) << 32 : 0;
}

static int ext_journal(const struct probe *probe, const uint8_t *super, uint64_t block_bytes, struct fault *fault)
{
    uint64_t block = ext_journal_block(super);
    uint8_t journal[1024];

    if (block == 0 || block >= probe->size_bytes / block_bytes)
        return 0;
    if (probe_read(probe, block * block_bytes, journal, sizeof journal, fault))
        return -1;
    if (be32(journal) != JBD2_MAGIC)
        return 0;
    probe_line(probe, "journal.sequence", "%u", be32(journal + 0x18));
    probe_line(probe, "journal.start", "%u", be32(journal + 0x1c));
    return 0;
}

enum probe_result probe_ext(const struct probe *probe, struct fault *fault)
{
    uint8_t super[EXT_BYTES];
    uint64_t digest;

    if (probe->size_bytes < EXT_OFFSET + EXT_BYTES)
        return NOT_MINE;
    if (probe_read(probe, EXT_OFFSET, super, sizeof super, fault))
        return PROBE_FAILED;
    if (le16(super + 0x38) != EXT_MAGIC || le32(super + 0x18) > 6)
        return NOT_MINE;
    uint64_t block_bytes = 1024ull << le32(super + 0x18);
    uint64_t blocks = le32(super + 4) | (le32(super + 0x60) & 0x80 ? (uint64_t)le32(super + 0x150) << 32 : 0);
    if (blocks == 0 || blocks > probe->size_bytes / block_bytes)
        return NOT_MINE;    /* does not fit its device: no file system that could be mounted here */
    bool journal = le32(super + 0x5c) & EXT_COMPAT_HAS_JOURNAL, extents = le32(super + 0x60) & EXT_INCOMPAT_EXTENTS;
    const char *kind = extents ? "ext4" : journal ? "ext3" : "ext2";
    char key[40];
#define LINE(name, format, ...) (snprintf(key, sizeof key, "%s.%s", kind, name), probe_line(probe, key, format, __VA_ARGS__))
    snprintf(key, sizeof key, "%s.uuid", kind);
    probe_uuid(probe, key, super + 0x68);
    LINE("mount_count", "%u", le16(super + 0x34));
    LINE("mount_time", "%llu", (unsigned long long)(le32(super + 0x2c) | (uint64_t)super[0x275] << 32));
    LINE("write_time", "%llu", (unsigned long long)(le32(super + 0x30) | (uint64_t)super[0x274] << 32));
    LINE("last_mounted_on", "%.64s", super + 0x88);
    LINE("state", "%u", le16(super + 0x3a));
    LINE("check_time", "%u", le32(super + 0x40));
    LINE("kbytes_written", "%llu", (unsigned long long)le64(super + 0x178));
    LINE("free_blocks", "%llu", (unsigned long long)(le32(super + 0xc) | (uint64_t)le32(super + 0x158) << 32));
    LINE("free_inodes", "%u", le32(super + 0x10));
    LINE("features", "%08x.%08x.%08x", le32(super + 0x5c), le32(super + 0x60), le32(super + 0x64));
    if (ext_journal(probe, super, block_bytes, fault) || probe_digest(probe, EXT_OFFSET, EXT_BYTES, &digest, fault))
        return PROBE_FAILED;
    LINE("superblock_digest", "%016llx", (unsigned long long)digest);
#undef LINE
    probe_changed(probe, 0, EXT_OFFSET + EXT_BYTES);
    return COVERED;
}

/* XFS: big-endian; one superblock that counts, at byte 0. */
#define XFS_MAGIC 0x58465342u
#define XFS_SUPER_BYTES 512
#define XFS_LOG_HEADER_MAGIC 0xfeedbabeu
#define XFS_LOG_WINDOW (128 * 1024)     /* looked at before and behind the head: a mount writes at least there */

static int xfs_log_cycle(const struct probe *probe, uint64_t log_bytes, uint64_t block, uint32_t *cycle, struct fault *fault)
{
    uint8_t words[PROBE_SECTOR_BYTES];

    if (probe_read(probe, log_bytes + block * PROBE_SECTOR_BYTES, words, sizeof words, fault))
        return -1;
    *cycle = be32(words) == XFS_LOG_HEADER_MAGIC ? be32(words + 4) : be32(words);
    return 0;
}

/* Every block of the log carries the cycle in which it was written: the head is where the first block's cycle ends. */
static int xfs_log(const struct probe *probe, uint64_t log_bytes, uint64_t blocks, struct fault *fault)
{
    uint32_t first_cycle, cycle;
    uint64_t digest;
    uint64_t low = 0, high = blocks;    /* the cycle is the first one's at low, another at high */

    if (xfs_log_cycle(probe, log_bytes, 0, &first_cycle, fault))
        return -1;
    while (high - low > 1) {
        uint64_t middle = low + (high - low) / 2;
        if (xfs_log_cycle(probe, log_bytes, middle, &cycle, fault))
            return -1;
        if (cycle == first_cycle)
            low = middle;
        else
            high = middle;
    }
    uint64_t head = high * PROBE_SECTOR_BYTES;
    uint64_t from = head > XFS_LOG_WINDOW ? head - XFS_LOG_WINDOW : 0;
    uint64_t to = head + XFS_LOG_WINDOW < blocks * PROBE_SECTOR_BYTES ? head + XFS_LOG_WINDOW : blocks * PROBE_SECTOR_BYTES;
    if (probe_digest(probe, log_bytes + from, to - from, &digest, fault))
        return -1;
    probe_line(probe, "xfs.log_cycle", "%u", first_cycle);
    probe_line(probe, "xfs.log_head", "%llu", (unsigned long long)high);
    probe_line(probe, "xfs.log_digest", "%016llx", (unsigned long long)digest);
    return 0;
}

enum probe_result probe_xfs(const struct probe *probe, struct fault *fault)
{
    uint8_t super[XFS_SUPER_BYTES];
    uint64_t digest;

    if (probe->size_bytes < 4 * 1024 * 1024)
        return NOT_MINE;
    if (probe_read(probe, 0, super, sizeof super, fault))
        return PROBE_FAILED;
    if (be32(super) != XFS_MAGIC)
        return NOT_MINE;
    uint64_t block_bytes = be32(super + 4), ag_blocks = be32(super + 84), log_start = be64(super + 48), log_blocks = be32(super + 96);
    unsigned int ag_shift = super[124];
    if (block_bytes < 512 || block_bytes > 65536 || ag_shift > 31 || be64(super + 8) > probe->size_bytes / block_bytes)
        return NOT_MINE;
    probe_uuid(probe, "xfs.uuid", super + 32);
    probe_line(probe, "xfs.sequence", "%llu.%llu", (unsigned long long)(be64(super + 240) >> 32),
               (unsigned long long)(be64(super + 240) & 0xffffffffu));
    probe_line(probe, "xfs.free_blocks", "%llu", (unsigned long long)be64(super + 144));
    probe_line(probe, "xfs.inodes", "%llu", (unsigned long long)be64(super + 128));
    probe_line(probe, "xfs.free_inodes", "%llu", (unsigned long long)be64(super + 136));
    if (probe_digest(probe, 0, sizeof super, &digest, fault))
        return PROBE_FAILED;
    probe_line(probe, "xfs.superblock_digest", "%016llx", (unsigned long long)digest);
    probe_changed(probe, 0, PAGE_BYTES);
    if (log_start == 0)
        return probe_opaque(probe, "xfs with an external log");
    uint64_t log_bytes = ((log_start >> ag_shift) * ag_blocks + (log_start & ((1ull << ag_shift) - 1))) * block_bytes;
    if (log_bytes > probe->size_bytes || log_blocks > (probe->size_bytes - log_bytes) / block_bytes || log_blocks == 0)
        return NOT_MINE;
    return xfs_log(probe, log_bytes, log_blocks * block_bytes / PROBE_SECTOR_BYTES, fault) ? PROBE_FAILED : COVERED;
}

/* btrfs: a superblock at 64 KiB, with mirrors; each commit raises the generation. */
#define BTRFS_OFFSET 65536
#define BTRFS_MAGIC "_BHRfS_M"

enum probe_result probe_btrfs(const struct probe *probe, struct fault *fault)
{
    static const uint64_t mirrors[] = { BTRFS_OFFSET, 64ull << 20, 256ull << 30 };
    uint8_t super[PAGE_BYTES];
    uint64_t digest;

    if (probe->size_bytes < BTRFS_OFFSET + sizeof super)
        return NOT_MINE;
    if (probe_read(probe, BTRFS_OFFSET, super, sizeof super, fault))
        return PROBE_FAILED;
    if (memcmp(super + 0x40, BTRFS_MAGIC, 8) != 0 || le64(super + 0xc9 + 8) > probe->size_bytes)
        return NOT_MINE;
    probe_uuid(probe, "btrfs.uuid", super + 0x20);
    probe_line(probe, "btrfs.generation", "%llu", (unsigned long long)le64(super + 0x48));
    probe_line(probe, "btrfs.log_root", "%llu", (unsigned long long)le64(super + 0x60));
    probe_line(probe, "btrfs.bytes_used", "%llu", (unsigned long long)le64(super + 0x78));
    probe_line(probe, "btrfs.devices", "%llu", (unsigned long long)le64(super + 0x88));
    if (probe_digest(probe, BTRFS_OFFSET, sizeof super, &digest, fault))
        return PROBE_FAILED;
    probe_line(probe, "btrfs.superblock_digest", "%016llx", (unsigned long long)digest);
    for (size_t mirror = 0; mirror < sizeof mirrors / sizeof *mirrors; mirror++)
        probe_changed(probe, mirrors[mirror], sizeof super);
    return COVERED;
}
