/* SPDX-License-Identifier: Apache-2.0 */
/* Workers on the bare device, one system call after the other. */
#include "groundtruth.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define SYNC_ONE_IN 8
#define MMAP_BYTES (256u << 10)
/* Discards are rarer and larger than writes. */
#define LONG_ONE_IN 64 /* so long that it is marked by chunks, where granules are small enough */
#define DISCARD_PAUSE_SECONDS 0.01
#define STORM_PAUSE_SECONDS 0.004

void work_direct(struct worker *worker)
{
    uint64_t offset, bytes, shift;
    int fd = worker_open(worker, O_RDWR | O_DIRECT, &shift);
    int durable = worker_open(worker, O_RDWR | O_DIRECT | O_DSYNC, &shift); /* writes with FUA, or a flush behind them */

    for (;;) {
        random_range(worker, &offset, &bytes, BUFFER_BYTES);
        if (!pace(worker, bytes))
            break;
        dice_fill(&worker->dice, worker->buffer, bytes);
        int to = dice_below(&worker->dice, SYNC_ONE_IN) ? fd : durable;
        pending_enter(worker->pending, offset, bytes);
        worker_did(worker, pwrite(to, worker->buffer, bytes, (off_t)(offset + shift)) == (ssize_t)bytes);
        pending_leave(worker->pending);
    }
    close(durable);
    close(fd);
}

/*
 * Many tasks of rising real-time priority, each waking at odd moments: they take the processor from each other wherever they are, in
 * the tracking programs too, and several deep.
 */
void work_storm(struct worker *worker)
{
    const struct sched_param priority = {.sched_priority = 1 + (int)worker->number};
    uint64_t offset, bytes, shift;
    int fd = worker_open(worker, O_RDWR | O_DIRECT, &shift);

    if (sched_setscheduler(0, SCHED_FIFO, &priority))
        worker_skips(worker, strerror(errno));
    while (!atomic_load(&worker->run->stop)) {
        sleep_for(STORM_PAUSE_SECONDS * (double)dice_below(&worker->dice, 1000) / 1000);
        random_range(worker, &offset, &bytes, PAGE_BYTES);
        dice_fill(&worker->dice, worker->buffer, bytes);
        pending_enter(worker->pending, offset, bytes);
        worker_did(worker, pwrite(fd, worker->buffer, bytes, (off_t)(offset + shift)) == (ssize_t)bytes);
        pending_leave(worker->pending);
    }
    close(fd);
}

void work_buffered(struct worker *worker)
{
    struct run *run = worker->run;
    uint64_t offset, bytes, shift;
    int fd = worker_open(worker, O_RDWR, &shift);

    for (;;) {
        random_range(worker, &offset, &bytes, BUFFER_BYTES);
        if (!pace(worker, bytes))
            break;
        /* Not even whole blocks. */
        uint64_t skip = dice_below(&worker->dice, run->block_bytes);
        bytes = bytes > skip + 1 ? bytes - skip - dice_below(&worker->dice, 2) : 1;
        dice_fill(&worker->dice, worker->buffer, bytes);
        bool done = pwrite(fd, worker->buffer, bytes, (off_t)(offset + skip)) == (ssize_t)bytes;
        if (dice_below(&worker->dice, SYNC_ONE_IN) == 0) {
            pending_enter(worker->pending, offset, bytes);
            done = fdatasync(fd) == 0 && done;
            pending_leave(worker->pending);
        }
        worker_did(worker, done);
    }
    worker_did(worker, fsync(fd) == 0);
    close(fd);
}

void work_mmap(struct worker *worker)
{
    uint64_t offset, bytes, shift;
    int fd = worker_open(worker, O_RDWR, &shift);

    for (;;) {
        random_range(worker, &offset, &bytes, MMAP_BYTES);
        if (!pace(worker, bytes))
            break;
        uint64_t into = offset % PAGE_BYTES;
        char *place = mmap(NULL, into + bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)(offset - into));
        if (place == MAP_FAILED) {
            worker_did(worker, false);
            continue;
        }
        dice_fill(&worker->dice, place + into, bytes);
        bool done = dice_below(&worker->dice, 2) || msync(place, into + bytes, MS_SYNC) == 0;
        munmap(place, into + bytes);
        worker_did(worker, done);
    }
    worker_did(worker, fsync(fd) == 0);
    close(fd);
}

/* Half of the ranges lie on granules, so that whole granules are discarded. */
static void discard_range(struct worker *worker, uint64_t range[2])
{
    struct run *run = worker->run;
    uint64_t granule = run->options.granule_bytes;

    random_range(worker, &range[0], &range[1], run->device_bytes / 16);
    uint64_t long_bytes = run->device_bytes / 8 * 3 / run->block_bytes * run->block_bytes;
    if (!run->options.apart && long_bytes / granule > 2 * BT_CHUNK_GRANULES && dice_below(&worker->dice, LONG_ONE_IN) == 0) {
        range[0] = dice_below(&worker->dice, run->device_bytes / run->block_bytes / 2) * run->block_bytes;
        range[1] = long_bytes;
    }
    if (run->options.apart || dice_below(&worker->dice, 2))
        return;
    range[0] -= range[0] % granule;
    range[1] = (range[1] + granule - 1) / granule * granule;
    if (range[0] + range[1] > run->device_bytes)
        range[1] = run->device_bytes - range[0];
}

static void work_ioctl(struct worker *worker, unsigned long request)
{
    uint64_t range[2], shift;
    int fd = worker_open(worker, O_RDWR, &shift);

    for (;;) {
        discard_range(worker, range);
        if (!pace(worker, range[1]))
            break;
        pending_enter(worker->pending, range[0], range[1]);
        range[0] += shift;
        bool done = ioctl(fd, request, range) == 0;
        pending_leave(worker->pending);
        if (!done && errno == EOPNOTSUPP) {
            worker_skips(worker, "not supported by the device");
            break;
        }
        worker_did(worker, done);
        sleep_for(DISCARD_PAUSE_SECONDS);
    }
    close(fd);
}

void work_discard(struct worker *worker)
{
    work_ioctl(worker, BLKDISCARD);
}

void work_zeroout(struct worker *worker)
{
    work_ioctl(worker, BLKZEROOUT);
}

void work_punch(struct worker *worker)
{
    static const int modes[] = {FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, FALLOC_FL_ZERO_RANGE, FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE};
    uint64_t range[2], shift;
    int fd = worker_open(worker, O_RDWR, &shift);

    for (;;) {
        discard_range(worker, range);
        if (!pace(worker, range[1]))
            break;
        pending_enter(worker->pending, range[0], range[1]);
        bool done = fallocate(fd, modes[dice_below(&worker->dice, sizeof modes / sizeof *modes)], (off_t)range[0], (off_t)range[1]) == 0;
        pending_leave(worker->pending);
        /* A device that can't write zeroes by itself refuses to punch. */
        worker_did(worker, done || errno == EOPNOTSUPP);
        sleep_for(DISCARD_PAUSE_SECONDS);
    }
    close(fd);
}
