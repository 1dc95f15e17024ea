/* SPDX-License-Identifier: Apache-2.0 */
#include "table/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/parallel.h"
#include "table/page_sum.h"
#include "table/release.h"
#include "table/takeover.h"
#include "tracker/audit.h"
#include "tracker/epoch.h"

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
static void rename_entry(struct table *table, struct table_entry *entry, struct bt_meta *meta, const char *identity)
{
    if (!identity[0] || strcmp(identity, entry->identity) == 0 || table_find(table, identity))
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
    memset(entry->stat_boot_id, 0, sizeof entry->stat_boot_id);
    entry->diskseq = entry->stat_written = entry->stat_discarded = entry->stat_rest_written = entry->stat_rest_discarded = 0;
    if (!fingerprint)
        return;
    entry->fingerprint_bytes = fingerprint->length;
    memcpy(entry->fingerprint, fingerprint->text, fingerprint->length);
    memcpy(entry->stat_boot_id, writer->store->boot_id, sizeof entry->stat_boot_id);
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

/* The live bitmaps up to that kind: where they lie, if they are plain there, else copied into the buffers. Never written through these pointers. */
static int view_live(struct epoch *epoch, enum bt_kind last, struct bitmap_buffers *buffers, const uint64_t *bitmap[2], struct fault *fault)
{
    uint64_t bytes = epoch_plain_words(epoch->granules) * sizeof(uint64_t);

    bitmap[BT_DISCARD] = NULL;
    for (enum bt_kind kind = BT_DATA; kind <= last; kind++) {
        if (epoch_map(epoch, kind, fault))
            return -1;
        bitmap[kind] = epoch_plain(epoch, kind);
        if (bitmap[kind])
            continue;
        if (bitmap_buffers_fit(buffers, bytes, fault))
            return -1;
        uint64_t *copy = kind == BT_DATA ? buffers->data : buffers->discard;
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

int record_count_disk(struct tracker *tracker, int slot, struct bt_counters *counted, struct fault *fault)
{
    const struct bt_disk *disk = slot_disk(tracker, slot);

    if (!disk)
        return fault_set(fault, STATUS_STATE_CORRUPT, "NO_DISK", NULL, "the disk of slot %d is not known", slot);
    return counters_read(tracker, disk->index, counted, fault);
}

/* Whatever marks, counts first: with a disk's counters unchanged no mark has come. */
int record_marked_since(const struct record_job *job, struct fault *fault)
{
    struct bitmap_buffers buffers = { 0 };
    struct bt_counters counted;
    const uint64_t *bitmap[2];

    if (record_count_disk(job->writer->tracker, job->slot, &counted, fault))
        return -1;
    if (audit_unjudged(job->writer->tracker, &counted) != job->unjudged)
        return 1; /* the next round audits again */
    if (memcmp(&counted, &job->counted, sizeof counted) == 0)
        return 0;
    /* The table's own writes count on the disk it lies on, and have marked nothing new: so the marks themselves are counted. */
    int result = view_live(job->epoch, BT_DISCARD, &buffers, bitmap, fault);
    if (result == 0)
        result = count_granules(bitmap[BT_DATA], job->epoch->granules) + count_granules(bitmap[BT_DISCARD], job->epoch->granules) != job->counts.bits_set;
    bitmap_buffers_free(&buffers);
    return result;
}

bool record_is_kept(struct tracker *tracker, int slot)
{
    const struct bt_meta *meta = tracker_meta(tracker, slot);

    return meta && meta->persistent;
}

static int add_job(struct record_jobs *jobs, struct record_writer *writer, int slot, struct fault *fault)
{
    struct record_job *job = &jobs->at[jobs->count++];

    *job = (struct record_job){ .writer = writer, .slot = slot };
    if (record_count_disk(writer->tracker, slot, &job->counted, fault))
        return -1;
    job->unjudged = audit_unjudged(writer->tracker, &job->counted);
    return 0;
}

int record_count_one(struct record_jobs *jobs, struct record_writer *writer, int slot, struct fault *fault)
{
    jobs->count = 0;
    if (add_job(jobs, writer, slot, fault))
        return -1;
    return tracker_wait_for_programs(writer->tracker, fault); /* a run that had counted and not yet marked has marked now, before any bitmap is read */
}

bool record_is_gone(struct tracker *tracker, int slot)
{
    const struct bt_meta *meta = tracker_meta(tracker, slot);
    struct device device = { 0 };
    struct fault gone;

    return device_by_number(&device, meta->dev, &gone) || !is_same_disk(meta, &device);
}

/* Its last fingerprint is no witness any more either: it was written since, with us. */
void record_give_up(struct record_writer *writer, int slot, const char *evidence)
{
    struct bt_meta *meta = tracker_meta(writer->tracker, slot);
    struct table_entry *entry = table_find(&writer->store->table, meta->identity);

    meta->released = 0;
    if (!meta->reason[0])
        tracker_distrust(writer->tracker, slot, "VOLUME_MISSING", evidence);
    if (!entry)
        return;
    set_text(entry->reason, sizeof entry->reason, meta->reason);
    set_text(entry->evidence, sizeof entry->evidence, meta->evidence);
    memset(entry->fingerprint, 0, sizeof entry->fingerprint);
    entry->fingerprint_bytes = 0;
}

static void judge_gone(struct record_writer *writer, int slot)
{
    char evidence[BT_EVIDENCE_BYTES];

    if (!release_holds(writer, slot, evidence, sizeof evidence))
        record_give_up(writer, slot, evidence);
}

int record_count_all(struct record_jobs *jobs, struct record_writer *writer, struct fault *fault)
{
    jobs->count = 0;
    for (int slot = 0; slot < BT_MAX_VOLUMES; slot++) {
        if (!record_is_kept(writer->tracker, slot))
            continue;
        if (record_is_gone(writer->tracker, slot))
            judge_gone(writer, slot);
        else if (add_job(jobs, writer, slot, fault))
            return -1;
    }
    return tracker_wait_for_programs(writer->tracker, fault); /* as above */
}

/* Of what marks discards: nothing has come since the reading that the table holds. The helper itself only marks data. */
static bool no_discards_since(const struct bt_meta *meta, const struct bt_counters *now)
{
    const struct bt_counters *then = &meta->recorded;

    return memcmp(meta->recorded_epoch, meta->epoch, sizeof meta->epoch) == 0 && now->queued_discarded == then->queued_discarded &&
           now->issued_discarded == then->issued_discarded && now->requeued_discarded == then->requeued_discarded &&
           now->passthrough_seen == then->passthrough_seen && now->zone_commands == then->zone_commands;
}

int record_begin(struct record_job *job, struct table_entry *entry, const struct record_look *look, struct fault *fault)
{
    struct record_writer *writer = job->writer;
    struct bt_meta *meta = tracker_meta(writer->tracker, job->slot);
    struct table *table = &writer->store->table;
    struct device device = { 0 };

    job->entry = entry;
    job->look = look;
    if (device_by_number(&device, meta->dev, fault))
        return -1;
    job->scope = !pages_known(writer->instance, table, entry, meta->epoch) ? TABLE_ALL
                 : no_discards_since(meta, &job->counted)                   ? TABLE_CHANGED_DATA
                                                                             : TABLE_CHANGED;
    meta->released = 0;
    pages_set_known(writer->instance, table, entry, false);
    memset(meta->recorded_epoch, 0, sizeof meta->recorded_epoch);
    if (look)
        rename_entry(table, entry, meta, look->identity);
    fill_entry(writer, entry, meta, &device, look ? &look->fingerprint : NULL);
    return 0;
}

/* The regions that the storage stack may write after the last save, and the table itself. */
static int mark_what_is_written_unseen(struct record_job *job, struct fault *fault)
{
    struct tracker *tracker = job->writer->tracker;
    struct device device = { 0 };

    if (device_by_number(&device, tracker_meta(tracker, job->slot)->dev, fault) || tracker_live(tracker, job->slot, BT_DATA, &job->epoch, fault))
        return -1;
    if (job->epoch->granules != table_granules(job->entry))
        return fault_set(fault, STATUS_STATE_CORRUPT, "TABLE_CORRUPT", NULL, "the bitmaps of slot %d do not fit their place in the table", job->slot);
    for (unsigned int index = 0; job->look && index < job->look->fingerprint.changed_count; index++)
        mark_live(job->epoch, job->entry->granule_bytes, job->look->fingerprint.changed[index]);
    mark_own_extents(job->writer->store, &device, job->entry->granule_bytes, job->epoch);
    return 0;
}

/* 1: the table doesn't hold what it was thought to, and all must be written. */
static int write_marks(struct record_job *job, struct fault *fault)
{
    struct bitmap_buffers buffers = { 0 };
    const uint64_t *bitmap[2];
    int result = view_live(job->epoch, job->scope == TABLE_CHANGED_DATA ? BT_DATA : BT_DISCARD, &buffers, bitmap, fault);

    if (result == 0)
        result = table_write_bitmaps(&job->writer->store->table, job->entry, bitmap[BT_DATA], bitmap[BT_DISCARD], job->scope, &job->counts, fault);
    bitmap_buffers_free(&buffers);
    return result;
}

static int write_job(void *context, int index, struct fault *fault)
{
    struct record_job *job = &((struct record_jobs *)context)->at[index];

    if (mark_what_is_written_unseen(job, fault))
        return -1;
    int result = write_marks(job, fault);
    if (result == 1) {
        job->scope = TABLE_ALL;
        result = write_marks(job, fault);
    }
    epoch_unmap(job->epoch); /* here, beside the others' work, and not one after another at the end */
    return result;
}

static void end_job(struct record_job *job)
{
    struct bt_meta *meta = tracker_meta(job->writer->tracker, job->slot);

    job->writer->counts.pages_written += job->counts.pages_written;
    job->writer->counts.pages_changed += job->counts.pages_changed;
    job->writer->counts.bits_set += job->counts.bits_set;
    pages_set_known(job->writer->instance, &job->writer->store->table, job->entry, true);
    meta->recorded = job->counted;
    memcpy(meta->recorded_epoch, meta->epoch, sizeof meta->epoch);
}

int record_write_all(struct record_jobs *jobs, struct fault *fault)
{
    if (in_parallel(COMPUTING, jobs->count, write_job, jobs, fault))
        return -1;
    for (int index = 0; index < jobs->count; index++)
        end_job(&jobs->at[index]);
    return 0;
}
