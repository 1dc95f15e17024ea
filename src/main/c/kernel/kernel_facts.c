/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/kernel_facts.h"

#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/units.h"
#include "kernel/command_set.h"

#define ABSENT 0xffffffffu
#define NEVER_SET_BIT 31 /* bi_flags has 16 */

/* Value of an enumerator, whatever enum it stands in (some of the block layer's have no name). */
static uint32_t enumerator(const struct btf *btf, const char *name)
{
    for (uint32_t id = 1; id < btf__type_cnt(btf); id++) {
        const struct btf_type *type = btf__type_by_id(btf, id);
        if (!btf_is_enum(type))
            continue;
        const struct btf_enum *values = btf_enum(type);
        for (int i = 0; i < btf_vlen(type); i++)
            if (strcmp(btf__name_by_offset(btf, values[i].name_off), name) == 0)
                return (uint32_t)values[i].val;
    }
    return ABSENT;
}

static uint32_t lowest(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* The zone management commands lie together in the enum, in an order that changed over time. */
static void zone_commands(struct bt_facts *facts, const struct btf *btf)
{
    static const char *const names[] = {"REQ_OP_ZONE_OPEN", "REQ_OP_ZONE_CLOSE", "REQ_OP_ZONE_FINISH", "REQ_OP_ZONE_RESET",
                                        "REQ_OP_ZONE_RESET_ALL"};
    uint32_t first = ABSENT, last = 0;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        uint32_t value = enumerator(btf, names[i]);
        first = lowest(first, value);
        if (value != ABSENT && value > last)
            last = value;
    }
    /* On 5.10 write-zeroes (9) lies between zone reset (6) and zone open (10): only the reset is watched for there. */
    uint32_t zeroes = enumerator(btf, "REQ_OP_WRITE_ZEROES");
    if (first < zeroes && zeroes < last)
        last = first;
    facts->op_zone_first = first;
    facts->op_zone_last = last;
    facts->op_zone_append = enumerator(btf, "REQ_OP_ZONE_APPEND");
}

int kernel_facts_read(struct bt_facts *facts, const struct btf *btf, struct fault *fault)
{
    uint32_t bits = enumerator(btf, "REQ_OP_BITS");

    facts->op_mask = bits == ABSENT ? 0xff : (1u << bits) - 1;
    facts->op_discard = enumerator(btf, "REQ_OP_DISCARD");
    facts->op_passthrough_first = lowest(enumerator(btf, "REQ_OP_SCSI_IN"), enumerator(btf, "REQ_OP_DRV_IN"));
    facts->bio_traced_bit = enumerator(btf, "BIO_TRACE_COMPLETION");
    /* Before 5.12 there is none: the remap takes the partition's number off the bio, so a bio with one is not remapped yet. */
    facts->bio_remapped_bit = lowest(enumerator(btf, "BIO_REMAPPED"), NEVER_SET_BIT);
    facts->request_idle = enumerator(btf, "MQ_RQ_IDLE");
    facts->request_bytes = request_bytes(btf);
    facts->page_sectors = (uint32_t)sysconf(_SC_PAGESIZE) / SECTOR_BYTES;
    facts->has_loop = enumerator(btf, "BPF_FUNC_loop") != ABSENT;
    zone_commands(facts, btf);
    if (enumerator(btf, "REQ_OP_WRITE") != 1 || facts->op_discard != 3 || facts->op_passthrough_first == ABSENT ||
        facts->bio_traced_bit == ABSENT || facts->request_idle == ABSENT)
        return fault_set(fault, STATUS_KERNEL_UNSUPPORTED, "UNKNOWN_KERNEL", "Please report the kernel's version.",
                         "cannot track on this kernel: its block layer's operations are not those this version knows");
    return 0;
}

static const struct btf_type *skip_modifiers(const struct btf *btf, uint32_t id)
{
    const struct btf_type *type = btf__type_by_id(btf, id);

    while (type && (btf_is_mod(type) || btf_is_typedef(type)))
        type = btf__type_by_id(btf, type->type);
    return type;
}

static int tracepoint_type(const struct btf *btf, const char *tracepoint)
{
    char name[128];

    snprintf(name, sizeof name, "btf_trace_%s", tracepoint);
    return btf__find_by_name_kind(btf, name, BTF_KIND_TYPEDEF);
}

bool kernel_has_tracepoint(const struct btf *btf, const char *tracepoint)
{
    return tracepoint_type(btf, tracepoint) >= 0;
}

bool kernel_has_function(const struct btf *btf, const char *function)
{
    return btf__find_by_name_kind(btf, function, BTF_KIND_FUNC) >= 0;
}

bool kernel_has_member(const struct btf *btf, const char *structure, const char *member)
{
    int id = btf__find_by_name_kind(btf, structure, BTF_KIND_STRUCT);
    const struct btf_type *type = id < 0 ? NULL : btf__type_by_id(btf, (uint32_t)id);
    const struct btf_member *members = type ? btf_members(type) : NULL;

    for (int i = 0; members && i < btf_vlen(type); i++)
        if (strcmp(btf__name_by_offset(btf, members[i].name_off), member) == 0)
            return true;
    return false;
}

int kernel_argument(const struct btf *btf, const char *tracepoint, const char *type_name)
{
    int id = tracepoint_type(btf, tracepoint);

    if (id < 0)
        return -1;
    const struct btf_type *pointer = skip_modifiers(btf, btf__type_by_id(btf, (uint32_t)id)->type);
    if (!pointer || !btf_is_ptr(pointer))
        return -1;
    const struct btf_type *prototype = skip_modifiers(btf, pointer->type);
    if (!prototype || !btf_is_func_proto(prototype))
        return -1;
    const struct btf_param *params = btf_params(prototype);
    for (int i = 1; i < btf_vlen(prototype); i++) { /* 0 is the tracepoint's private data */
        const struct btf_type *param = skip_modifiers(btf, params[i].type);
        const struct btf_type *target = param && btf_is_ptr(param) ? skip_modifiers(btf, param->type) : NULL;
        if (target && btf_is_struct(target) && strcmp(btf__name_by_offset(btf, target->name_off), type_name) == 0)
            return i - 1;
    }
    return -1;
}

/* Programs with callbacks load since 5.13, used or not. */
static bool has_callbacks(const struct btf *btf)
{
    return enumerator(btf, "BPF_FUNC_for_each_map_elem") != ABSENT;
}

/* Since 5.12: asked by loading one. */
static bool has_atomic_or(void)
{
    /* *(u64 *)(r10 - 8) = 0; lock *(u64 *)(r10 - 8) |= r1; return 0 */
    struct bpf_insn program[] = {
        {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_1, .imm = 0},
        {.code = BPF_STX | BPF_MEM | BPF_DW, .dst_reg = BPF_REG_10, .src_reg = BPF_REG_1, .off = -8},
        {.code = BPF_STX | BPF_XADD | BPF_DW, .dst_reg = BPF_REG_10, .src_reg = BPF_REG_1, .off = -8, .imm = BPF_OR},
        {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0},
        {.code = BPF_JMP | BPF_EXIT},
    };
    int fd = bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, "atomic_or", "GPL", program, sizeof program / sizeof *program, NULL);

    if (fd < 0)
        return false;
    close(fd);
    return true;
}

enum bt_layout kernel_layout(const struct btf *btf)
{
    return has_atomic_or() && has_callbacks(btf) ? BT_BITS : BT_BYTES;
}

bool kernel_watches_functions(const struct btf *btf)
{
    const struct bpf_insn nothing[] = {
        {.code = BPF_ALU64 | BPF_MOV | BPF_K},
        {.code = BPF_JMP | BPF_EXIT},
    };
    LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = BPF_TRACE_FENTRY,
                .attach_btf_id = (uint32_t)btf__find_by_name_kind(btf, "set_capacity_and_notify", BTF_KIND_FUNC));
    int program = bpf_prog_load(BPF_PROG_TYPE_TRACING, "nothing", "GPL", nothing, sizeof nothing / sizeof *nothing, &options);
    int link = program < 0 ? -1 : bpf_raw_tracepoint_open(NULL, program);

    if (program >= 0)
        close(program);
    if (link >= 0)
        close(link);
    return link >= 0;
}
