/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where one instance keeps its things. The default is /var/lib/blktrack, /run/blktrack and
 * /sys/fs/bpf/blktrack; with another state folder, run is a folder in it and the pins carry a hash of its path,
 * so that instances run side by side.
 */
#ifndef BLKTRACK_INSTANCE_H
#define BLKTRACK_INSTANCE_H

#include "base/fault.h"

#define DEFAULT_STATE_DIR "/var/lib/blktrack"

struct instance {
    char state_dir[256];
    char run_dir[280];
    char pin_dir[128];
};

/* state_dir NULL: the default. Makes nothing on disk. */
int instance_locate(struct instance *instance, const char *state_dir, struct fault *fault);

#endif
