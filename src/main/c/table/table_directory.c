/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The directory: one entry a volume, each with a checksum of its own, so that after a crash (when the directory as a
 * whole has none) the entries still tell which volumes to track.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc32c.h"
#include "table/table.h"

#define MIN_GRANULE_BYTES 4096u
#define MAX_GRANULE_BYTES (1024u * 1024u)
#define MAX_SECTORS (1ull << 40)    /* 512 TiB: keeps every sum below far from overflow */
#define BITS_A_PAGE (PAGE_BYTES * 8ull)

static uint64_t round_up(uint64_t value, uint64_t unit)
{
    return (value + unit - 1) / unit * unit;
}

uint64_t table_bitmap_bytes(uint64_t sector_count, uint32_t granule_bytes)
{
    uint64_t granules = round_up(sector_count * SECTOR_BYTES, granule_bytes) / granule_bytes;

    return round_up(granules, BITS_A_PAGE) / 8;
}

uint64_t table_area_bytes(uint64_t sector_count, uint32_t granule_bytes)
{
    uint64_t bitmap_bytes = table_bitmap_bytes(sector_count, granule_bytes);
    uint64_t sums_bytes = round_up(2 * (bitmap_bytes / PAGE_BYTES) * sizeof(struct page_sum), PAGE_BYTES);

    return sums_bytes + 2 * bitmap_bytes;
}

static bool all_zero(const void *data, size_t length)
{
    const uint8_t *byte = data;

    return length == 0 || (byte[0] == 0 && memcmp(byte, byte + 1, length - 1) == 0);
}

/* Ends in a zero, with nothing but zeros behind it. */
static bool text_valid(const char *text, size_t size)
{
    size_t length = strnlen(text, size);

    return length < size && all_zero(text + length, size - length);
}

static uint32_t entry_crc(const struct table_entry *entry)
{
    static const uint8_t zero[sizeof entry->entry_crc];

    return crc32c_more(crc32c(zero, sizeof zero), (const uint8_t *)entry + sizeof zero, sizeof *entry - sizeof zero);
}

const char *table_entry_flaw(const struct table_header *header, const struct table_entry *entry)
{
    if (entry->entry_crc != entry_crc(entry))
        return "its checksum is wrong";
    if (!(entry->flags & ENTRY_IN_USE) || (entry->flags & ~ENTRY_FLAGS) || entry->reserved || !all_zero(entry->zero, sizeof entry->zero))
        return "a field that must be zero is not";
    if (entry->granule_bytes < MIN_GRANULE_BYTES || entry->granule_bytes > MAX_GRANULE_BYTES ||
        (entry->granule_bytes & (entry->granule_bytes - 1)))
        return "its granule size is impossible";
    if (entry->sector_count == 0 || entry->sector_count > MAX_SECTORS)
        return "its size is impossible";
    if (entry->bitmap_bytes != table_bitmap_bytes(entry->sector_count, entry->granule_bytes) ||
        entry->area_bytes != table_area_bytes(entry->sector_count, entry->granule_bytes))
        return "its bitmaps do not fit its size";
    if (entry->area_offset % PAGE_BYTES || entry->area_offset < header->area_offset || entry->area_offset > header->size_bytes ||
        entry->area_bytes > header->size_bytes - entry->area_offset)
        return "its area is not in the file";
    if (!entry->identity[0] || !text_valid(entry->identity, sizeof entry->identity) || !text_valid(entry->device, sizeof entry->device) ||
        !text_valid(entry->reason, sizeof entry->reason) || !text_valid(entry->evidence, sizeof entry->evidence))
        return "a text in it is not ended properly";
    if (entry->fingerprint_bytes > sizeof entry->fingerprint ||
        !all_zero(entry->fingerprint + entry->fingerprint_bytes, sizeof entry->fingerprint - entry->fingerprint_bytes))
        return "its fingerprint is not ended properly";
    return NULL;
}

static bool overlap(const struct table_entry *one, const struct table_entry *other)
{
    return one->area_offset < other->area_offset + other->area_bytes && other->area_offset < one->area_offset + one->area_bytes;
}

static const char *flaw_among(const struct table *table, uint32_t index)
{
    const struct table_entry *entry = &table->entries[index];
    const char *flaw = table_entry_flaw(&table->header, entry);

    for (uint32_t other = 0; !flaw && other < index; other++) {
        if (!(table->entries[other].flags & ENTRY_IN_USE))
            continue;
        if (overlap(entry, &table->entries[other]))
            flaw = "its area overlaps another's";
        else if (strcmp(entry->identity, table->entries[other].identity) == 0)
            flaw = "its identity stands there twice";
    }
    return flaw;
}

int table_read_directory(struct table *table, struct fault *fault)
{
    size_t length = (size_t)table->header.entry_count * TABLE_ENTRY_BYTES;

    table->entries = page_alloc(length);
    table->on_disk = page_alloc(length);
    if (!table->entries || !table->on_disk)
        return fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot read the table's directory");
    if (medium_read(table->medium, TABLE_DIRECTORY_OFFSET, table->entries, length, fault))
        return -1;
    memcpy(table->on_disk, table->entries, length);
    if (table_is_clean(table) && crc32c(table->entries, length) != table->header.directory_crc)
        return fault_set(fault, STATUS_STATE_CORRUPT, "TABLE_CORRUPT", NULL, "the directory of %s has a wrong checksum", table->medium->name);
    for (uint32_t index = 0; index < table->header.entry_count; index++) {
        struct table_entry *entry = &table->entries[index];
        const char *flaw = all_zero(entry, sizeof *entry) ? NULL : flaw_among(table, index);
        if (flaw && table_is_clean(table))
            return fault_set(fault, STATUS_STATE_CORRUPT, "TABLE_CORRUPT", NULL, "entry %u of %s is damaged: %s", index,
                             table->medium->name, flaw);
        if (flaw) {
            memset(entry, 0, sizeof *entry);
            table->damaged++;
        }
    }
    return 0;
}

/* Entries that did not change stay as they are, byte for byte: a volume that is late keeps what was saved. */
int table_write_directory(struct table *table, struct fault *fault)
{
    for (uint32_t index = 0; index < table->header.entry_count; index++) {
        struct table_entry *entry = &table->entries[index];
        uint64_t offset = TABLE_DIRECTORY_OFFSET + (uint64_t)index * TABLE_ENTRY_BYTES;

        if (entry->flags & ENTRY_IN_USE)
            entry->entry_crc = entry_crc(entry);
        else
            memset(entry, 0, sizeof *entry);
        if (memcmp(entry, &table->on_disk[index], sizeof *entry) == 0)
            continue;
        if (medium_write(table->medium, offset, entry, sizeof *entry, fault))
            return -1;
        table->on_disk[index] = *entry;
    }
    return 0;
}

struct table_entry *table_find(const struct table *table, const char *identity)
{
    for (uint32_t index = 0; index < table->header.entry_count; index++)
        if ((table->entries[index].flags & ENTRY_IN_USE) && strcmp(table->entries[index].identity, identity) == 0)
            return &table->entries[index];
    return NULL;
}

/* First fit: behind the directory, or right behind any other area. */
static bool find_room(const struct table *table, uint64_t area_bytes, uint64_t *offset)
{
    const struct table_header *header = &table->header;

    for (int64_t before = -1; before < (int64_t)header->entry_count; before++) {
        if (before >= 0 && !(table->entries[before].flags & ENTRY_IN_USE))
            continue;
        struct table_entry want = { .area_bytes = area_bytes };
        want.area_offset = before < 0 ? header->area_offset : table->entries[before].area_offset + table->entries[before].area_bytes;
        if (want.area_offset > header->size_bytes || area_bytes > header->size_bytes - want.area_offset)
            continue;
        bool taken = false;
        for (uint32_t index = 0; index < header->entry_count && !taken; index++)
            taken = (table->entries[index].flags & ENTRY_IN_USE) && overlap(&want, &table->entries[index]);
        if (!taken) {
            *offset = want.area_offset;
            return true;
        }
    }
    return false;
}

int table_place(struct table *table, const char *identity, uint64_t sector_count, uint32_t granule_bytes,
                struct table_entry **entry, struct fault *fault)
{
    uint64_t area_bytes = table_area_bytes(sector_count, granule_bytes), offset;

    for (uint32_t index = 0; index < table->header.entry_count; index++) {
        struct table_entry *free_entry = &table->entries[index];
        if (free_entry->flags & ENTRY_IN_USE)
            continue;
        if (!find_room(table, area_bytes, &offset))
            break;
        memset(free_entry, 0, sizeof *free_entry);
        free_entry->flags = ENTRY_IN_USE;
        free_entry->sector_count = sector_count;
        free_entry->granule_bytes = granule_bytes;
        free_entry->area_offset = offset;
        free_entry->area_bytes = area_bytes;
        free_entry->bitmap_bytes = table_bitmap_bytes(sector_count, granule_bytes);
        memcpy(free_entry->identity, identity, strnlen(identity, TABLE_IDENTITY_BYTES - 1));
        *entry = free_entry;
        return 0;
    }
    return fault_set(fault, STATUS_REFUSED, "TABLE_FULL", NULL, "%s has no room for %s: %llu bytes are needed", table->medium->name, identity,
                     (unsigned long long)area_bytes);
}
