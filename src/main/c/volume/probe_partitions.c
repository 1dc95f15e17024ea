/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole disk: its partition table, then each partition's content. The type is judged before the content: a diagnostic
 * partition (VMKcore) may hold anything and is never parsed. Offsets: UEFI specification, chapter 5.
 */
#include <stdlib.h>
#include <string.h>

#include "volume/probe.h"

#define GPT_HEADER_BYTES 512
#define GPT_MAX_ENTRIES 1024
#define GPT_ENTRY_BYTES 128
#define MBR_ENTRIES 4
#define MBR_ENTRY_BYTES 16
#define MAX_LOGICAL 128
#define SMALL_BYTES (4u << 20)  /* a partition up to this size is read whole, whatever is in it */

static const uint8_t vmkcore_type[16] = { 0x80, 0x53, 0x27, 0x9d, 0xad, 0x40, 0xdb, 0x11, 0xbf, 0x97, 0x00, 0x0c, 0x29, 0x11, 0xd1, 0xb8 };

/* A partition whose content shows nothing: a small one is read whole, a larger one is named as what can't be seen through. */
static int hidden_content(const struct probe *part, const char *kind, struct fault *fault)
{
    uint64_t digest;

    if (part->size_bytes > SMALL_BYTES) {
        probe_opaque(part, kind);
        return 0;
    }
    if (probe_digest(part, 0, part->size_bytes, &digest, fault))
        return -1;
    probe_line(part, "content_digest", "%016llx", (unsigned long long)digest);
    part->into->opaque[0] = 0;
    return 0;
}

static int partition(const struct probe *disk, unsigned int number, uint64_t start_bytes, uint64_t length, bool parse, struct fault *fault)
{
    struct probe part = *disk;
    char before[sizeof disk->into->opaque];

    part.partition = number;
    probe_line(&part, "start", "%llu", (unsigned long long)(start_bytes / PROBE_SECTOR_BYTES));
    probe_line(&part, "sectors", "%llu", (unsigned long long)(length / PROBE_SECTOR_BYTES));
    if (length == 0 || start_bytes >= disk->size_bytes || length > disk->size_bytes - start_bytes) {
        probe_opaque(&part, "does not fit its disk");
        return 0;
    }
    part.base_bytes = disk->base_bytes + start_bytes;
    part.size_bytes = length;
    memcpy(before, disk->into->opaque, sizeof before);
    disk->into->opaque[0] = 0;
    enum probe_result result = parse ? probe_content(&part, fault) : NOT_MINE;
    if (result == PROBE_FAILED)
        return -1;
    if (result != COVERED && hidden_content(&part, parse ? "unknown content" : "diagnostic", fault))
        return -1;
    if (before[0])          /* the first one found stays the one named */
        memcpy(disk->into->opaque, before, sizeof before);
    return 0;
}

/* Boot code and the gap before the first partition: what a boot loader's installer writes. */
static int boot_area(const struct probe *disk, uint64_t first_bytes, struct fault *fault)
{
    uint64_t digest;

    if (first_bytes > (1u << 20))
        first_bytes = 1u << 20;
    if (probe_digest(disk, 0, first_bytes, &digest, fault))
        return -1;
    probe_line(disk, "boot_area_digest", "%016llx", (unsigned long long)digest);
    return 0;
}

static int gpt_array(const struct probe *disk, const uint8_t *header, const char *key, uint8_t **array, uint32_t *count, struct fault *fault)
{
    uint64_t offset = le64(header + 0x48);
    uint64_t digest;
    uint32_t entries = le32(header + 0x50), bytes = le32(header + 0x54);

    *array = NULL;
    if (entries > GPT_MAX_ENTRIES || bytes != GPT_ENTRY_BYTES || offset > disk->size_bytes / disk->block_bytes ||
        disk->size_bytes - offset * disk->block_bytes < (uint64_t)entries * bytes)
        return 0;
    if (probe_digest(disk, offset * disk->block_bytes, (uint64_t)entries * bytes, &digest, fault))
        return -1;
    probe_line(disk, key, "%016llx", (unsigned long long)digest);
    probe_changed(disk, offset * disk->block_bytes, (uint64_t)entries * bytes);
    *count = entries;
    *array = malloc((size_t)entries * bytes + 1);
    if (!*array)
        return fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot read a partition table");
    return probe_read(disk, offset * disk->block_bytes, *array, (size_t)entries * bytes, fault);
}

static int gpt_backup(const struct probe *disk, uint64_t block, struct fault *fault)
{
    uint8_t header[GPT_HEADER_BYTES], *array;
    uint32_t count;

    if (block >= disk->size_bytes / disk->block_bytes)
        return 0;
    if (probe_read(disk, block * disk->block_bytes, header, sizeof header, fault))
        return -1;
    probe_changed(disk, block * disk->block_bytes, disk->block_bytes);
    if (memcmp(header, "EFI PART", 8) != 0)
        return 0;
    probe_line(disk, "gpt.backup_header_crc", "%08x", le32(header + 0x10));
    int result = gpt_array(disk, header, "gpt.backup_array_digest", &array, &count, fault);
    free(array);
    return result;
}

static enum probe_result gpt(const struct probe *disk, struct fault *fault)
{
    static const uint8_t no_type[16];
    uint8_t header[GPT_HEADER_BYTES], *array = NULL;
    uint32_t count = 0;
    uint64_t first = UINT64_MAX;
    enum probe_result result = PROBE_FAILED;

    if (probe_read(disk, disk->block_bytes, header, sizeof header, fault))
        return PROBE_FAILED;
    if (memcmp(header, "EFI PART", 8) != 0)
        return NOT_MINE;
    probe_uuid(disk, "gpt.disk_guid", header + 0x38);
    probe_line(disk, "gpt.header_crc", "%08x", le32(header + 0x10));
    probe_changed(disk, 0, 2ull * disk->block_bytes);
    if (gpt_array(disk, header, "gpt.array_digest", &array, &count, fault) || gpt_backup(disk, le64(header + 0x20), fault))
        goto out;
    if (!array) {
        result = probe_opaque(disk, "a partition table of unusual shape");
        goto out;
    }
    for (uint32_t index = 0; index < count; index++) {
        const uint8_t *entry = array + (size_t)index * GPT_ENTRY_BYTES;
        if (memcmp(entry, no_type, sizeof no_type) == 0)
            continue;
        uint64_t from = le64(entry + 32), to = le64(entry + 40);
        bool sane = to >= from && to < disk->size_bytes / disk->block_bytes;
        if (sane && from < first)
            first = from;
        if (partition(disk, index + 1, sane ? from * disk->block_bytes : 0, sane ? (to - from + 1) * disk->block_bytes : 0,
                      memcmp(entry, vmkcore_type, sizeof vmkcore_type) != 0, fault))
            goto out;
    }
    if (boot_area(disk, first == UINT64_MAX ? 34ull * disk->block_bytes : first * disk->block_bytes, fault) == 0)
        result = COVERED;
out:
    free(array);
    return result;
}

static bool is_extended(uint8_t type)
{
    return type == 0x05 || type == 0x0f || type == 0x85;
}

/* A chain of small tables, each with one partition and the place of the next. */
static int logical_partitions(const struct probe *disk, uint64_t extended_start, struct fault *fault)
{
    uint8_t sector[PROBE_SECTOR_BYTES];
    uint64_t at = extended_start;

    for (unsigned int number = MBR_ENTRIES + 1; number < MBR_ENTRIES + 1 + MAX_LOGICAL; number++) {
        if (at >= disk->size_bytes / disk->block_bytes)
            return 0;
        if (probe_read(disk, at * disk->block_bytes, sector, sizeof sector, fault))
            return -1;
        if (le16(sector + 510) != 0xaa55)
            break;
        probe_changed(disk, at * disk->block_bytes, sizeof sector);
        const uint8_t *own = sector + 446, *next = own + MBR_ENTRY_BYTES;
        if (le32(own + 12) && partition(disk, number, (at + le32(own + 8)) * disk->block_bytes, (uint64_t)le32(own + 12) * disk->block_bytes, true, fault))
            return -1;
        if (!is_extended(next[4]) || le32(next + 8) == 0)
            return 0;
        at = extended_start + le32(next + 8);
    }
    probe_opaque(disk, "logical partitions"); /* a chain that is broken, or longer than is followed */
    return 0;
}

static enum probe_result mbr(const struct probe *disk, const uint8_t *sector, struct fault *fault)
{
    uint64_t first = UINT64_MAX;
    unsigned int used = 0;

    for (unsigned int index = 0; index < MBR_ENTRIES; index++) {
        const uint8_t *entry = sector + 446 + index * MBR_ENTRY_BYTES;
        if (entry[0] & 0x7f)
            return NOT_MINE;    /* a boot sector of something else */
        used += entry[4] != 0 && le32(entry + 12) != 0;
    }
    if (used == 0)
        return NOT_MINE;
    probe_line(disk, "mbr.signature", "%08x", le32(sector + 440));
    probe_changed(disk, 0, disk->block_bytes);
    for (unsigned int index = 0; index < MBR_ENTRIES; index++) {
        const uint8_t *entry = sector + 446 + index * MBR_ENTRY_BYTES;
        uint64_t start = le32(entry + 8), count = le32(entry + 12);
        if (entry[4] == 0 || count == 0)
            continue;
        if (start < first)
            first = start;
        if (is_extended(entry[4]) ? logical_partitions(disk, start, fault)
                                  : partition(disk, index + 1, start * disk->block_bytes, count * disk->block_bytes, true, fault))
            return PROBE_FAILED;
    }
    return boot_area(disk, first * disk->block_bytes, fault) ? PROBE_FAILED : COVERED;
}

enum probe_result probe_partitions(const struct probe *disk, struct fault *fault)
{
    uint8_t sector[PROBE_SECTOR_BYTES];

    if (disk->size_bytes < 64 * 1024)
        return NOT_MINE;
    if (probe_read(disk, 0, sector, sizeof sector, fault))
        return PROBE_FAILED;
    enum probe_result result = gpt(disk, fault);
    if (result == NOT_MINE && le16(sector + 510) == 0xaa55)
        result = mbr(disk, sector, fault);
    return result;
}
