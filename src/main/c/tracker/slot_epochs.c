/* SPDX-License-Identifier: Apache-2.0 */
/* The epochs of a slot: made, pinned, found again and mapped. */
#include "tracker/tracker_internal.h"

#include <bpf/bpf.h>
#include <stdio.h>
#include <unistd.h>

void epoch_pin_path(char *path, size_t size, const struct tracker *tracker, int slot, const uint8_t id[CHANGE_ID_BYTES])
{
    char text[CHANGE_ID_TEXT];

    change_id_text(text, id);
    snprintf(path, size, "%s/epoch/%d-%s", tracker->instance.pin_dir, slot, text);
}

int epoch_pin_new(struct tracker *tracker, int slot, const uint8_t id[CHANGE_ID_BYTES], struct fault *fault)
{
    char path[256];
    int fd = epoch_create(&tracker->volumes[slot], fault);

    if (fd < 0)
        return -1;
    epoch_pin_path(path, sizeof path, tracker, slot, id);
    if (bpf_obj_pin(fd, path)) {
        fault_errno(fault, STATUS_FAILED, "PIN", "cannot pin %s", path);
        close(fd);
        return -1;
    }
    return fd;
}

static void init_epoch(const struct tracker *tracker, int slot, int fd, struct epoch *epoch)
{
    epoch_init(epoch, fd, tracker->kernel.layout, &tracker->volumes[slot], slot_granules(tracker, slot));
}

static int map_epoch(struct tracker *tracker, int slot, int fd, struct epoch *epoch, struct fault *fault)
{
    init_epoch(tracker, slot, fd, epoch);
    if (epoch_map(epoch, BT_DATA, fault) == 0 && epoch_map(epoch, BT_DISCARD, fault) == 0)
        return 0;
    epoch_close(epoch);
    return -1;
}

int epoch_make(struct tracker *tracker, int slot, const uint8_t id[CHANGE_ID_BYTES], struct epoch *epoch, struct fault *fault)
{
    int fd = epoch_pin_new(tracker, slot, id, fault);

    return fd < 0 ? -1 : map_epoch(tracker, slot, fd, epoch, fault);
}

static int live_id(struct tracker *tracker, int slot, uint32_t *id, struct fault *fault)
{
    uint32_t key = (uint32_t)slot;

    return bpf_map_lookup_elem(tracker->kernel.maps[MAP_EPOCHS], &key, id)
        ? fault_errno(fault, STATUS_STATE_CORRUPT, "NO_EPOCH", "slot %d has no epoch", slot) : 0;
}

static int open_by_id(int slot, uint32_t id, struct fault *fault)
{
    int fd = bpf_map_get_fd_by_id(id);

    return fd < 0 ? fault_errno(fault, STATUS_FAILED, "NO_EPOCH", "cannot open the epoch of slot %d", slot) : fd;
}

int epoch_open_live(struct tracker *tracker, int slot, struct epoch *epoch, struct fault *fault)
{
    uint32_t id;
    int fd = live_id(tracker, slot, &id, fault) ? -1 : open_by_id(slot, id, fault);

    return fd < 0 ? -1 : map_epoch(tracker, slot, fd, epoch, fault);
}

void live_forget(struct live_map *live)
{
    if (live->id)
        epoch_close(&live->epoch);
    live->id = 0;
}

int tracker_live(struct tracker *tracker, int slot, enum bt_kind kind, struct epoch **epoch, struct fault *fault)
{
    struct live_map *live = &tracker->live[slot];
    uint32_t id;

    if (live_id(tracker, slot, &id, fault))
        return -1;
    if (live->id != id) {
        int fd = open_by_id(slot, id, fault);
        if (fd < 0)
            return -1;
        live_forget(live);
        init_epoch(tracker, slot, fd, &live->epoch);
        live->id = id;
    }
    *epoch = &live->epoch;
    return epoch_map(&live->epoch, kind, fault);
}

int epoch_open_pin(struct tracker *tracker, int slot, const char *path, struct epoch *epoch, struct fault *fault)
{
    int fd = bpf_obj_get(path);

    if (fd < 0)
        return fault_errno(fault, STATUS_FAILED, "NO_EPOCH", "cannot open the epoch %s", path);
    return map_epoch(tracker, slot, fd, epoch, fault);
}
