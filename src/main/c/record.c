/* SPDX-License-Identifier: Apache-2.0 */
#include "record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "epoch.h"
#include "page_sum.h"
#include "takeover.h"

#define WORD_BITS 64

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

/*
 * Marked in the live epoch, not just in what is written: what lies in the table must always be an earlier reading of the live marks, else the number of
 * set bits would not tell whether a page has changed.
 */
static void mark_live(struct epoch *epoch, uint32_t granule_bytes, struct sector_range range)
{
    uint64_t granule_sectors = granule_bytes / SECTOR_BYTES, first = range.start_sector / granule_sectors;

    if (range.sector_count > 0 && first < epoch->granules)
        epoch_mark(epoch, first, (range.start_sector + range.sector_count - 1) / granule_sectors);
}

/* The table's own blocks, where they lie on the volume: always changed. A partition's offset counts when the volume is the whole disk. */
static void mark_own_extents(const struct store *store, const struct device *volume, uint32_t granule_bytes, struct epoch *epoch)
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
        mark_live(epoch, granule_bytes, range);
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

/*
 * The live bitmaps: where they lie, if they are plain there, else copied into the writer's buffers. Never written through these pointers.
 */
static int view_live(struct record_writer *writer, const struct epoch *epoch, const uint64_t *bitmap[2], struct fault *fault)
{
    uint64_t bytes = epoch_plain_words(epoch->granules) * sizeof(uint64_t);

    for (enum bt_kind kind = BT_DATA; kind <= BT_DISCARD; kind++) {
        bitmap[kind] = epoch_plain(epoch, kind);
        if (bitmap[kind])
            continue;
        if (bitmap_buffers_fit(&writer->buffers, bytes, fault))
            return -1;
        uint64_t *copy = kind == BT_DATA ? writer->buffers.data : writer->buffers.discard;
        epoch_read(epoch, kind, copy);
        bitmap[kind] = copy;
    }
    return 0;
}

static uint64_t count_granules(const uint64_t *words, uint64_t granules)
{
    uint64_t whole = granules / WORD_BITS, rest = granules % WORD_BITS;
    uint64_t last = rest ? words[whole] & ~0ull >> (WORD_BITS - rest) : 0;

    return bits_count(words, whole) + bits_count(&last, 1);
}

int record_count_marked(struct record_writer *writer, int slot, uint64_t *marked, struct fault *fault)
{
    struct epoch *epoch;
    const uint64_t *bitmap[2];

    if (tracker_live(writer->tracker, slot, &epoch, fault) || view_live(writer, epoch, bitmap, fault))
        return -1;
    *marked = count_granules(bitmap[BT_DATA], epoch->granules) + count_granules(bitmap[BT_DISCARD], epoch->granules);
    return 0;
}

void record_writer_done(struct record_writer *writer)
{
    bitmap_buffers_free(&writer->buffers);
}

int record_write(struct record_writer *writer, int slot, struct table_entry *entry, const struct fingerprint *fingerprint, uint64_t *marked,
                 struct fault *fault)
{
    struct bt_meta *meta = tracker_meta(writer->tracker, slot);
    struct table *table = &writer->store->table;
    struct device device = { 0 };
    struct epoch *epoch;
    const uint64_t *bitmap[2];

    if (device_by_number(&device, meta->dev, fault) || tracker_live(writer->tracker, slot, &epoch, fault))
        return -1;
    if (epoch->granules != table_granules(entry))
        return fault_set(fault, STATUS_STATE_CORRUPT, "TABLE_CORRUPT", NULL, "the bitmaps of slot %d do not fit their place in the table", slot);
    for (unsigned int index = 0; fingerprint && index < fingerprint->changed_count; index++)
        mark_live(epoch, entry->granule_bytes, fingerprint->changed[index]);
    mark_own_extents(writer->store, &device, entry->granule_bytes, epoch);
    if (view_live(writer, epoch, bitmap, fault))
        return -1;
    bool known = pages_known(writer->instance, table, entry, meta->epoch);
    pages_set_known(writer->instance, table, entry, false);
    if (fingerprint)
        rename_entry(table, entry, meta, &device);
    fill_entry(writer, entry, meta, &device, fingerprint);
    uint64_t before = writer->counts.bits_set;
    if (table_write_bitmaps(table, entry, bitmap[BT_DATA], bitmap[BT_DISCARD], !known, &writer->counts, fault))
        return -1;
    *marked = writer->counts.bits_set - before;
    pages_set_known(writer->instance, table, entry, true);
    return 0;
}
