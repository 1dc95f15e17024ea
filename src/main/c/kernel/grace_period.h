/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waiting for BPF programs. A run of a program that is no sleepable one is an RCU reader, so one grace period ends every run that had begun.
 *
 * A grace period takes 10 to 30 ms where the kernel is in no hurry, and FIFREEZE waits for several. /sys/kernel/rcu_expedited makes
 * it less than one: the kernel then asks the processors instead of waiting for them. It is one switch for the whole system, so it is
 * held for milliseconds, left alone where somebody else has set it, and put back by the next process where ours was killed.
 * Where the administrator has set /sys/kernel/rcu_normal, as realtime kernels do, the kernel heeds that and not us.
 */
#ifndef BLKTRACK_GRACE_PERIOD_H
#define BLKTRACK_GRACE_PERIOD_H

#include <stdint.h>

#include "base/fault.h"

struct grace_period {
    int fence;          /* a map in map that no program knows: an update of it waits for all of them */
    int inner;
    unsigned int hurries;
    uint32_t *held;     /* survives the process: 1 while the switch may be ours */
};

/* `held` lies in a pinned map, under the instance's lock. What a process that was killed left switched on is switched off. */
int grace_period_open(struct grace_period *grace, uint32_t *held, struct fault *fault);
void grace_period_close(struct grace_period *grace);

/* Returns when every run of a program that was under way has ended. */
int grace_period_wait(struct grace_period *grace, struct fault *fault);

/* Between these two, grace periods are short, as far as the kernel lets us. They may be nested. */
void grace_period_hurry(struct grace_period *grace);
void grace_period_relax(struct grace_period *grace);

#endif
