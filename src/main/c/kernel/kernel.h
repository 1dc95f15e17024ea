/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The BPF object and the running kernel: learns what the kernel's BTF says, loads the fitting variant of
 * each program, attaches, pins. Everything is pinned under a temporary folder that is renamed when it is whole,
 * so the pins are there complete or not at all.
 */
#ifndef BLKTRACK_KERNEL_H
#define BLKTRACK_KERNEL_H

#include <linux/types.h>
#include <stdbool.h>
#include <stdint.h>

#include "../../bpf/abi.h"
#include "base/fault.h"

enum kernel_map { MAP_ABOUT, MAP_DISKS, MAP_VOLUMES, MAP_META, MAP_COUNTERS, MAP_EPOCHS, MAP_TAGS, MAP_BIOS, MAP_MADE_UP, MAP_SIZES, KERNEL_MAPS };

struct kernel {
    int maps[KERNEL_MAPS];  /* file descriptors */
    enum bt_layout layout;
};

/* Fault NO_BTF, NO_BPF, LOCKDOWN, NO_TRACEPOINT …: this kernel, or this process, can't. */
int kernel_load(const char *pin_dir, struct fault *fault);
/* Opens the pinned maps; 1 when nothing is pinned. */
int kernel_open(struct kernel *kernel, const char *pin_dir, struct fault *fault);
void kernel_close(struct kernel *kernel);
int kernel_unload(const char *pin_dir, struct fault *fault);

/*
 * Runs of our programs that the kernel skipped since they were loaded (bpf_prog_info.recursion_misses). `lost`: of a marking program, and not
 * made up for by a later instance; between least and most, as one may be about to run.
 */
struct kernel_skips {
    int64_t lost_least, lost_most;
    int64_t helping; /* of those that only help: completion and requeue */
    int64_t unnoted; /* runs that could not tell the next instance of themselves: it counts their event once more */
};

/* of_pages: those of the programs that see single pages, too; they matter to what takes such alone. -1: not known. */
int kernel_skips(const struct kernel *kernel, const char *pin_dir, bool of_pages, struct kernel_skips *skips);

/* Single pages that reach a disk without a bio are seen. false: the kernel has no such function, or lets no programs be attached to it. */
bool kernel_sees_pages(const char *pin_dir);

/* Sizes that disks are given are seen; see tracker/sizes.h. */
bool kernel_sees_sizes(const char *pin_dir);
/* Runs of the programs for that which the kernel skipped. */
uint64_t kernel_sizes_unseen(const char *pin_dir);

/* Makes sure that the BPF file system is mounted on /sys/fs/bpf, and mounts it once if not. */
int kernel_mount_bpffs(struct fault *fault);

#endif
