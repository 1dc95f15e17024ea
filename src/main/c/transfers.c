/* SPDX-License-Identifier: Apache-2.0 */
#include "transfers.h"

#include <pthread.h>
#include <stdlib.h>

#define THREADS 2       /* one transfer waits in the device while the other moves */

struct transfers {
    struct medium *medium;
    transfer_function *make;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct transfer *first, **last;
    bool stopping;
    unsigned int count;
    pthread_t threads[THREADS];
};

static void *work(void *context)
{
    struct transfers *transfers = context;

    pthread_mutex_lock(&transfers->mutex);
    for (;;) {
        while (!transfers->first && !transfers->stopping)
            pthread_cond_wait(&transfers->changed, &transfers->mutex);
        struct transfer *transfer = transfers->first;
        if (!transfer)
            break;
        transfers->first = transfer->next;
        if (!transfers->first)
            transfers->last = &transfers->first;
        pthread_mutex_unlock(&transfers->mutex);
        int result = transfers->make(transfers->medium, transfer);
        pthread_mutex_lock(&transfers->mutex);
        transfer->result = result;
        transfer->done = true;
        pthread_cond_broadcast(&transfers->changed);
    }
    pthread_mutex_unlock(&transfers->mutex);
    return NULL;
}

struct transfers *transfers_start(struct medium *medium, transfer_function *make)
{
    struct transfers *transfers = calloc(1, sizeof *transfers);

    if (!transfers)
        return NULL;
    *transfers = (struct transfers){ .medium = medium, .make = make, .last = &transfers->first };
    pthread_mutex_init(&transfers->mutex, NULL);
    pthread_cond_init(&transfers->changed, NULL);
    while (transfers->count < THREADS && pthread_create(&transfers->threads[transfers->count], NULL, work, transfers) == 0)
        transfers->count++;
    if (transfers->count > 0)
        return transfers;
    transfers_stop(transfers);
    return NULL;
}

void transfers_begin(struct transfers *transfers, struct transfer *transfer)
{
    transfer->next = NULL;
    pthread_mutex_lock(&transfers->mutex);
    *transfers->last = transfer;
    transfers->last = &transfer->next;
    pthread_cond_broadcast(&transfers->changed);
    pthread_mutex_unlock(&transfers->mutex);
}

void transfers_wait(struct transfers *transfers, struct transfer *transfer)
{
    pthread_mutex_lock(&transfers->mutex);
    while (!transfer->done)
        pthread_cond_wait(&transfers->changed, &transfers->mutex);
    pthread_mutex_unlock(&transfers->mutex);
}

void transfers_stop(struct transfers *transfers)
{
    pthread_mutex_lock(&transfers->mutex);
    transfers->stopping = true;
    pthread_cond_broadcast(&transfers->changed);
    pthread_mutex_unlock(&transfers->mutex);
    while (transfers->count > 0)
        pthread_join(transfers->threads[--transfers->count], NULL);
    pthread_cond_destroy(&transfers->changed);
    pthread_mutex_destroy(&transfers->mutex);
    free(transfers);
}
