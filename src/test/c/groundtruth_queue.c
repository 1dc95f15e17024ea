/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Workers that keep many writes in flight: Linux AIO and io_uring, by their system calls. They write at the common pace,
 * and fill the whole queue at once when a checkpoint is about to be taken.
 */
#include "groundtruth.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/io_uring.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SLOT_BYTES (128u << 10)
#define MIN_WRITE_MAX_BYTES (8u << 10)
#define WRITE_MAX_GRANULES 2 /* a full queue is to leave most granules alone */
#define IDLE_SECONDS 0.001
#define FILE_BYTES (16u << 20)

struct queue {
    struct worker *worker;
    int fd;
    uint64_t shift, file_bytes;   /* file_bytes: 0 on a bare device */
    unsigned int depth, busy;
    char *buffers;
    struct {
        bool taken;
        uint64_t offset, bytes;
    } slot[MAX_QUEUE_DEPTH];
    /* Linux AIO */
    aio_context_t context;
    /* io_uring */
    int ring;
    struct io_uring_params params;
    char *submission, *completion;
    size_t submission_bytes, completion_bytes;
    struct io_uring_sqe *entries;
    bool (*submit)(struct queue *queue, unsigned int slot);
    void (*reap)(struct queue *queue, bool wait);
};

static void finish(struct queue *queue, unsigned int slot, int64_t result)
{
    worker_did(queue->worker, result == (int64_t)queue->slot[slot].bytes);
    pending_leave(&queue->worker->pending[slot]);
    queue->slot[slot].taken = false;
    queue->busy--;
}

static bool overlaps(const struct queue *queue, uint64_t offset, uint64_t bytes)
{
    for (unsigned int i = 0; i < queue->depth; i++)
        if (queue->slot[i].taken && offset < queue->slot[i].offset + queue->slot[i].bytes && queue->slot[i].offset < offset + bytes)
            return true;
    return false;
}

static void choose(struct queue *queue, unsigned int slot)
{
    struct worker *worker = queue->worker;
    uint64_t offset, bytes, most = (uint64_t)WRITE_MAX_GRANULES * worker->run->options.granule_bytes;

    if (most < MIN_WRITE_MAX_BYTES)
        most = MIN_WRITE_MAX_BYTES;
    do {
        random_range(worker, &offset, &bytes, most < SLOT_BYTES ? most : SLOT_BYTES);
    } while (worker->run->options.apart && overlaps(queue, offset, bytes));
    if (queue->file_bytes) {
        offset %= queue->file_bytes - SLOT_BYTES;
        offset -= offset % PAGE_BYTES;
        bytes = (bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
        if (bytes > SLOT_BYTES)
            bytes = SLOT_BYTES;
    }
    queue->slot[slot].offset = offset;
    queue->slot[slot].bytes = bytes;
    queue->slot[slot].taken = true;
    dice_fill(&worker->dice, queue->buffers + (size_t)slot * SLOT_BYTES, bytes);
    /* Where a file's blocks lie is not known here. */
    if (!queue->file_bytes)
        pending_enter(&worker->pending[slot], offset, bytes);
}

static bool write_one(struct queue *queue)
{
    unsigned int slot = 0;

    while (queue->slot[slot].taken)
        slot++;
    choose(queue, slot);
    queue->busy++;
    if (queue->submit(queue, slot))
        return true;
    finish(queue, slot, -errno);
    return false;
}

static void loop(struct queue *queue)
{
    struct run *run = queue->worker->run;
    unsigned int burst = atomic_load(&run->burst);

    while (!atomic_load(&run->stop)) {
        if (burst != atomic_load(&run->burst)) {
            burst = atomic_load(&run->burst);
            while (queue->busy < queue->depth && write_one(queue))
                ;
        } else if (queue->busy < queue->depth && pace(queue->worker, PAGE_BYTES)) {
            write_one(queue);
        }
        queue->reap(queue, queue->busy >= queue->depth);
        if (queue->busy)
            sleep_for(IDLE_SECONDS);
    }
    while (queue->busy)
        queue->reap(queue, true);
}

/* Raw: the device. Mounted: a file of its own, written once, so that later writes need no allocation. */
static bool open_target(struct queue *queue)
{
    struct worker *worker = queue->worker;
    const char *dir = worker->run->options.mounted;
    char path[320];

    if (!dir) {
        queue->fd = worker_open(worker, O_RDWR | O_DIRECT, &queue->shift);
        return queue->fd >= 0;
    }
    snprintf(path, sizeof path, "%s/%s.data", dir, worker->name);
    queue->file_bytes = FILE_BYTES < worker->run->device_bytes / 8 ? FILE_BYTES : worker->run->device_bytes / 8;
    queue->file_bytes -= queue->file_bytes % PAGE_BYTES;
    queue->fd = open(path, O_RDWR | O_CREAT | O_DIRECT | O_CLOEXEC, 0600);
    if (queue->fd < 0)
        return false;
    for (uint64_t at = 0; at + SLOT_BYTES <= queue->file_bytes; at += SLOT_BYTES) {
        dice_fill(&worker->dice, worker->buffer, SLOT_BYTES);
        if (pwrite(queue->fd, worker->buffer, SLOT_BYTES, (off_t)at) != (ssize_t)SLOT_BYTES)
            return false;
    }
    return fsync(queue->fd) == 0;
}

static bool open_queue(struct queue *queue, struct worker *worker)
{
    memset(queue, 0, sizeof *queue);
    queue->worker = worker;
    queue->depth = worker->run->queue_depth;
    queue->buffers = aligned_alloc(PAGE_BYTES, (size_t)queue->depth * SLOT_BYTES);
    queue->fd = -1;
    if (queue->buffers && open_target(queue))
        return true;
    worker_skips(worker, strerror(errno));
    return false;
}

static void close_queue(struct queue *queue)
{
    if (queue->fd >= 0) {
        fsync(queue->fd);
        close(queue->fd);
    }
    free(queue->buffers);
}

/* --- Linux AIO --- */

static bool aio_submit(struct queue *queue, unsigned int slot)
{
    struct iocb request = {
        .aio_data = slot,
        .aio_lio_opcode = IOCB_CMD_PWRITE,
        .aio_fildes = (uint32_t)queue->fd,
        .aio_buf = (uintptr_t)(queue->buffers + (size_t)slot * SLOT_BYTES),
        .aio_nbytes = queue->slot[slot].bytes,
        .aio_offset = (int64_t)(queue->slot[slot].offset + queue->shift),
    };
    struct iocb *requests[] = {&request};

    return syscall(SYS_io_submit, queue->context, 1, requests) == 1;
}

static void aio_reap(struct queue *queue, bool wait)
{
    struct io_event events[MAX_QUEUE_DEPTH];
    long count = syscall(SYS_io_getevents, queue->context, wait ? 1 : 0, queue->depth, events, NULL);

    for (long i = 0; i < count; i++)
        finish(queue, (unsigned int)events[i].data, events[i].res);
}

void work_aio(struct worker *worker)
{
    struct queue queue;

    if (open_queue(&queue, worker)) {
        queue.submit = aio_submit;
        queue.reap = aio_reap;
        if (syscall(SYS_io_setup, queue.depth, &queue.context)) {
            worker_skips(worker, strerror(errno));
        } else {
            loop(&queue);
            syscall(SYS_io_destroy, queue.context);
        }
    }
    close_queue(&queue);
}

/* --- io_uring --- */

static unsigned int *ring_word(char *ring, uint32_t offset)
{
    return (unsigned int *)(void *)(ring + offset);
}

static bool uring_submit(struct queue *queue, unsigned int slot)
{
    unsigned int *tail = ring_word(queue->submission, queue->params.sq_off.tail);
    unsigned int index = *tail & *ring_word(queue->submission, queue->params.sq_off.ring_mask);

    queue->entries[index] = (struct io_uring_sqe){
        .opcode = IORING_OP_WRITE,
        .fd = queue->fd,
        .addr = (uintptr_t)(queue->buffers + (size_t)slot * SLOT_BYTES),
        .len = (uint32_t)queue->slot[slot].bytes,
        .off = queue->slot[slot].offset + queue->shift,
        .user_data = slot,
    };
    ring_word(queue->submission, queue->params.sq_off.array)[index] = index;
    __atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
    return syscall(SYS_io_uring_enter, queue->ring, 1, 0, 0, NULL, 0) == 1;
}

static void uring_reap(struct queue *queue, bool wait)
{
    unsigned int *head = ring_word(queue->completion, queue->params.cq_off.head);
    unsigned int mask = *ring_word(queue->completion, queue->params.cq_off.ring_mask);
    const struct io_uring_cqe *events = (const void *)(queue->completion + queue->params.cq_off.cqes);

    if (wait)
        syscall(SYS_io_uring_enter, queue->ring, 0, 1, IORING_ENTER_GETEVENTS, NULL, 0);
    while (*head != __atomic_load_n(ring_word(queue->completion, queue->params.cq_off.tail), __ATOMIC_ACQUIRE)) {
        const struct io_uring_cqe *event = &events[*head & mask];
        finish(queue, (unsigned int)event->user_data, event->res);
        __atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
    }
}

static void *map_ring(const struct queue *queue, size_t bytes, off_t offset)
{
    return mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, queue->ring, offset);
}

static bool uring_open(struct queue *queue)
{
    const struct io_uring_params *params = &queue->params;

    queue->ring = (int)syscall(SYS_io_uring_setup, queue->depth, &queue->params);
    if (queue->ring < 0)
        return false;
    queue->submission_bytes = params->sq_off.array + params->sq_entries * sizeof(uint32_t);
    queue->completion_bytes = params->cq_off.cqes + params->cq_entries * sizeof(struct io_uring_cqe);
    queue->submission = map_ring(queue, queue->submission_bytes, IORING_OFF_SQ_RING);
    queue->completion = map_ring(queue, queue->completion_bytes, (off_t)IORING_OFF_CQ_RING);
    queue->entries = map_ring(queue, params->sq_entries * sizeof *queue->entries, (off_t)IORING_OFF_SQES);
    return queue->submission != MAP_FAILED && queue->completion != MAP_FAILED && (void *)queue->entries != MAP_FAILED;
}

void work_uring(struct worker *worker)
{
    struct queue queue;

    if (open_queue(&queue, worker)) {
        queue.submit = uring_submit;
        queue.reap = uring_reap;
        if (uring_open(&queue))
            loop(&queue);
        else
            worker_skips(worker, strerror(errno));
        if (queue.ring >= 0)
            close(queue.ring);
    }
    close_queue(&queue);
}
