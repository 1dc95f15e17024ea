/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The take-over: what the table says is held against what was found at the attach; then the dirty mark, durable; then the saved bitmaps are merged
 * into the live ones. The merge may come after the mark, because from the attach on nothing is lost: the live bitmaps only lack what
 * the table still holds, and a crash in between leaves a dirty table.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/parallel.h"
#include "start/start_internal.h"
#include "table/home.h"
#include "tracker/epoch.h"

struct verdict {
    const char *reason;         /* NULL: as saved */
    bool blind;                 /* only because its owner said that it can be trusted */
    bool foreign;               /* it was written while tracking was off, whatever else is said of it */
    char evidence[512];
};

static bool saved_in_this_boot(const struct start *start, const struct table_entry *entry)
{
    return memcmp(entry->stat_boot_id, start->store.boot_id, sizeof start->store.boot_id) == 0;
}

/* The fingerprint tells of such writes, where there is one. */
static bool cannot_tell(struct verdict *verdict, const char *why)
{
    if (verdict->blind)
        snprintf(verdict->evidence, sizeof verdict->evidence, "whether it was written before tracking started can't be told: %s", why);
    return verdict->blind;
}

/*
 * Writes between the save and the attach that the kernel has counted. In a new boot the accounts begin at zero, and so do those of a device
 * that was made anew (another diskseq); a loop device's go on from its earlier use, so only of zero is it known that there were none.
 */
static bool written_before_attach(const struct start *start, const struct table_entry *entry, const struct attach_record *record,
                                  const struct device *device, struct verdict *verdict)
{
    const struct volume_stat *now = &record->stat;
    struct volume_stat then = { 0 };

    if (now->writes_in_flight) {
        snprintf(verdict->evidence, sizeof verdict->evidence, "%" PRIu64 " writes were in flight when tracking started", now->writes_in_flight);
        return true;
    }
    bool in_this_boot = saved_in_this_boot(start, entry);
    if (!now->valid)
        return (in_this_boot || !record->early) && cannot_tell(verdict, "the kernel keeps no accounts of its disk");
    if (in_this_boot && !(entry->flags & ENTRY_STAT_VALID))
        return cannot_tell(verdict, "there were no accounts to go by when it was saved");
    if (in_this_boot && entry->diskseq == record->diskseq) {
        then = (struct volume_stat){ .written = entry->stat_written, .discarded = entry->stat_discarded,
                                     .rest_written = entry->stat_rest_written, .rest_discarded = entry->stat_rest_discarded };
    } else if (is_loop_device(device) && !verdict->blind) {
        return false;
    }
    if (now->written == then.written && now->discarded == then.discarded && now->rest_written == then.rest_written &&
        now->rest_discarded == then.rest_discarded)
        return false;
    snprintf(verdict->evidence, sizeof verdict->evidence, "sectors written %" PRIu64 " -> %" PRIu64 ", discarded %" PRIu64 " -> %" PRIu64
             ", beside partitions %" PRIu64 " -> %" PRIu64, then.written, now->written, then.discarded, now->discarded,
             then.rest_written + then.rest_discarded, now->rest_written + now->rest_discarded);
    return true;
}

/* Also of a volume whose record was given up before: it may tell of a boot that others can't. A refreshed entry has no fingerprint. */
static bool shows_foreign_write(const struct table_entry *entry, const struct bt_meta *meta, const struct attach_record *record,
                                struct verdict *verdict)
{
    return entry->fingerprint_bytes && (entry->sector_count != meta->sector_count ||
                                        fingerprint_compare(entry->fingerprint, entry->fingerprint_bytes, record->fingerprint.text,
                                                            record->fingerprint.length, verdict->evidence, sizeof verdict->evidence));
}

static void judge_content(const struct start *start, const struct table_entry *entry, const struct bt_meta *meta,
                          const struct attach_record *record, struct verdict *verdict)
{
    struct device device = { 0 };
    struct fault fault;

    verdict->blind = record->fingerprint.opaque[0];
    if (entry->sector_count != meta->sector_count) {
        verdict->reason = "VOLUME_RESIZED";
        snprintf(verdict->evidence, sizeof verdict->evidence, "sectors %" PRIu64 " -> %" PRIu64, (uint64_t)entry->sector_count, (uint64_t)meta->sector_count);
    } else if (fingerprint_compare(entry->fingerprint, entry->fingerprint_bytes, record->fingerprint.text, record->fingerprint.length,
                                   verdict->evidence, sizeof verdict->evidence)) {
        verdict->reason = "FOREIGN_WRITE";
    } else if (record->fingerprint.opaque[0] && !(entry->flags & ENTRY_TRUST_OFFLINE)) {
        verdict->reason = "OFFLINE_WRITES_UNDETECTABLE";
        snprintf(verdict->evidence, sizeof verdict->evidence, "content: %s", record->fingerprint.opaque);
    } else if (device_by_number(&device, meta->dev, &fault)) {
        verdict->reason = "START_FAILED";
        snprintf(verdict->evidence, sizeof verdict->evidence, "%s", fault.message);
    } else if (written_before_attach(start, entry, record, &device, verdict)) {
        verdict->reason = "WRITE_BEFORE_ATTACH";
    } else if (entry->granule_bytes != meta->granule_bytes) {
        verdict->reason = "START_FAILED";
        snprintf(verdict->evidence, sizeof verdict->evidence, "attached with granules of %u bytes, saved with %u: the boot image is older than the table",
                 meta->granule_bytes, entry->granule_bytes);
    }
}

/* A volume that an earlier run of this boot merged on its owner's word. */
static bool was_merged_blindly(const struct start *start, int slot)
{
    const struct bt_meta *meta = tracker_meta(start->tracker, slot);
    struct attach_record *record = meta && meta->trust_offline && !meta->reason[0] ? calloc(1, sizeof *record) : NULL;
    struct fault ignored;

    bool blind = record && attach_record_read(start->instance, slot, meta->attached_boottime_ns, record, &ignored) == 0 && record->fingerprint.opaque[0];
    free(record);
    return blind;
}

/*
 * In the boot of the save itself the accounts tell, and the file system may be in use again. Where the save could not know it (mounted read-write
 * to the end), nobody can tell what was written there since.
 */
static void ask_home(const struct start *start, char *witness, size_t size)
{
    const struct table *table = &start->store.table;

    if (!table_is_clean(table) || memcmp(table->header.boot_id, start->store.boot_id, sizeof start->store.boot_id) == 0 ||
        !home_is_asked(table))
        return;
    uint64_t then = table->header.home_digest, now = then ? home_digest(&start->store) : 0;
    if (!now || now != then)
        snprintf(witness, size, "%sthe file system of the tracking table", now ? "" : "perhaps ");
}

/*
 * Who trusts a volume while it is offline trusts that nobody touches it. Where another volume of the table was written without us, or what the table lies
 * on, somebody ran, and be it this very system with tracking off: that trust ends, whichever of them comes first.
 */
static void distrust_the_blind(const struct start *start, struct verdict *verdicts, const struct takeover *before, struct takeover *after)
{
    const struct table_header *header = &start->store.table.header;
    const char *reason = "OFFLINE_WRITES_UNDETECTABLE";
    char evidence[BT_EVIDENCE_BYTES];

    memcpy(after->witness, before->witness, sizeof after->witness);
    for (uint32_t index = 0; index < header->entry_count && !after->witness[0]; index++)
        if (verdicts[index].foreign)
            memcpy(after->witness, start->store.table.entries[index].identity, sizeof after->witness);
    if (!after->witness[0])
        ask_home(start, after->witness, sizeof after->witness);
    if (!after->witness[0])
        return;
    snprintf(evidence, sizeof evidence, "it is trusted while offline, but %s was written while tracking was off", after->witness);
    for (uint32_t index = 0; index < header->entry_count; index++)
        if (!verdicts[index].reason && verdicts[index].blind) {
            verdicts[index].reason = reason;
            snprintf(verdicts[index].evidence, sizeof verdicts[index].evidence, "%s", evidence);
        }
    /* Once: what is begun after it was said is not concerned. */
    for (int slot = 0; slot < BT_MAX_VOLUMES && !before->witness[0]; slot++)
        if (was_merged_blindly(start, slot))
            tracker_distrust(start->tracker, slot, reason, evidence);
}

static const char *dirty_reason(const struct table_header *header)
{
    return header->cause == TABLE_VETOED ? "VETOED" : header->cause == TABLE_START_FAILED ? "START_FAILED" : "UNCLEAN_SHUTDOWN";
}

static void judge(const struct start *start, const struct table_entry *entry, int slot, bool trusted, struct verdict *verdict)
{
    const struct table_header *header = &start->store.table.header;
    const struct bt_meta *meta = tracker_meta(start->tracker, slot);
    struct attach_record *record = calloc(1, sizeof *record);
    struct fault fault;

    memset(verdict, 0, sizeof *verdict);
    bool looked_at = record && attach_record_read(start->instance, slot, meta->attached_boottime_ns, record, &fault) == 0;
    verdict->foreign = trusted && looked_at && shows_foreign_write(entry, meta, record, verdict);
    if (!trusted && entry->reason[0] && strcmp(start->table, "kept") == 0) {
        verdict->reason = entry->reason;    /* said at the last save, or since: no crash of this boot, for it is still tracked */
        snprintf(verdict->evidence, sizeof verdict->evidence, "%s", entry->evidence);
    } else if (!trusted) {
        verdict->reason = dirty_reason(header);
        snprintf(verdict->evidence, sizeof verdict->evidence, "the table was not marked clean (state written %" PRIu64 ")",
                 (uint64_t)header->written_at);
    } else if (table_is_clean(&start->store.table) && sequence_contradicts(start->instance, header)) {
        verdict->reason = "TABLE_REPLACED";
        snprintf(verdict->evidence, sizeof verdict->evidence, "sequence %" PRIu64 " is older than one that was seen: an old copy", (uint64_t)header->sequence);
    } else if (entry->reason[0]) {
        verdict->reason = entry->reason;
        snprintf(verdict->evidence, sizeof verdict->evidence, "%s", entry->evidence);
    } else if (!looked_at) {
        verdict->reason = "START_FAILED";
        snprintf(verdict->evidence, sizeof verdict->evidence, "its fingerprint at the attach is not there");
    } else {
        judge_content(start, entry, meta, record, verdict);
    }
    free(record);
}

/* One volume whose saved marks are to be merged, and how that went. */
struct merge {
    uint32_t index;             /* of its entry */
    int slot, result;
    struct fault damage;
};

struct merges {
    struct start *start;
    struct merge at[BT_MAX_VOLUMES];
    int count;
};

static int merge_page(void *context, bool discard, uint64_t first_word, const uint64_t *words, struct fault *fault)
{
    enum bt_kind kind = discard ? BT_DISCARD : BT_DATA;
    struct epoch *live = context;

    if (epoch_map(live, kind, fault))
        return -1;
    epoch_merge(live, kind, first_word, words, PAGE_BYTES / sizeof *words);
    return 0;
}

/* Page by page: what was merged before a damaged page stays, as marks too many in a record that is unknown. */
static int merge_marks(void *context, int index, struct fault *fault)
{
    struct merges *merges = context;
    struct merge *merge = &merges->at[index];
    struct table *table = &merges->start->store.table;
    struct epoch *live = NULL;

    (void)fault; /* one that can't be merged is no reason against the others */
    merge->result = tracker_live(merges->start->tracker, merge->slot, BT_DATA, &live, &merge->damage) ||
                    table_read_pages(table, &table->entries[merge->index], merge_page, live, &merge->damage);
    if (live)
        epoch_unmap(live);
    return 0;
}

static int adopt(struct start *start, const struct table_entry *entry, int slot, struct fault *fault)
{
    struct bt_meta *meta = tracker_meta(start->tracker, slot);

    if (tracker_adopt(start->tracker, slot, entry->series, entry->epoch, fault))
        return -1;
    pages_set_known(start->instance, &start->store.table, entry, true);
    /* What the table holds is all that was live when the counters stood at zero. */
    if (meta->counted_from_attach) {
        meta->recorded = (struct bt_counters){ 0 };
        memcpy(meta->recorded_epoch, meta->epoch, sizeof meta->epoch);
    }
    meta->persistent = 1;
    meta->evidence[0] = 0;
    __atomic_store_n(&meta->reason[0], 0, __ATOMIC_RELEASE);
    return 0;
}

static void set_unknown(struct start *start, struct outcome *outcome, int slot, const char *reason, const char *evidence)
{
    struct bt_meta *meta = tracker_meta(start->tracker, slot);

    start_set_reason(meta, reason, evidence);
    meta->persistent = 1;
    outcome->result = "unknown";
    snprintf(outcome->reason, sizeof outcome->reason, "%s", reason);
    snprintf(outcome->evidence, sizeof outcome->evidence, "%s", evidence);
    start_log("the record of %s is unknown: %s: %s", outcome->identity, reason, evidence);
}

static void merge_all(struct merges *merges)
{
    struct start *start = merges->start;
    struct fault ignored;

    in_parallel(COMPUTING, merges->count, merge_marks, merges, &ignored);
    for (int index = 0; index < merges->count; index++) {
        struct merge *merge = &merges->at[index];
        const struct table_entry *entry = &start->store.table.entries[merge->index];
        struct outcome *outcome = start_outcome(start, entry->identity);
        if (merge->result || adopt(start, entry, merge->slot, &merge->damage))
            set_unknown(start, outcome, merge->slot, strcmp(merge->damage.name, "TABLE_CORRUPT") == 0 ? "TABLE_CORRUPT" : "START_FAILED",
                        merge->damage.message);
        else
            outcome->result = "merged";
    }
}

void start_give_up(struct start *start, const char *reason, const char *evidence)
{
    for (int slot = 0; slot < BT_MAX_VOLUMES; slot++) {
        const struct bt_meta *meta = tracker_meta(start->tracker, slot);
        if (meta && start_is_pending(meta))
            set_unknown(start, start_outcome(start, meta->identity), slot, reason, evidence);
    }
}

/* Volumes that the boot image did not know of: attached now, which is still before anything is merged. */
static int attach_unlisted(struct start *start, struct fault *fault)
{
    const struct table *table = &start->store.table;
    struct early_volume *volumes = calloc(table->header.entry_count, sizeof *volumes);
    uint32_t count = 0;

    if (!volumes && table->header.entry_count)
        return fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot attach volumes");
    for (uint32_t index = 0; index < table->header.entry_count; index++) {
        const struct table_entry *entry = &table->entries[index];
        if (!(entry->flags & ENTRY_IN_USE))
            continue;
        struct early_volume *volume = &volumes[count++];
        *volume = (struct early_volume){ .granule_bytes = entry->granule_bytes, .trust_offline = !!(entry->flags & ENTRY_TRUST_OFFLINE) };
        memcpy(volume->identity, entry->identity, sizeof volume->identity);
    }
    int result = start_attach(start, volumes, count, fault);
    free(volumes);
    return result;
}

/* The caller has left if the mark came too late: then something may have been written before it. */
static bool mark_in_time(struct start *start)
{
    int running = START_RUNNING;

    return __atomic_compare_exchange_n(&start->progress->stage, &running, START_SAFE, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

/* An entry whose volume is there but not tracked under its name must not be believed by a later boot. */
static void spoil_entry(struct table_entry *entry, const struct outcome *outcome)
{
    if (entry->reason[0])
        return;
    snprintf(entry->reason, sizeof entry->reason, "%s", outcome->reason);
    snprintf(entry->evidence, sizeof entry->evidence, "%s", outcome->evidence);
}

/* Volumes that are not there yet: waited for where the table can be believed, else without a record from now on. */
static void name_the_absent(struct start *start, bool clean, const struct takeover *before, struct takeover *after, const char *was)
{
    struct table *table = &start->store.table;
    bool old_copy = clean && sequence_contradicts(start->instance, &table->header);

    for (uint32_t index = 0; index < table->header.entry_count; index++) {
        struct table_entry *entry = &table->entries[index];
        if (!(entry->flags & ENTRY_IN_USE) || entry->reason[0] || start_find_slot(start, entry->identity) >= 0 ||
            strcmp(start_outcome(start, entry->identity)->result, "missing") != 0)
            continue;
        if ((clean && !old_copy) || takeover_waits_for(before, entry->identity))
            memcpy(after->waiting[after->waiting_count++], entry->identity, TABLE_IDENTITY_BYTES);
        else
            snprintf(entry->reason, sizeof entry->reason, "%s", old_copy ? "TABLE_REPLACED" : was);
    }
}

static void choose_merges(struct start *start, const struct verdict *verdicts, struct merges *merges)
{
    struct table *table = &start->store.table;

    for (uint32_t index = 0; index < table->header.entry_count; index++) {
        struct table_entry *entry = &table->entries[index];
        if (!(entry->flags & ENTRY_IN_USE))
            continue;
        struct outcome *outcome = start_outcome(start, entry->identity);
        int slot = start_find_slot(start, entry->identity);
        if (slot < 0 && strcmp(outcome->result, "missing") != 0)
            spoil_entry(entry, outcome);
        if (slot >= 0)
            tracker_meta(start->tracker, slot)->persistent = 1;     /* its place is here, also of one that was enabled before the table could be read */
        if (slot < 0 || !start_is_pending(tracker_meta(start->tracker, slot)))
            continue;
        if (verdicts[index].reason)
            set_unknown(start, outcome, slot, verdicts[index].reason, verdicts[index].evidence);
        else
            merges->at[merges->count++] = (struct merge){ .index = index, .slot = slot };
    }
}

int start_take_over(struct start *start, struct fault *fault)
{
    struct table *table = &start->store.table;
    struct takeover *before = calloc(1, sizeof *before), *after = calloc(1, sizeof *after);
    struct verdict *verdicts = calloc(table->header.entry_count, sizeof *verdicts);
    struct merges *merges = calloc(1, sizeof *merges);
    int result = -1;

    if (!before || !after || !verdicts || !merges) {
        fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot take the table over");
        goto out;
    }
    merges->start = start;
    if (attach_unlisted(start, fault))
        goto out;
    bool clean = table_is_clean(table);
    takeover_read(start->instance, &table->header, start->store.boot_id, before);
    bool ours = !clean && before->valid;
    const char *was = dirty_reason(&table->header);     /* the mark below sets a cause of its own */
    start->table = clean ? "clean" : ours ? "kept" : "dirty";
    for (uint32_t index = 0; index < table->header.entry_count; index++) {
        const struct table_entry *entry = &table->entries[index];
        int slot = entry->flags & ENTRY_IN_USE ? start_find_slot(start, entry->identity) : -1;
        if (slot >= 0 && start_is_pending(tracker_meta(start->tracker, slot)))
            judge(start, entry, slot, clean || (ours && takeover_waits_for(before, entry->identity)), &verdicts[index]);
    }
    distrust_the_blind(start, verdicts, before, after);
    name_the_absent(start, clean, before, after, was);
    if (!ours && table_mark_dirty(table, TABLE_IN_USE, true, start->store.boot_id, fault))
        goto out;
    if (!mark_in_time(start)) {
        struct fault ignored;
        (void)table_write_directory(table, &ignored);   /* what was said of absent volumes holds all the same */
        fault_set(fault, STATUS_FAILED, "START_FAILED", NULL, "the start took longer than the boot may wait: writes may have come before the dirty mark");
        goto out;
    }
    choose_merges(start, verdicts, merges);
    merge_all(merges);
    start_distrust_twins(start);
    start_give_up(start, "TABLE_REPLACED", "the table has no place for this volume");
    after->valid = true;
    result = table_write_directory(table, fault) || medium_flush(start->store.medium, fault) ||
             takeover_write(start->instance, &table->header, start->store.boot_id, after, fault) ? -1 : 0;
out:
    free(before);
    free(after);
    free(verdicts);
    free(merges);
    return result;
}
