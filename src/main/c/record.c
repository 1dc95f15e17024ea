/* SPDX-License-Identifier: Apache-2.0 */
#include "record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "takeover.h"

#define SECTOR_BYTES 512

int record_entry(struct record_writer *writer, int slot, struct table_entry **entry, struct fault *fault)
{
    const struct bt_meta *meta = tracker_meta(writer->tracker, slot);
    struct table *table = &writer->store->table;

    *entry = table_find(table, meta->identity);
    if (*entry && (*entry)->sector_count == meta->sector_count && (*entry)->granule_bytes == meta->granule_bytes)
        return 0;
    if (*entry) {
        pages_set_known(writer->instance, table, *entry, false);
        memset(*entry, 0, sizeof **entry);
    }
    if (table_place(table, meta->identity, meta->sector_count, meta->granule_bytes, entry, fault))
        return -1;
    pages_set_known(writer->instance, table, *entry, false);
    return 0;
}

static uint64_t count_bits(const uint64_t *words, uint64_t bytes)
{
    uint64_t bits = 0;

    for (uint64_t word = 0; word < bytes / sizeof *words; word++)
        bits += (uint64_t)__builtin_popcountll(words[word]);
    return bits;
}

/* The table's own blocks, where they lie on the volume: always changed. A partition's offset counts when the volume is the whole disk. */
static void mark_own_extents(const struct store *store, const struct device *volume, uint32_t granule_bytes, uint64_t *words)
{
    struct device holder;
    struct fault ignored;

    if (!store->by_address || volume_device(&holder, store->device, &ignored) || holder.disk_dev != volume->disk_dev)
        return;
    for (uint32_t index = 0; index < store->extents.count; index++) {
        const struct extent *extent = &store->extents.extent[index];
        uint64_t start = holder.start_sector + extent->device_offset / SECTOR_BYTES, end = start + extent->length / SECTOR_BYTES;
        if (end <= volume->start_sector || start >= volume->start_sector + volume->sector_count)
            continue;
        struct sector_range range = { start > volume->start_sector ? start - volume->start_sector : 0, 0 };
        range.sector_count = end - volume->start_sector - range.start_sector;
        mark_ranges(words, volume->sector_count, granule_bytes, &range, 1);
    }
}

/* A text and nothing but zeros behind it: whatever lay there before is not for the disk. */
static void set_text(char *field, size_t size, const char *text)
{
    memset(field, 0, size);
    memcpy(field, text, strnlen(text, size - 1));
}

/* A volume whose content was made after it was enabled may have got another name: it is found by that one next time. */
static void rename_entry(struct table *table, struct table_entry *entry, struct bt_meta *meta, const struct device *device)
{
    char identity[TABLE_IDENTITY_BYTES];
    struct fault ignored;

    if (identity_of(device->name, identity, &ignored) || !identity[0] || strcmp(identity, entry->identity) == 0 || table_find(table, identity))
        return;
    set_text(entry->identity, sizeof entry->identity, identity);
    set_text(meta->identity, sizeof meta->identity, identity);
}

static void fill_entry(struct record_writer *writer, struct table_entry *entry, struct bt_meta *meta, const struct device *device,
                       const struct fingerprint *fingerprint)
{
    struct volume_stat stat;

    entry->flags = ENTRY_IN_USE | (meta->trust_offline ? ENTRY_TRUST_OFFLINE : 0);
    memcpy(entry->series, meta->series, sizeof entry->series);
    memcpy(entry->epoch, meta->epoch, sizeof entry->epoch);
    set_text(entry->device, sizeof entry->device, meta->device);
    set_text(entry->reason, sizeof entry->reason, meta->reason);
    set_text(entry->evidence, sizeof entry->evidence, meta->evidence);
    memset(entry->fingerprint, 0, sizeof entry->fingerprint);
    entry->fingerprint_bytes = 0;
    entry->diskseq = entry->stat_written = entry->stat_discarded = entry->stat_rest_written = entry->stat_rest_discarded = 0;
    if (!fingerprint)
        return;
    entry->fingerprint_bytes = fingerprint->length;
    memcpy(entry->fingerprint, fingerprint->text, fingerprint->length);
    volume_stat_read(&stat, device);
    /* What this very save writes to its own volume would count as foreign. */
    bool own = strcmp(writer->store->device, device->name) == 0 || strcmp(writer->store->device, device->disk_name) == 0;
    if (!stat.valid || own)
        return;
    entry->flags |= ENTRY_STAT_VALID;
    entry->diskseq = device->diskseq;
    entry->stat_written = stat.written;
    entry->stat_discarded = stat.discarded;
    entry->stat_rest_written = stat.rest_written;
    entry->stat_rest_discarded = stat.rest_discarded;
}

static int read_live(struct record_writer *writer, int slot, uint64_t bitmap_bytes, uint64_t *marked, struct fault *fault)
{
    uint64_t plain_bytes = tracker_plain_words(writer->tracker, slot) * sizeof(uint64_t);

    if (plain_bytes > bitmap_bytes)
        return fault_set(fault, STATUS_STATE_CORRUPT, "TABLE_CORRUPT", NULL, "the bitmaps of slot %d do not fit their place in the table", slot);
    if (bitmap_buffers_fit(&writer->buffers, bitmap_bytes, fault) ||
        tracker_read_live(writer->tracker, slot, BT_DATA, writer->buffers.data, fault) ||
        tracker_read_live(writer->tracker, slot, BT_DISCARD, writer->buffers.discard, fault))
        return -1;
    memset((char *)writer->buffers.data + plain_bytes, 0, bitmap_bytes - plain_bytes);
    memset((char *)writer->buffers.discard + plain_bytes, 0, bitmap_bytes - plain_bytes);
    *marked = count_bits(writer->buffers.data, bitmap_bytes) + count_bits(writer->buffers.discard, bitmap_bytes);
    return 0;
}

int record_count_marked(struct record_writer *writer, int slot, uint64_t bitmap_bytes, uint64_t *marked, struct fault *fault)
{
    return read_live(writer, slot, bitmap_bytes, marked, fault);
}

void record_writer_done(struct record_writer *writer)
{
    bitmap_buffers_free(&writer->buffers);
}

int record_write(struct record_writer *writer, int slot, struct table_entry *entry, const struct fingerprint *fingerprint, uint64_t *marked,
                 struct fault *fault)
{
    struct bt_meta *meta = tracker_meta(writer->tracker, slot);
    struct device device = { 0 };

    if (device_by_number(&device, meta->dev, fault) || read_live(writer, slot, entry->bitmap_bytes, marked, fault))
        return -1;
    uint64_t *data = writer->buffers.data, *discard = writer->buffers.discard;
    if (fingerprint) {
        mark_ranges(data, entry->sector_count, entry->granule_bytes, fingerprint->changed, fingerprint->changed_count);
        rename_entry(&writer->store->table, entry, meta, &device);
    }
    mark_own_extents(writer->store, &device, entry->granule_bytes, data);
    fill_entry(writer, entry, meta, &device, fingerprint);
    bool known = pages_known(writer->instance, &writer->store->table, entry);
    pages_set_known(writer->instance, &writer->store->table, entry, false);
    if (table_write_bitmaps(&writer->store->table, entry, data, discard, !known, &writer->counts, fault))
        return -1;
    pages_set_known(writer->instance, &writer->store->table, entry, true);
    return 0;
}
