/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Several instances of one program, where the kernel may skip some (see docs/design.md, "Skipped runs").
 *
 * They run one behind the other, in the same task, and these tracepoints are never reached from an interrupt: submission may
 * sleep, and blk-mq starts no request from one. So words of the task's own tell the later instances that one before ran for
 * this very event. Each run of a later instance that finds no such words is a skipped run of the first made up for; the kernel
 * counts all that the first was kept from; the rest was lost: none ran.
 *
 * The last instance takes the words away. Where it was kept from that, they may be taken for those of a later event that is the same
 * in all that they hold; that event is then lost, but it is not counted as made up for either.
 */
#ifndef BLKTRACK_TURNS_H
#define BLKTRACK_TURNS_H

enum turn { ALONE, FIRST, LATER, LAST };

/* What tells an event from others: a bio or request, and what it holds, for it may be used anew. */
struct event {
    __u64 address; /* the verifier lets nothing be done to it */
    __u64 content;
};

struct task_words {
    struct event event[BT_IN_TURNS];
};

struct {
    __uint(type, BPF_MAP_TYPE_TASK_STORAGE);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __type(key, int);
    __type(value, struct task_words);
} task_words SEC(".maps");

static __always_inline __u64 event_content(__u64 sector, __u32 bytes, __u32 flags)
{
    return sector * 0x9e3779b97f4a7c15ULL + ((__u64)flags << 32 | bytes);
}

/* Always false: the first instance goes on. */
static __always_inline bool note_first(__u32 hook, struct event event)
{
    struct task_words *mine = bpf_task_storage_get(&task_words, bpf_get_current_task_btf(), 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
    struct bt_made_up *count = mine ? 0 : bpf_map_lookup_elem(&made_up, &hook);

    if (mine)
        mine->event[hook] = event;
    else if (count)
        __sync_fetch_and_add(&count->unnoted, 1);
    return false;
}

static __always_inline bool one_ran(__u32 hook, struct event event, bool last)
{
    struct task_words *mine = bpf_task_storage_get(&task_words, bpf_get_current_task_btf(), 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
    bool ran = mine && mine->event[hook].address == event.address && mine->event[hook].content == event.content;
    struct bt_made_up *count = ran ? 0 : bpf_map_lookup_elem(&made_up, &hook);

    if (mine)
        mine->event[hook] = last ? (struct event){0} : event;
    if (count)
        __sync_fetch_and_add(&count->runs, 1);
    /* The next one will take this run for skipped, too. */
    if (count && !mine && !last)
        __sync_fetch_and_add(&count->unnoted, 1);
    return ran;
}

#endif
