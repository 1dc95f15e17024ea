/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Header slots and the marks. At every instant one of the two slots is valid and gives the geometry; a table counts as
 * clean only with both valid, of one uuid and geometry, the clean one with the sequence number behind the dirty one's.
 */
#include "table/table.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/crc32c.h"

static bool all_zero(const void *data, size_t length)
{
    const uint8_t *byte = data;

    return length == 0 || (byte[0] == 0 && memcmp(byte, byte + 1, length - 1) == 0);
}

static uint32_t header_crc(const struct table_header *header)
{
    static const uint8_t zero[sizeof header->header_crc];
    size_t at = offsetof(struct table_header, header_crc);
    uint32_t crc = crc32c(header, at);

    crc = crc32c_more(crc, zero, sizeof zero);
    return crc32c_more(crc, (const uint8_t *)header + at + sizeof zero, sizeof *header - at - sizeof zero);
}

static bool header_valid(const struct table_header *header, uint64_t medium_bytes)
{
    return memcmp(header->magic, TABLE_MAGIC, TABLE_MAGIC_BYTES) == 0 && header->version == TABLE_VERSION &&
           header->header_crc == header_crc(header) && all_zero(header->zero, sizeof header->zero) &&
           (header->state == TABLE_DIRTY || header->state == TABLE_CLEAN) && header->cause <= TABLE_START_FAILED &&
           (header->state == TABLE_CLEAN ? header->cause == 0 : header->directory_crc == 0 && header->home_digest == 0) &&
           header->size_bytes == medium_bytes && header->size_bytes % PAGE_BYTES == 0 &&
           header->entry_count >= 1 && header->entry_count <= TABLE_MAX_ENTRIES &&
           header->area_offset == TABLE_DIRECTORY_OFFSET + (uint64_t)header->entry_count * TABLE_ENTRY_BYTES &&
           header->area_offset <= header->size_bytes;
}

static bool same_geometry(const struct table_header *one, const struct table_header *other)
{
    return memcmp(one->uuid, other->uuid, sizeof one->uuid) == 0 && one->entry_count == other->entry_count;
}

static int write_slot(struct table *table, int slot, struct table_header *header, struct fault *fault)
{
    struct table_header *page = page_alloc(sizeof *page);

    if (!page)
        return fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot write the table's header");
    header->written_at = (uint64_t)time(NULL);
    header->header_crc = header_crc(header);
    *page = *header;
    int result = medium_write(table->medium, (uint64_t)slot * PAGE_BYTES, page, sizeof *page, fault);
    if (result == 0)
        result = medium_flush(table->medium, fault);
    free(page);
    if (result == 0) {
        table->header = *header;
        table->newest = slot;
    }
    return result;
}

/* Chooses the newest valid slot, or says why the table can't be used. */
static int judge_slots(struct table *table, const struct table_header slots[TABLE_SLOTS], struct fault *fault)
{
    const char *name = table->medium->name;
    bool valid[TABLE_SLOTS];
    bool magic = false;

    for (int slot = 0; slot < TABLE_SLOTS; slot++) {
        valid[slot] = header_valid(&slots[slot], table->medium->size_bytes);
        magic |= memcmp(slots[slot].magic, TABLE_MAGIC, TABLE_MAGIC_BYTES) == 0;
    }
    if (!valid[0] && !valid[1])
        return magic ? fault_set(fault, STATUS_STATE_CORRUPT, "TABLE_CORRUPT", NULL, "both header slots of %s are damaged", name)
                     : fault_set(fault, STATUS_STATE_CORRUPT, "TABLE_MISSING", NULL, "there is no tracking table at %s", name);
    int newest = !valid[0] || (valid[1] && slots[1].sequence > slots[0].sequence);
    const struct table_header *header = &slots[newest], *other = &slots[!newest];
    if (header->state == TABLE_CLEAN &&
        (!valid[!newest] || !same_geometry(header, other) || other->state != TABLE_DIRTY || other->sequence + 1 != header->sequence))
        return fault_set(fault, STATUS_STATE_CORRUPT, "TABLE_CORRUPT", NULL,
                         "header slot %d of %s says clean, but slot %d does not go with it", newest, name, !newest);
    if (header->state == TABLE_DIRTY && valid[!newest] && (!same_geometry(header, other) || other->sequence == header->sequence))
        return fault_set(fault, STATUS_STATE_CORRUPT, "TABLE_CORRUPT", NULL, "the header slots of %s contradict each other", name);
    table->header = *header;
    table->newest = newest;
    return 0;
}

static int read_slots(struct table *table, struct fault *fault)
{
    struct table_header *slots = page_alloc(TABLE_SLOTS * sizeof *slots);

    if (!slots)
        return fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot read the table's headers");
    int result = table->medium->size_bytes < TABLE_DIRECTORY_OFFSET
        ? fault_set(fault, STATUS_STATE_CORRUPT, "TABLE_CORRUPT", NULL, "%s is cut off in its headers", table->medium->name)
        : medium_read(table->medium, 0, slots, TABLE_SLOTS * sizeof *slots, fault);
    if (result == 0)
        result = judge_slots(table, slots, fault);
    free(slots);
    return result;
}

int table_read_directory(struct table *table, struct fault *fault);

int table_open(struct table *table, struct medium *medium, const uint8_t *expected_uuid, struct fault *fault)
{
    memset(table, 0, sizeof *table);
    table->medium = medium;
    if (read_slots(table, fault))
        return -1;
    if (expected_uuid && memcmp(table->header.uuid, expected_uuid, sizeof table->header.uuid) != 0)
        return fault_set(fault, STATUS_STATE_CORRUPT, "TABLE_REPLACED", NULL, "%s holds another tracking table than the one made for this instance",
                         medium->name);
    if (table_read_directory(table, fault)) {
        table_close(table);
        return -1;
    }
    return 0;
}

void table_close(struct table *table)
{
    free(table->entries);
    free(table->on_disk);
    table->entries = table->on_disk = NULL;
}

bool table_is_clean(const struct table *table)
{
    return table->header.state == TABLE_CLEAN;
}

int table_mark_dirty(struct table *table, enum table_cause cause, bool starting, const uint8_t boot_id[16], struct fault *fault)
{
    struct table_header header = table->header;
    int slot = table_is_clean(table) ? table->newest : !table->newest;

    header.state = TABLE_DIRTY;
    header.cause = cause;
    header.directory_crc = 0;
    header.home_digest = 0;
    header.sequence++;
    header.starts += starting;
    memcpy(header.boot_id, boot_id, sizeof header.boot_id);
    return write_slot(table, slot, &header, fault);
}

int table_mark_clean(struct table *table, const uint8_t boot_id[16], uint64_t home_digest, struct fault *fault)
{
    struct table_header header = table->header;

    if (table_is_clean(table))
        return fault_set(fault, STATUS_FAILED, "INTERNAL", NULL, "a clean table cannot be saved: it must be marked dirty first");
    if (medium_flush(table->medium, fault))
        return -1;
    header.state = TABLE_CLEAN;
    header.cause = 0;
    header.home_digest = home_digest;
    header.directory_crc = crc32c(table->on_disk, (size_t)header.entry_count * TABLE_ENTRY_BYTES);
    header.sequence++;
    memcpy(header.boot_id, boot_id, sizeof header.boot_id);
    return write_slot(table, !table->newest, &header, fault);
}

/* The first header goes out last: until then there is no table. */
int table_create(struct medium *medium, const uint8_t uuid[16], uint32_t entry_count, const uint8_t boot_id[16], struct fault *fault)
{
    const size_t step = 1024 * 1024;
    uint8_t *zeros = page_alloc(step);
    struct table table = { .medium = medium };
    struct table_header header = { .version = TABLE_VERSION, .sequence = 1, .state = TABLE_DIRTY, .size_bytes = medium->size_bytes,
        .entry_count = entry_count, .area_offset = TABLE_DIRECTORY_OFFSET + (uint64_t)entry_count * TABLE_ENTRY_BYTES };
    int result = -1;

    if (!zeros)
        return fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot make a table");
    for (uint64_t offset = 0; offset < medium->size_bytes; offset += step) {
        uint64_t left = medium->size_bytes - offset;
        if (medium_write(medium, offset, zeros, left < step ? (size_t)left : step, fault))
            goto out;
    }
    if (medium_flush(medium, fault))
        goto out;
    memcpy(header.magic, TABLE_MAGIC, TABLE_MAGIC_BYTES);
    memcpy(header.uuid, uuid, sizeof header.uuid);
    memcpy(header.boot_id, boot_id, sizeof header.boot_id);
    result = write_slot(&table, 0, &header, fault);
    if (result == 0) {
        header.sequence++;
        result = write_slot(&table, 1, &header, fault);
    }
out:
    free(zeros);
    return result;
}
