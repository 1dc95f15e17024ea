/* SPDX-License-Identifier: Apache-2.0 */
#include "table/transfers.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#define THREADS 2       /* one transfer waits in the device while the other moves */

/* Semaphores and no condition variable: those of glibc before 2.41 may lose a wake-up (its bug 25847). */
struct transfers {
    struct medium *medium;
    transfer_function *make;
    pthread_mutex_t mutex;          /* of the queue */
    struct transfer *first, **last;
    sem_t queued;                   /* as often as there are transfers in it; and once for each thread that is to end */
    unsigned int count;
    pthread_t threads[THREADS];
};

static void take(sem_t *semaphore)
{
    while (sem_wait(semaphore) && errno == EINTR)
        ;
}

static struct transfer *next_transfer(struct transfers *transfers)
{
    take(&transfers->queued);
    pthread_mutex_lock(&transfers->mutex);
    struct transfer *transfer = transfers->first;
    if (transfer && !(transfers->first = transfer->next))
        transfers->last = &transfers->first;
    pthread_mutex_unlock(&transfers->mutex);
    return transfer;
}

static void *work(void *context)
{
    struct transfers *transfers = context;
    struct transfer *transfer;

    while ((transfer = next_transfer(transfers))) {
        transfer->result = transfers->make(transfers->medium, transfer);
        sem_post(&transfer->ended);
    }
    return NULL;
}

struct transfers *transfers_start(struct medium *medium, transfer_function *make)
{
    struct transfers *transfers = calloc(1, sizeof *transfers);

    if (!transfers)
        return NULL;
    *transfers = (struct transfers){ .medium = medium, .make = make, .last = &transfers->first };
    pthread_mutex_init(&transfers->mutex, NULL);
    sem_init(&transfers->queued, 0, 0);
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
    sem_init(&transfer->ended, 0, 0);
    pthread_mutex_lock(&transfers->mutex);
    *transfers->last = transfer;
    transfers->last = &transfer->next;
    pthread_mutex_unlock(&transfers->mutex);
    sem_post(&transfers->queued);
}

void transfers_wait(struct transfer *transfer)
{
    take(&transfer->ended);
    sem_destroy(&transfer->ended);
}

void transfers_stop(struct transfers *transfers)
{
    for (unsigned int thread = 0; thread < transfers->count; thread++)
        sem_post(&transfers->queued);
    while (transfers->count > 0)
        pthread_join(transfers->threads[--transfers->count], NULL);
    sem_destroy(&transfers->queued);
    pthread_mutex_destroy(&transfers->mutex);
    free(transfers);
}
