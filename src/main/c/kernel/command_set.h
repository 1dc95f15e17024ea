/* SPDX-License-Identifier: Apache-2.0 */
/* Where the passthrough commands of a disk are to be found and how they are read, for bt_disk.commands (abi.h). */
#ifndef BLKTRACK_COMMAND_SET_H
#define BLKTRACK_COMMAND_SET_H

#include <bpf/btf.h>
#include <stdint.h>

/* BT_COMMANDS_UNKNOWN where the kernel does not tell: each command that may change the media is then a reason. */
uint32_t command_set(const char *disk_name);

/* sizeof(struct request), 0 if BTF does not know it. */
uint32_t request_bytes(const struct btf *btf);

#endif
