// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Programs that do nothing, beside ours on the same tracepoints: what they cost is the measuring itself. */
#include "../../main/bpf/kernel_types.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("tp_btf/block_bio_queue") int empty_queue(void *ctx)
{
    return 0;
}

SEC("tp_btf/block_rq_issue") int empty_issue(void *ctx)
{
    return 0;
}

SEC("tp_btf/block_bio_complete") int empty_complete(void *ctx)
{
    return 0;
}

SEC("tp_btf/block_rq_requeue") int empty_requeue(void *ctx)
{
    return 0;
}

SEC("tp_btf/block_bio_remap") int empty_remap(void *ctx)
{
    return 0;
}
