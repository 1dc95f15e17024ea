/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Order of a checkpoint, and what a kill leaves behind at each point:
 *
 *   closing and opening id noted, running = 1   nothing has changed yet            -> undone
 *   new epoch made and pinned                   empty                              -> undone: ORed into the old one, unpinned
 *   frozen, swap, grace period                  writes land in the new epoch       -> undone; the guardian thaws
 *   in-flight writes carried, thawed            the new epoch is whole             -> undone: nobody has heard of the checkpoint
 *   epoch id stored, running = 0                done; the old epoch is pinned      -> offered again by `closed`
 *
 * "Undone" is what undo() does when the tracker is next opened: the old map goes back into the slot and takes all that
 * the new one got. Every step of undo() may be repeated.
 */
#include "tracker/checkpoint.h"

#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sysfs.h"
#include "base/text.h"
#include "tracker/accounting.h"
#include "tracker/audit.h"
#include "tracker/tracker_internal.h"
#include "volume/freeze.h"
#include "volume/mounts.h"

#define MAX_FREEZE_MS 1000
#define SETTLE_MS 200

static int swap_epoch(struct tracker *tracker, int slot, const struct epoch *epoch, struct fault *fault)
{
    uint32_t key = (uint32_t)slot;

    /* The kernel returns from this when no program can see the old map any more (synchronize_rcu in the map-in-map update). */
    if (bpf_map_update_elem(tracker->kernel.maps[MAP_EPOCHS], &key, &epoch->fd, BPF_ANY))
        return fault_errno(fault, STATUS_FAILED, "NO_EPOCH", "cannot swap the epoch of slot %d", slot);
    return 0;
}

/* --- plain copies for the daemon --- */

static int make_folder(const struct tracker *tracker, const char *name, struct fault *fault)
{
    char path[200];

    snprintf(path, sizeof path, "%s/%s", tracker->instance.pin_dir, name);
    if (mkdir(path, 0700) && errno != EEXIST)
        return fault_errno(fault, STATUS_FAILED, "PIN", "cannot make %s", path);
    return 0;
}

static int export_plain(const struct epoch *epoch, const char *pin, struct fault *fault)
{
    LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_MMAPABLE);
    uint64_t words = epoch_plain_words(epoch->granules);
    int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "bt_plain", sizeof(uint32_t), sizeof(uint64_t), (uint32_t)(2 * words), &options);

    if (fd < 0)
        return fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot make a copy of the closed epoch");
    uint64_t *plain = mmap(NULL, 2 * words * sizeof *plain, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    int result = 0;
    if (plain == MAP_FAILED) {
        result = fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot map the copy of the closed epoch");
    } else {
        epoch_read(epoch, BT_DATA, plain);
        epoch_read(epoch, BT_DISCARD, plain + words);
        munmap(plain, 2 * words * sizeof *plain);
        if (bpf_obj_pin(fd, pin))
            result = fault_errno(fault, STATUS_FAILED, "PIN", "cannot pin %s", pin);
    }
    close(fd);
    return result;
}

/* "epoch/SLOT-ID" becomes "closed/SLOT-ID", plain; killed in between, the copy is made again. */
static int publish_closed(struct tracker *tracker, int slot, const uint8_t id[CHANGE_ID_BYTES], char *pin, size_t size, struct fault *fault)
{
    char source[256], text[CHANGE_ID_TEXT];
    struct epoch epoch;

    if (make_folder(tracker, "closed", fault))
        return -1;
    change_id_text(text, id);
    snprintf(pin, size, "%s/closed/%d-%s", tracker->instance.pin_dir, slot, text);
    epoch_pin_path(source, sizeof source, tracker, slot, id);
    if (access(source, F_OK))
        return 0;
    if (epoch_open_pin(tracker, slot, source, &epoch, fault))
        return -1;
    unlink(pin);
    int result = export_plain(&epoch, pin, fault);
    epoch_close(&epoch);
    if (result == 0)
        unlink(source);
    return result;
}

/* --- the swap --- */

static void unpin_epoch(struct tracker *tracker, int slot, const uint8_t id[CHANGE_ID_BYTES])
{
    char path[256];

    epoch_pin_path(path, sizeof path, tracker, slot, id);
    unlink(path);
}

static void begin(struct bt_meta *meta, const uint8_t id[CHANGE_ID_BYTES])
{
    memcpy(meta->closing_epoch, meta->epoch, sizeof meta->epoch);
    memcpy(meta->opening_epoch, id, sizeof meta->opening_epoch);
    __atomic_store_n(&meta->checkpoint_running, 1, __ATOMIC_SEQ_CST);
}

static void commit(struct bt_meta *meta)
{
    memcpy(meta->epoch, meta->opening_epoch, sizeof meta->epoch);
    __atomic_store_n(&meta->checkpoint_running, 0, __ATOMIC_SEQ_CST);
}

static int merge(const struct epoch *from, struct epoch *to, struct fault *fault)
{
    return epoch_copy_marks(from, BT_DATA, to, BT_DATA, fault) || epoch_copy_marks(from, BT_DISCARD, to, BT_DISCARD, fault) ? -1 : 0;
}

/* A file system that is never idle is frozen for a moment, so that what was under way when tracking began gets done. */
static bool settle_frozen(struct tracker *tracker, int slot, const struct mounts *mounts, unsigned int limit_ms)
{
    struct freeze freeze = {0};
    struct fault ignored;

    if (mounts->count == 0 || freeze_begin(&freeze, mounts, limit_ms, &tracker->meta[slot].held_frozen, &ignored))
        return false;
    bool settled = accounting_settle(tracker, slot, SETTLE_MS);
    freeze_end(&freeze);
    return settled;
}

static int check_base(struct tracker *tracker, int slot, const struct mounts *mounts, unsigned int limit_ms, struct fault *fault)
{
    const struct bt_meta *meta = &tracker->meta[slot];
    const struct bt_disk *disk = slot_disk(tracker, slot);
    struct accounting now;

    if (accounting_read(tracker, slot, &now, fault))
        return -1;
    if (now.grade == GRADE_NONE && disk && disk->request_based)
        return fault_set(fault, STATUS_UNTRUSTED, "WRITE_BEFORE_ATTACH",
                         "Switch the accounts of its disk on (in the folder queue of its folder in /sys/block, write 1 to iostats, and 0 to iostats_passthrough if it is there), then try again.",
                         "the kernel keeps no accounts of %s: whether what was written before tracking began is done can't be told", meta->device);
    if (accounting_settle(tracker, slot, SETTLE_MS) || settle_frozen(tracker, slot, mounts, limit_ms) || accounting_settle(tracker, slot, MAX_FREEZE_MS))
        return 0;
    return fault_set(fault, STATUS_UNTRUSTED, "WRITE_BEFORE_ATTACH", "Pause the writer for a moment, then try again.",
                     "%s has been written without a pause since tracking began: a write that was under way then may still be", meta->device);
}

/* The part under the freeze: swap, wait for the programs, carry what is in flight. */
static int swap_at_rest(struct tracker *tracker, int slot, const struct mounts *mounts, unsigned int limit_ms, const struct epoch *closed,
                        struct epoch *fresh, struct checkpoint_result *result, struct fault *fault)
{
    struct freeze freeze = {0};

    grace_period_hurry(&tracker->grace);
    if (freeze_begin(&freeze, mounts, limit_ms, &tracker->meta[slot].held_frozen, fault)) {
        grace_period_relax(&tracker->grace);
        return -1;
    }
    result->frozen = freeze.count > 0 && freeze.whole;
    uint64_t swapped_at = monotonic_us();
    int failed = swap_epoch(tracker, slot, fresh, fault) || inflight_carry(tracker, slot, closed, fresh, &result->carried_all, fault);
    result->swap_us = monotonic_us() - swapped_at;
    result->expired = freeze_end(&freeze);
    grace_period_relax(&tracker->grace);
    result->frozen_us = result->frozen ? monotonic_us() - freeze.since_us : 0;
    return failed ? -1 : 0;
}

int checkpoint_take(struct tracker *tracker, int slot, const struct checkpoint_request *request, struct checkpoint_result *result,
                    struct fault *fault)
{
    struct bt_meta *meta = tracker_meta(tracker, slot);
    struct mounts mounts = {0};
    struct epoch closed, fresh;

    memset(result, 0, sizeof *result);
    if (!meta)
        return fault_set(fault, STATUS_FAILED, "NO_SLOT", NULL, "slot %d is not in use", slot);
    unsigned int limit = request->timeout_ms && request->timeout_ms < MAX_FREEZE_MS ? request->timeout_ms : MAX_FREEZE_MS;
    if (request->freeze && mounts_of(&mounts, meta->dev, fault))
        return -1;
    if (!meta->base_known) {
        /* This may take seconds, in which file systems come and go. */
        if (check_base(tracker, slot, &mounts, limit, fault) || (request->freeze && mounts_of(&mounts, meta->dev, fault)))
            return -1;
    }
    if (epoch_open_live(tracker, slot, &closed, fault))
        return -1;
    begin(meta, request->change_id);
    int failed = epoch_make(tracker, slot, request->change_id, &fresh, fault);
    if (!failed) {
        /* A write between the swap and the merge is in both epochs: a reader's copy may hold it or not. */
        failed = swap_at_rest(tracker, slot, &mounts, limit, &closed, &fresh, result, fault) || merge(&fresh, &closed, fault);
        epoch_close(&fresh);
    }
    epoch_close(&closed);
    if (failed) {
        struct fault ignored;
        checkpoint_recover(tracker, &ignored);
        return -1;
    }
    commit(meta);
    result->words = tracker_plain_words(tracker, slot);
    return publish_closed(tracker, slot, meta->closing_epoch, result->pin, sizeof result->pin, fault);
}

/* --- recovery and the rest --- */

static bool pinned(struct tracker *tracker, int slot, const uint8_t id[CHANGE_ID_BYTES])
{
    char path[256];

    epoch_pin_path(path, sizeof path, tracker, slot, id);
    return access(path, F_OK) == 0;
}

static int open_epoch(struct tracker *tracker, int slot, const uint8_t id[CHANGE_ID_BYTES], struct epoch *epoch, struct fault *fault)
{
    char path[256];

    epoch_pin_path(path, sizeof path, tracker, slot, id);
    return epoch_open_pin(tracker, slot, path, epoch, fault);
}

static int undo(struct tracker *tracker, int slot, struct fault *fault)
{
    struct bt_meta *meta = &tracker->meta[slot];
    struct epoch old, fresh;

    /* A new series drops the old epoch last of all: what remains is to keep the new one. */
    if (!pinned(tracker, slot, meta->closing_epoch)) {
        commit(meta);
        return 0;
    }
    if (open_epoch(tracker, slot, meta->closing_epoch, &old, fault))
        return -1;
    int result = 0;
    if (pinned(tracker, slot, meta->opening_epoch)) {
        if (open_epoch(tracker, slot, meta->opening_epoch, &fresh, fault)) {
            epoch_close(&old);
            return -1;
        }
        /* And again, what was marked until no program saw it any more. */
        result = merge(&fresh, &old, fault) || swap_epoch(tracker, slot, &old, fault) || merge(&fresh, &old, fault) ? -1 : 0;
        epoch_close(&fresh);
    }
    epoch_close(&old);
    if (result)
        return -1;
    unpin_epoch(tracker, slot, meta->opening_epoch);
    memcpy(meta->epoch, meta->closing_epoch, sizeof meta->epoch);
    __atomic_store_n(&meta->checkpoint_running, 0, __ATOMIC_SEQ_CST);
    return 0;
}

static void thaw_left_behind(struct bt_meta *meta)
{
    struct mounts mounts;
    struct fault ignored;

    if (mounts_of(&mounts, meta->dev, &ignored) == 0)
        freeze_undo(&mounts, &meta->held_frozen);
}

int checkpoint_recover(struct tracker *tracker, struct fault *fault)
{
    for (int slot = 0; slot < BT_MAX_VOLUMES; slot++) {
        struct bt_meta *meta = &tracker->meta[slot];
        if (meta->in_use && meta->held_frozen)
            thaw_left_behind(meta);
        if (meta->in_use && meta->checkpoint_running && undo(tracker, slot, fault))
            return -1;
    }
    return 0;
}

static int publish_leftovers(struct tracker *tracker, struct fault *fault)
{
    char folder[200];
    struct dirent *entry;

    snprintf(folder, sizeof folder, "%s/epoch", tracker->instance.pin_dir);
    DIR *pins = opendir(folder);
    if (!pins)
        return fault_errno(fault, STATUS_FAILED, "PIN", "cannot list %s", folder);
    int result = 0;
    while (result == 0 && (entry = readdir(pins))) {
        char text[64], pin[256];
        uint8_t id[CHANGE_ID_BYTES];
        int slot;
        if (sscanf(entry->d_name, "%d-%63s", &slot, text) != 2 || change_id_parse(id, text))
            continue;
        struct bt_meta *meta = tracker_meta(tracker, slot);
        if (!meta)
            unlinkat(dirfd(pins), entry->d_name, 0);
        else if (memcmp(meta->epoch, id, sizeof id) != 0)
            result = publish_closed(tracker, slot, id, pin, sizeof pin, fault);
    }
    closedir(pins);
    return result;
}

int checkpoint_closed(struct tracker *tracker, closed_visitor *each, void *context, struct fault *fault)
{
    char folder[200], pin[500], id[64];
    struct dirent *entry;

    if (publish_leftovers(tracker, fault))
        return -1;
    snprintf(folder, sizeof folder, "%s/closed", tracker->instance.pin_dir);
    DIR *pins = opendir(folder);
    int result = 0, slot;
    while (pins && result == 0 && (entry = readdir(pins))) {
        if (sscanf(entry->d_name, "%d-%63s", &slot, id) != 2 || !tracker_meta(tracker, slot))
            continue;
        snprintf(pin, sizeof pin, "%s/%s", folder, entry->d_name);
        result = each(slot, id, pin, tracker_plain_words(tracker, slot), context);
    }
    if (pins)
        closedir(pins);
    return result;
}

int checkpoint_peek(struct tracker *tracker, int slot, char *pin, size_t size, uint64_t *words, struct fault *fault)
{
    struct epoch epoch;

    if (!tracker_meta(tracker, slot))
        return fault_set(fault, STATUS_FAILED, "NO_SLOT", NULL, "slot %d is not in use", slot);
    if (make_folder(tracker, "peek", fault) || epoch_open_live(tracker, slot, &epoch, fault))
        return -1;
    snprintf(pin, size, "%s/peek/%d", tracker->instance.pin_dir, slot);
    unlink(pin);
    int result = export_plain(&epoch, pin, fault);
    epoch_close(&epoch);
    *words = tracker_plain_words(tracker, slot);
    return result;
}

int checkpoint_release(struct tracker *tracker, const char *pin, struct fault *fault)
{
    size_t length = strlen(tracker->instance.pin_dir);
    const char *rest = pin + length;

    if (!has_prefix(pin, tracker->instance.pin_dir) || (!has_prefix(rest, "/closed/") && !has_prefix(rest, "/peek/")) ||
        strstr(rest, ".."))
        return fault_set(fault, STATUS_USAGE, "BAD_PIN", NULL, "%s is no pin of a closed epoch", pin);
    if (unlink(pin) && errno != ENOENT)
        return fault_errno(fault, STATUS_FAILED, "PIN", "cannot release %s", pin);
    return 0;
}

int checkpoint_new_series(struct tracker *tracker, int slot, const uint8_t change_id[16], struct fault *fault)
{
    struct bt_meta *meta = tracker_meta(tracker, slot);
    struct epoch fresh;
    struct fault ignored;
    bool carried_all;

    if (!meta)
        return fault_set(fault, STATUS_FAILED, "NO_SLOT", NULL, "slot %d is not in use", slot);
    tracker_distrust(tracker, slot, "SERIES_ENDED", "a new series was begun, and not finished");
    begin(meta, change_id);
    if (epoch_make(tracker, slot, change_id, &fresh, fault)) {
        checkpoint_recover(tracker, &ignored);
        return -1;
    }
    int failed = swap_epoch(tracker, slot, &fresh, fault) || inflight_carry(tracker, slot, &fresh, &fresh, &carried_all, fault);
    epoch_close(&fresh);
    if (failed || audit_baseline(tracker, slot, fault)) {
        checkpoint_recover(tracker, &ignored);
        return -1;
    }
    unpin_epoch(tracker, slot, meta->closing_epoch); /* from here on there is no way back; see undo() */
    memcpy(meta->series, change_id, sizeof meta->series);
    meta->base_known = 0;
    commit(meta);
    meta->evidence[0] = 0;
    /* Last of all: killed at any point before, the old series stays what it was found to be. */
    __atomic_store_n(&meta->reason[0], 0, __ATOMIC_RELEASE);
    accounting_settle(tracker, slot, SETTLE_MS); /* else the next checkpoint asks for a moment of rest first */
    return 0;
}
