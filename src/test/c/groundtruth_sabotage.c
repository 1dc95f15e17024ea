/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Faults put into the tracker on purpose, to see that ground truth finds them. The test is linked with --wrap for the
 * functions below, so the tracker itself knows nothing of this.
 */
#include "groundtruth_record.h"

#include "../../main/c/tracker_internal.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdlib.h>

#define WORD_BITS 64
#define FALSE_SECTORS 8

static enum sabotage chosen;

void sabotage_choose(enum sabotage mode)
{
    chosen = mode;
}

int __real_inflight_carry(struct tracker *tracker, int slot, const struct epoch *closed, struct epoch *epoch, bool *carried_all, struct fault *fault);
int __wrap_inflight_carry(struct tracker *tracker, int slot, const struct epoch *closed, struct epoch *epoch, bool *carried_all, struct fault *fault);

/* Writes that are under way at the swap stay in the old epoch alone. */
int __wrap_inflight_carry(struct tracker *tracker, int slot, const struct epoch *closed, struct epoch *epoch, bool *carried_all, struct fault *fault)
{
    if (chosen == SABOTAGE_CARRY) {
        *carried_all = false;
        return 0;
    }
    return __real_inflight_carry(tracker, slot, closed, epoch, carried_all, fault);
}

bool __real_accounting_discards_done(struct tracker *tracker, int slot, unsigned int wait_ms);
bool __wrap_accounting_discards_done(struct tracker *tracker, int slot, unsigned int wait_ms);

/* Discards are taken for done while they are under way. */
bool __wrap_accounting_discards_done(struct tracker *tracker, int slot, unsigned int wait_ms)
{
    return chosen == SABOTAGE_DISCARD || __real_accounting_discards_done(tracker, slot, wait_ms);
}

void sabotage_epoch(struct record *record, struct closed_epoch *epoch)
{
    uint64_t marks = 0;

    for (size_t i = 0; i < record->words; i++)
        marks += (uint64_t)__builtin_popcountll(epoch->data[i]);
    if (marks == 0)
        return;
    uint64_t victim = dice_below(&record->dice, marks);
    for (size_t i = 0; i < record->words; i++) {
        uint64_t here = (uint64_t)__builtin_popcountll(epoch->data[i]);
        if (victim >= here) {
            victim -= here;
            continue;
        }
        uint64_t word = epoch->data[i];
        for (; victim; victim--)
            word &= word - 1;
        epoch->data[i] &= ~(word & -word);
        epoch->discarded[i] &= ~(word & -word);
        return;
    }
}

/* As if the kernel had accounted for sectors that no program saw. */
void sabotage_counters(struct record *record)
{
    record->tracker->meta[record->slot].base_written -= FALSE_SECTORS;
}

/* As if one event had been kept from every instance of a program. */
void sabotage_lost(struct record *record)
{
    struct bt_made_up *each = calloc((size_t)libbpf_num_possible_cpus(), sizeof *each);
    int map = record->tracker->kernel.maps[MAP_MADE_UP];
    uint32_t hook = BT_ON_QUEUE;

    if (bpf_map_lookup_elem(map, &hook, each) == 0) {
        each->unnoted++;
        bpf_map_update_elem(map, &hook, each, BPF_ANY);
    }
    free(each);
}
