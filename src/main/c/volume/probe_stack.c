/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What other layers write at the head or the end of a device. Offsets: the LUKS1 and LUKS2 on-disk format specifications, LVM2's
 * lib/format_text/layout.h, Linux include/uapi/linux/raid/md_p.h.
 */
#include <stdlib.h>
#include <string.h>

#include "volume/probe.h"

#define LUKS_MAGIC "LUKS\xba\xbe"
#define LUKS1_HEADER_BYTES 4096
#define LUKS2_MAX_HEADER_BYTES (4u << 20)
#define LUKS_UUID_OFFSET 168    /* the same in both versions */

enum probe_result probe_luks(const struct probe *probe, struct fault *fault)
{
    uint8_t header[512];
    uint64_t digest;

    if (probe->size_bytes < LUKS1_HEADER_BYTES)
        return NOT_MINE;
    if (probe_read(probe, 0, header, sizeof header, fault))
        return PROBE_FAILED;
    if (memcmp(header, LUKS_MAGIC, 6) != 0)
        return NOT_MINE;
    unsigned int version = be16(header + 6);
    uint64_t bytes = version == 1 ? LUKS1_HEADER_BYTES : be64(header + 8);
    if (bytes < 512 || bytes > LUKS2_MAX_HEADER_BYTES)
        bytes = LUKS1_HEADER_BYTES;
    probe_line(probe, "luks.version", "%u", version);
    probe_line(probe, "luks.uuid", "%.40s", header + LUKS_UUID_OFFSET);
    if (version != 1)
        probe_line(probe, "luks.sequence", "%llu", (unsigned long long)be64(header + 16));
    if (probe_digest(probe, 0, bytes, &digest, fault))
        return PROBE_FAILED;
    probe_line(probe, "luks.header_digest", "%016llx", (unsigned long long)digest);
    probe_changed(probe, 0, version == 1 ? bytes : 2 * bytes);
    return probe_opaque(probe, "luks");
}

#define LVM_LABEL_SECTORS 4
#define LVM_MAX_METADATA (1u << 20)
#define LVM_MAX_AREAS 16

/* "seqno = 12" of the volume group's text; the digest of all of it beside. */
static int lvm_metadata(const struct probe *probe, uint64_t area_offset, struct fault *fault)
{
    uint8_t header[PROBE_SECTOR_BYTES];

    if (area_offset > probe->size_bytes || probe->size_bytes - area_offset < sizeof header)
        return 0;
    if (probe_read(probe, area_offset, header, sizeof header, fault))
        return -1;
    uint64_t offset = le64(header + 40), bytes = le64(header + 48), area_bytes = le64(header + 32);
    if (memcmp(header + 4, " LVM2 x[5A%r0N*>", 16) != 0 || bytes == 0 || bytes > LVM_MAX_METADATA || offset >= area_bytes)
        return 0;
    char *text = calloc(1, bytes + 1);
    if (!text)
        return fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot read a volume");
    uint64_t straight = bytes < area_bytes - offset ? bytes : area_bytes - offset;   /* the text wraps around in its ring */
    int result = probe_read(probe, area_offset + offset, text, straight, fault);
    if (result == 0 && straight < bytes)
        result = probe_read(probe, area_offset + PROBE_SECTOR_BYTES, text + straight, bytes - straight, fault);
    if (result == 0) {
        const char *sequence = strstr(text, "seqno = ");
        probe_line(probe, "lvm.sequence", "%ld", sequence ? atol(sequence + 8) : -1);
        probe_line(probe, "lvm.metadata_crc", "%08x", le32(header + 56));
    }
    free(text);
    return result;
}

enum probe_result probe_lvm(const struct probe *probe, struct fault *fault)
{
    uint8_t sectors[LVM_LABEL_SECTORS * PROBE_SECTOR_BYTES];

    if (probe->size_bytes < sizeof sectors)
        return NOT_MINE;
    if (probe_read(probe, 0, sectors, sizeof sectors, fault))
        return PROBE_FAILED;
    for (int sector = 0; sector < LVM_LABEL_SECTORS; sector++) {
        const uint8_t *label = sectors + sector * PROBE_SECTOR_BYTES;
        uint32_t header_at = le32(label + 20);
        if (memcmp(label, "LABELONE", 8) != 0 || memcmp(label + 24, "LVM2 001", 8) != 0 || header_at > 256)
            continue;
        probe_line(probe, "lvm.pv_uuid", "%.32s", label + header_at);
        probe_changed(probe, 0, sizeof sectors);
        const uint8_t *area = label + header_at + 40, *end = label + PROBE_SECTOR_BYTES - 16;
        while (area < end && le64(area))     /* data areas, then metadata areas, each list ended by zeros */
            area += 16;
        for (area += 16; area < end && le64(area); area += 16) {
            probe_changed(probe, le64(area), le64(area + 8));
            if (lvm_metadata(probe, le64(area), fault))
                return PROBE_FAILED;
        }
        return probe_opaque(probe, "lvm");
    }
    return NOT_MINE;
}

#define MD_MAGIC 0xa92b4efcu
#define MD_SUPER_BYTES 4096

/* Levels with redundancy count an event at every start of writing; raid0 and linear do not. */
static enum probe_result md_member(const struct probe *probe, const uint8_t *super, uint64_t offset)
{
    int32_t level = (int32_t)le32(super + 72);

    probe_uuid(probe, "md.uuid", super + 16);
    probe_line(probe, "md.events", "%llu", (unsigned long long)le64(super + 200));
    probe_line(probe, "md.update_time", "%llu", (unsigned long long)(le64(super + 192) & 0xffffffffffu));
    probe_line(probe, "md.level", "%d", level);
    probe_line(probe, "md.checksum", "%08x", le32(super + 216));
    probe_changed(probe, offset, 64 * 1024);   /* superblock, bad-block list, bitmap's head */
    return level > 0 ? COVERED : probe_opaque(probe, "md without redundancy");
}

enum probe_result probe_md(const struct probe *probe, struct fault *fault)
{
    uint64_t sectors = probe->size_bytes / PROBE_SECTOR_BYTES;

    if (sectors < 256)
        return NOT_MINE;
    uint64_t places[] = { 0, 4096, ((sectors - 16) & ~7ull) * PROBE_SECTOR_BYTES };    /* 1.1, 1.2, 1.0 */
    uint64_t old_place = (probe->size_bytes & ~65535ull) - 65536;                       /* 0.90 */
    uint8_t super[MD_SUPER_BYTES];
    for (size_t place = 0; place < sizeof places / sizeof *places; place++) {
        if (probe_read(probe, places[place], super, sizeof super, fault))
            return PROBE_FAILED;
        if (le32(super) == MD_MAGIC && le32(super + 4) == 1 && le64(super + 144) * PROBE_SECTOR_BYTES == places[place])
            return md_member(probe, super, places[place]);
    }
    if (probe_read(probe, old_place, super, sizeof super, fault))
        return PROBE_FAILED;
    if (le32(super) == MD_MAGIC && le32(super + 4) == 0) {
        uint64_t digest;
        if (probe_digest(probe, old_place, sizeof super, &digest, fault))
            return PROBE_FAILED;
        probe_line(probe, "md.superblock_digest", "%016llx", (unsigned long long)digest);
        probe_changed(probe, old_place, 65536);
        return probe_opaque(probe, "md 0.90");
    }
    return NOT_MINE;
}

/* Known by name, but nothing in them tells of a mount: a FAT volume even takes its dirty flag back. */
enum probe_result probe_other(const struct probe *probe, struct fault *fault)
{
    uint8_t head[PAGE_BYTES];
    const char *kind = NULL;
    uint64_t digest;

    if (probe->size_bytes < sizeof head)
        return NOT_MINE;
    if (probe_read(probe, 0, head, sizeof head, fault))
        return PROBE_FAILED;
    bool boot_sector = le16(head + 510) == 0xaa55;
    if (memcmp(head + PAGE_BYTES - 10, "SWAPSPACE2", 10) == 0) {
        kind = "swap";
        probe_uuid(probe, "swap.uuid", head + 1036);
    } else if (boot_sector && (memcmp(head + 82, "FAT32", 5) == 0 || memcmp(head + 54, "FAT1", 4) == 0)) {
        kind = "fat";
        probe_line(probe, "fat.serial", "%08x", le32(head + (memcmp(head + 82, "FAT32", 5) == 0 ? 67 : 39)));
    } else if (boot_sector && memcmp(head + 3, "NTFS    ", 8) == 0) {
        kind = "ntfs";
    } else if (boot_sector && memcmp(head + 3, "EXFAT   ", 8) == 0) {
        kind = "exfat";
    } else if (memcmp(head, "hsqs", 4) == 0) {
        kind = "squashfs";
    }
    if (!kind)
        return NOT_MINE;
    if (probe_digest(probe, 0, 64 * 1024, &digest, fault))
        return PROBE_FAILED;
    probe_line(probe, "other.kind", "%s", kind);
    probe_line(probe, "other.head_digest", "%016llx", (unsigned long long)digest);
    return probe_opaque(probe, kind);
}
