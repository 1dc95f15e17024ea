/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Two instances of one program, where the kernel may skip one (see docs/design.md, "Skipped runs").
 *
 * They run one behind the other, in the same task, and these tracepoints are never reached from an interrupt: submission may
 * sleep, and blk-mq starts no request from one. So a word of the task's own tells the second instance whether the first ran
 * for this very event. Each run of a second instance that finds no such word is a skipped run made up for; the kernel counts
 * all that the first was kept from; the rest was lost: neither ran.
 *
 * A word that the second instance was kept from taking away may be taken for that of a later event with the same address, which
 * is then lost; but that one is not counted as made up for either.
 */
#ifndef BLKTRACK_TWICE_H
#define BLKTRACK_TWICE_H

enum turn { ALONE, FIRST, SECOND };

struct task_words {
    __u64 event[BT_TWICE];
};

struct {
    __uint(type, BPF_MAP_TYPE_TASK_STORAGE);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __type(key, int);
    __type(value, struct task_words);
} task_words SEC(".maps");

static __always_inline struct bt_made_up *made_up_for(__u32 hook)
{
    return bpf_map_lookup_elem(&made_up, &hook);
}

/* Always false: the first instance goes on. */
static __always_inline bool note_first(__u32 hook, __u64 event)
{
    struct task_words *mine = bpf_task_storage_get(&task_words, bpf_get_current_task_btf(), 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
    struct bt_made_up *count = mine ? 0 : made_up_for(hook);

    if (mine)
        mine->event[hook] = event;
    else if (count)
        __sync_fetch_and_add(&count->unnoted, 1);
    return false;
}

static __always_inline bool first_ran(__u32 hook, __u64 event)
{
    struct task_words *mine = bpf_task_storage_get(&task_words, bpf_get_current_task_btf(), 0, 0);
    bool ran = mine && mine->event[hook] == event;
    struct bt_made_up *count = ran ? 0 : made_up_for(hook);

    if (mine)
        mine->event[hook] = 0;
    if (count)
        __sync_fetch_and_add(&count->runs, 1);
    return ran;
}

#endif
