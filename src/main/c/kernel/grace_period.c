/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/grace_period.h"

#include <bpf/bpf.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/sysfs.h"

#define SWITCH "/sys/kernel/rcu_expedited"

static bool set_switch(char value)
{
    int fd = open(SWITCH, O_WRONLY | O_CLOEXEC);

    if (fd < 0)
        return false;
    bool written = write(fd, &value, 1) == 1;
    close(fd);
    return written;
}

/* Noted before it is switched on, and until it is off again: a kill in between leaves the note. */
static void switch_on(uint32_t *held)
{
    uint64_t value;

    if (sysfs_u64(&value, SWITCH) || value != 0)
        return;
    __atomic_store_n(held, 1, __ATOMIC_SEQ_CST);
    if (!set_switch('1'))
        __atomic_store_n(held, 0, __ATOMIC_SEQ_CST);
}

static void switch_off(uint32_t *held)
{
    if (__atomic_load_n(held, __ATOMIC_SEQ_CST) && set_switch('0'))
        __atomic_store_n(held, 0, __ATOMIC_SEQ_CST);
}

int grace_period_open(struct grace_period *grace, uint32_t *held, struct fault *fault)
{
    *grace = (struct grace_period){ .fence = -1, .held = held };
    switch_off(held);
    grace->inner = bpf_map_create(BPF_MAP_TYPE_ARRAY, "bt_inner", sizeof(uint32_t), sizeof(uint32_t), 1, NULL);
    if (grace->inner >= 0) {
        LIBBPF_OPTS(bpf_map_create_opts, options, .inner_map_fd = (uint32_t)grace->inner);
        grace->fence = bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, "bt_fence", sizeof(uint32_t), sizeof(uint32_t), 1, &options);
    }
    return grace->fence < 0 ? fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot make the map that waits for the programs") : 0;
}

void grace_period_close(struct grace_period *grace)
{
    if (grace->fence >= 0)
        close(grace->fence);
    if (grace->inner >= 0)
        close(grace->inner);
}

/* An update of a map in map returns after synchronize_rcu() (maybe_wait_bpf_programs in kernel/bpf/syscall.c); in recent kernels only one that succeeds does. */
int grace_period_wait(struct grace_period *grace, struct fault *fault)
{
    uint32_t first = 0;

    grace_period_hurry(grace);
    int failed = bpf_map_update_elem(grace->fence, &first, &grace->inner, BPF_ANY);
    if (failed)
        fault_errno(fault, STATUS_FAILED, "NO_GRACE_PERIOD", "cannot wait for the programs that are running");
    grace_period_relax(grace);
    return failed;
}

void grace_period_hurry(struct grace_period *grace)
{
    if (grace->hurries++ == 0)
        switch_on(grace->held);
}

void grace_period_relax(struct grace_period *grace)
{
    if (--grace->hurries == 0)
        switch_off(grace->held);
}
