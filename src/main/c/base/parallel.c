/* SPDX-License-Identifier: Apache-2.0 */
#include "base/parallel.h"

#include <pthread.h>
#include <unistd.h>

#define MAX_THREADS 8

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

/* One more than there are processors takes the turn of one that waits; more than that only push each other out of the caches. */
static int most_threads(enum parallel_load load)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);

    return load == COMPUTING && processors > 0 && processors < MAX_THREADS ? (int)processors + 1 : MAX_THREADS;
}

int in_parallel(enum parallel_load load, int count, parallel_step *step, void *context, struct fault *fault)
{
    struct work work = { .step = step, .context = context, .count = count };
    pthread_t threads[MAX_THREADS];
    int most = most_threads(load), wanted = count < most ? count : most, started = 0;

    while (started < wanted - 1 && pthread_create(&threads[started], NULL, make_steps, &work) == 0)
        started++;
    make_steps(&work); /* this thread is one of them, and makes them all where there are no others */
    while (started > 0)
        pthread_join(threads[--started], NULL);
    if (work.failed)
        *fault = work.fault;
    return work.failed ? -1 : 0;
}
