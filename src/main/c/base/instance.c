/* SPDX-License-Identifier: Apache-2.0 */
#include "base/instance.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fnv1a.h"

int instance_locate(struct instance *instance, const char *state_dir, struct fault *fault)
{
    char real[PATH_MAX];

    if (!state_dir || strcmp(state_dir, DEFAULT_STATE_DIR) == 0) {
        snprintf(instance->state_dir, sizeof instance->state_dir, "%s", DEFAULT_STATE_DIR);
        snprintf(instance->run_dir, sizeof instance->run_dir, "/run/blktrack");
        snprintf(instance->pin_dir, sizeof instance->pin_dir, "/sys/fs/bpf/blktrack");
        return 0;
    }
    if (!realpath(state_dir, real))
        return fault_errno(fault, STATUS_FAILED, "NO_STATE_DIR", "cannot use the state folder %s", state_dir);
    if (strlen(real) >= sizeof instance->state_dir)
        return fault_set(fault, STATUS_USAGE, "PATH_TOO_LONG", "Choose a shorter path.",
                         "the state folder's path %.80s… has more than %zu characters", real, sizeof instance->state_dir - 1);
    memcpy(instance->state_dir, real, strlen(real) + 1);
    snprintf(instance->run_dir, sizeof instance->run_dir, "%s/run", instance->state_dir);
    snprintf(instance->pin_dir, sizeof instance->pin_dir, "/sys/fs/bpf/blktrack-%016llx",
             (unsigned long long)fnv1a_text(instance->state_dir));
    return 0;
}
