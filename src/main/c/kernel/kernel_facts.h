/* SPDX-License-Identifier: Apache-2.0 */
/* What the programs must know about the running kernel, read from its BTF: never guessed from a version. */
#ifndef BLKTRACK_KERNEL_FACTS_H
#define BLKTRACK_KERNEL_FACTS_H

#include <bpf/btf.h>
#include <stdbool.h>

#include <linux/types.h>
#include <stdbool.h>
#include <stdint.h>

#include "../../bpf/abi.h"
#include "base/fault.h"

int kernel_facts_read(struct bt_facts *facts, const struct btf *btf, struct fault *fault);

bool kernel_has_tracepoint(const struct btf *btf, const char *tracepoint);
bool kernel_has_member(const struct btf *btf, const char *structure, const char *member);
bool kernel_has_function(const struct btf *btf, const char *function);

/*
 * Position of the argument that points to `type` ("bio", "request") in a tracepoint, as the kernel's BTF
 * declares it; -1 where the tracepoint does not exist or has no such argument.
 */
int kernel_argument(const struct btf *btf, const char *tracepoint, const char *type);

/* Programs can be attached to functions, not to tracepoints alone: not on every processor, and not where a policy forbids it. Needs the privilege. */
bool kernel_watches_functions(const struct btf *btf);

/* How marks are laid out here: bits where the programs for them load (since 5.13). Needs the privilege to load one. */
enum bt_layout kernel_layout(const struct btf *btf);

#endif
