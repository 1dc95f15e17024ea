/* SPDX-License-Identifier: Apache-2.0 */
#include "parallel.h"

#include <pthread.h>

#define MAX_THREADS 8   /* most steps wait for disks, and those that don't are content with fewer */

struct work {
    parallel_step *step;
    void *context;
    int count, next;            /* next: taken by whoever comes first */
    int failed;                 /* 1: the fault is somebody's */
    struct fault fault;
};

static void *make_steps(void *shared)
{
    struct work *work = shared;
    struct fault fault;
    int index;

    while ((index = __atomic_fetch_add(&work->next, 1, __ATOMIC_RELAXED)) < work->count)
        if (work->step(work->context, index, &fault) && !__atomic_exchange_n(&work->failed, 1, __ATOMIC_ACQ_REL))
            work->fault = fault;
    return NULL;
}

int in_parallel(int count, parallel_step *step, void *context, struct fault *fault)
{
    struct work work = { .step = step, .context = context, .count = count };
    pthread_t threads[MAX_THREADS];
    int wanted = count < MAX_THREADS ? count : MAX_THREADS, started = 0;

    while (started < wanted - 1 && pthread_create(&threads[started], NULL, make_steps, &work) == 0)
        started++;
    make_steps(&work); /* this thread is one of them, and makes them all where there are no others */
    while (started > 0)
        pthread_join(threads[--started], NULL);
    if (work.failed)
        *fault = work.fault;
    return work.failed ? -1 : 0;
}
