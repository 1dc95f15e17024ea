/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The workers: which there are, how they start and end, and what keeps them from writing everything.
 *
 * The pace: all workers together touch about 1/PACE_SHARE of the granules between two checkpoints. A volume where
 * everything changes in each epoch can't show what is missed.
 */
#include "groundtruth.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define PACE_SHARE 10
#define PACE_STEP_SECONDS 0.002
#define MAX_WORKERS 24
#define STORM_THREADS 8
#define KIB 1024u

uint64_t dice_roll(struct dice *dice)
{
    /* splitmix64 */
    uint64_t z = dice->state += 0x9e3779b97f4a7c15ULL;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
    return z ^ z >> 31;
}

uint64_t dice_below(struct dice *dice, uint64_t bound)
{
    return bound ? dice_roll(dice) % bound : 0;
}

void dice_fill(struct dice *dice, void *buffer, size_t bytes)
{
    uint64_t value = dice_roll(dice) | 1;
    char *at = buffer;

    for (; bytes >= sizeof value; bytes -= sizeof value, at += sizeof value) {
        memcpy(at, &value, sizeof value);
        value += 0x9e3779b97f4a7c15ULL;
    }
    memcpy(at, &value, bytes);
}

double seconds_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void sleep_for(double seconds)
{
    struct timespec time = {.tv_sec = (time_t)seconds, .tv_nsec = (long)((seconds - (double)(time_t)seconds) * 1e9)};

    nanosleep(&time, NULL);
}

static bool take_tokens(struct run *run, double wanted)
{
    pthread_mutex_lock(&run->pace_lock);
    double now = seconds_now();
    run->tokens += (now - run->paced_at) * run->tokens_a_second;
    if (run->tokens > run->tokens_a_second)
        run->tokens = run->tokens_a_second; /* a second's worth is the most that is saved up */
    run->paced_at = now;
    if (run->paced_burst != atomic_load(&run->burst)) {
        run->paced_burst = atomic_load(&run->burst);
        run->epoch_left = run->epoch_tokens;
    }
    bool granted = run->tokens > 0 && run->epoch_left > 0;
    if (granted) {
        run->tokens -= wanted;
        run->epoch_left -= wanted;
    }
    pthread_mutex_unlock(&run->pace_lock);
    return granted;
}

bool pace(struct worker *worker, uint64_t bytes)
{
    struct run *run = worker->run;
    double wanted = (double)bytes / run->options.granule_bytes + 1;

    while (!atomic_load(&run->stop)) {
        if (worker->burst != atomic_load(&run->burst)) {
            worker->burst = atomic_load(&run->burst);
            return true;
        }
        if (take_tokens(run, wanted))
            return true;
        sleep_for(PACE_STEP_SECONDS);
    }
    return false;
}

void random_range(struct worker *worker, uint64_t *offset, uint64_t *bytes, uint64_t max_bytes)
{
    /* Mostly small, sometimes odd and middling, rarely large. */
    static const uint64_t sizes[] = {8 * KIB, 8 * KIB, 8 * KIB, 96 * KIB, 96 * KIB, 4096 * KIB};
    struct run *run = worker->run;
    uint64_t most = sizes[dice_below(&worker->dice, sizeof sizes / sizeof *sizes)];

    if (most > max_bytes)
        most = max_bytes;
    if (most > run->device_bytes / 16)
        most = run->device_bytes / 16;
    uint64_t blocks = 1 + dice_below(&worker->dice, most / run->block_bytes);
    uint64_t all = run->device_bytes / run->block_bytes / worker->parts;
    uint64_t start = dice_below(&worker->dice, all);
    if (blocks > all)
        blocks = all;
    if (start + blocks > all)
        start = all - blocks; /* the volume's end is written often */
    *offset = (worker->part * all + start) * run->block_bytes;
    *bytes = blocks * run->block_bytes;
}

void pending_enter(struct pending *pending, uint64_t offset, uint64_t bytes)
{
    atomic_store(&pending->offset, offset);
    atomic_store(&pending->bytes, bytes);
}

void pending_leave(struct pending *pending)
{
    atomic_store(&pending->bytes, 0);
}

void worker_did(struct worker *worker, bool done)
{
    atomic_fetch_add(&worker->run->operations, 1);
    if (!done)
        atomic_fetch_add(&worker->run->errors, 1);
    if (!done && worker->run->options.verbose)
        fprintf(stderr, "groundtruth: %s: %s\n", worker->name, strerror(errno));
}

void worker_skips(struct worker *worker, const char *why)
{
    struct run *run = worker->run;

    pthread_mutex_lock(&run->pace_lock);
    size_t length = strlen(run->skipped);
    snprintf(run->skipped + length, sizeof run->skipped - length, "%s%s: %s", length ? "; " : "", worker->name, why);
    pthread_mutex_unlock(&run->pace_lock);
}

int worker_open(struct worker *worker, int flags, uint64_t *shift)
{
    const struct run *run = worker->run;

    *shift = worker->through_disk ? run->disk_offset : 0;
    return open(worker->through_disk ? run->disk_path : run->device.path, flags | O_CLOEXEC);
}

static const struct kind {
    const char *name;
    void (*work)(struct worker *worker);
    bool raw, mounted, direct; /* direct: past the page cache, so fit to go through the whole disk */
    bool maps;                 /* files, in a process that is forked for it: before there are threads with queues */
    unsigned int threads; /* 0: a storm, of STORM_THREADS, only if it is named */
} kinds[] = {
    {"files", work_files, false, true, false, true, 2},      {"direct", work_direct, true, false, true, false, 1},
    {"buffered", work_buffered, true, false, false, false, 1}, {"mmap", work_mmap, true, false, false, false, 1},
    {"aio", work_aio, true, true, true, false, 1},           {"uring", work_uring, true, true, true, false, 1},
    {"discard", work_discard, true, false, true, false, 3},  {"zeroout", work_zeroout, true, false, true, false, 1},
    {"punch", work_punch, true, false, false, false, 1},     {"trim", work_trim, false, true, false, false, 1},
    {"storm", work_storm, true, false, false, false, 0},
};

struct workers {
    struct run *run;
    unsigned int count;
    struct worker each[MAX_WORKERS];
};

static bool wanted(const struct options *options, const char *name)
{
    size_t length = strlen(name);

    for (const char *at = options->workload; at; at = strchr(at, ',')) {
        at += *at == ',';
        if (strncmp(at, name, length) == 0 && (at[length] == ',' || at[length] == 0))
            return true;
    }
    return !options->workload;
}

static void *thread_main(void *argument)
{
    struct worker *worker = argument;

    worker->work(worker);
    return NULL;
}

static int start_one(struct workers *workers, const struct kind *kind, bool through_disk, struct fault *fault)
{
    struct run *run = workers->run;
    struct worker *worker = &workers->each[workers->count];

    *worker = (struct worker){.run = run, .name = kind->name, .work = kind->work, .through_disk = through_disk, .number = workers->count, .burst = atomic_load(&run->burst)};
    worker->parts = run->options.apart ? MAX_WORKERS : 1;
    worker->part = run->options.apart ? workers->count : 0;
    worker->dice.state = run->options.seed * 1000003u + workers->count;
    worker->buffer = aligned_alloc(PAGE_BYTES, BUFFER_BYTES);
    worker->pending = &run->pending[atomic_fetch_add(&run->pending_taken, run->queue_depth)];
    worker->maps = kind->maps;
    if (!worker->buffer || (worker->maps && !mapper_start(&worker->mapper)) || pthread_create(&worker->thread, NULL, thread_main, worker))
        return fault_errno(fault, STATUS_FAILED, "NO_WORKER", "cannot start the worker %s", kind->name);
    workers->count++;
    return 0;
}

struct workers *workers_start(struct run *run, struct fault *fault)
{
    struct workers *workers = calloc(1, sizeof *workers);
    double interval = (double)run->options.seconds / run->options.checkpoints;

    workers->run = run;
    pthread_mutex_init(&run->trim_lock, NULL);
    pthread_mutex_init(&run->pace_lock, NULL);
    run->epoch_tokens = run->epoch_left = (double)run->granules / PACE_SHARE;
    run->tokens_a_second = run->epoch_tokens / interval;
    run->paced_at = seconds_now();
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const struct kind *kind = &kinds[i];
        if (!(run->options.mounted ? kind->mounted : kind->raw) || (kind->threads == 0 && !run->options.workload) || !wanted(&run->options, kind->name))
            continue;
        for (unsigned int thread = 0; thread < (kind->threads ? kind->threads : STORM_THREADS); thread++)
            if (start_one(workers, kind, false, fault) || (kind->direct && run->disk_offset && start_one(workers, kind, true, fault)))
                return NULL;
    }
    if (workers->count == 0) {
        fault_set(fault, STATUS_USAGE, "NO_WORKLOAD", NULL, "no workload of that name fits");
        return NULL;
    }
    return workers;
}

static void flush_device(const char *path)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);

    if (fd < 0)
        return;
    fsync(fd);
    close(fd);
}

void workers_stop(struct workers *workers)
{
    struct run *run = workers->run;

    atomic_store(&run->stop, true);
    for (unsigned int i = 0; i < workers->count; i++) {
        pthread_join(workers->each[i].thread, NULL);
        if (workers->each[i].maps)
            mapper_end(&workers->each[i].mapper);
        free(workers->each[i].buffer);
    }
    sync();
    flush_device(run->device.path);
    flush_device(run->disk_path);
    free(workers);
}
