// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A run that lasts: what waits for programs must wait for it. */
#include "../../main/bpf/kernel_types.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(map_flags, BPF_F_MMAPABLE);
    __uint(max_entries, 2);
    __type(key, __u32);
    __type(value, __u64);
} moments SEC(".maps"); /* begun at, ended at; ns */

#define LASTS_NS 150000000ull
#define MOST_TURNS (8 << 20) /* as many as bpf_loop allows */

static long is_over(__u32 turn, __u64 *end)
{
    return bpf_ktime_get_ns() > *end;
}

SEC("raw_tp") int slow(void *context)
{
    __u32 begun = 0, ended = 1;
    __u64 now = bpf_ktime_get_ns(), end = now + LASTS_NS;
    __u64 *moment = bpf_map_lookup_elem(&moments, &begun);

    if (!moment)
        return 0;
    *moment = now;
    bpf_loop(MOST_TURNS, is_over, &end, 0);
    moment = bpf_map_lookup_elem(&moments, &ended);
    if (moment)
        *moment = bpf_ktime_get_ns();
    return 0;
}
