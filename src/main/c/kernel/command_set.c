// SPDX-License-Identifier: Apache-2.0
/*
 * The driver's own data begin right behind `struct request`. In SCSI's, the CDB is an array in scsi_cmnd (in the BTF of
 * scsi_mod, where that is a module), and before 5.18 a pointer in scsi_request, which every scsi_cmnd began with. All
 * NVMe drivers' data begin with nvme_request, and that with the command's address.
 */
#include "kernel/command_set.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <linux/types.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "../../bpf/abi.h"

#define NOT_THERE (-1)
#define BITS_A_BYTE 8

/* Bytes from the start of `structure` to `member`. */
static int offset_of(const struct btf *btf, const char *structure, const char *member)
{
    int id = btf ? btf__find_by_name_kind(btf, structure, BTF_KIND_STRUCT) : NOT_THERE;

    if (id < 0)
        return NOT_THERE;
    const struct btf_type *type = btf__type_by_id(btf, (uint32_t)id);
    for (int i = 0; i < btf_vlen(type); i++)
        if (strcmp(btf__name_by_offset(btf, btf_members(type)[i].name_off), member) == 0)
            return (int)btf_member_bit_offset(type, (uint32_t)i) / BITS_A_BYTE;
    return NOT_THERE;
}

uint32_t request_bytes(const struct btf *btf)
{
    int id = btf__find_by_name_kind(btf, "request", BTF_KIND_STRUCT);

    return id < 0 ? 0 : btf__type_by_id(btf, (uint32_t)id)->size;
}

static uint32_t commands(enum bt_commands set, uint32_t offset)
{
    return (uint32_t)set | offset << BT_COMMANDS_BITS;
}

/* In the kernel itself or in a module. */
static int offset_anywhere(struct btf *kernel, const char *module, const char *structure, const char *member)
{
    int offset = offset_of(kernel, structure, member);

    if (offset != NOT_THERE)
        return offset;
    struct btf *btf = btf__load_module_btf(module, kernel);
    if (!btf)
        return NOT_THERE;
    offset = offset_of(btf, structure, member);
    btf__free(btf);
    return offset;
}

static uint32_t scsi_commands(struct btf *kernel, uint32_t request)
{
    int offset = offset_of(kernel, "scsi_request", "cmd");

    if (offset != NOT_THERE)
        return commands(BT_COMMANDS_SCSI_POINTER, request + (uint32_t)offset);
    offset = offset_anywhere(kernel, "scsi_mod", "scsi_cmnd", "cmnd");
    return offset == NOT_THERE ? BT_COMMANDS_UNKNOWN : commands(BT_COMMANDS_SCSI, request + (uint32_t)offset);
}

static bool is_scsi(const char *disk_name)
{
    char link[64], real[PATH_MAX];

    snprintf(link, sizeof link, "/sys/block/%.32s/device/subsystem", disk_name);
    return realpath(link, real) && strcmp(strrchr(real, '/'), "/scsi") == 0;
}

uint32_t command_set(const char *disk_name)
{
    bool nvme = has_prefix(disk_name, "nvme");

    if (has_prefix(disk_name, "vd"))
        return BT_COMMANDS_ASK;
    if (!nvme && !is_scsi(disk_name))
        return BT_COMMANDS_UNKNOWN;
    struct btf *kernel = btf__load_vmlinux_btf();
    uint32_t request = kernel ? request_bytes(kernel) : 0, result = BT_COMMANDS_UNKNOWN;
    if (request)
        result = nvme ? commands(BT_COMMANDS_NVME_POINTER, request) : scsi_commands(kernel, request);
    btf__free(kernel);
    return result;
}
