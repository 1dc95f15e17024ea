/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ground truth: what the parts of the test share.
 *
 * One run tracks one device, lets seeded workers change it, takes checkpoints while they run, and reads a copy of the
 * whole device behind each. Copies are kept as one 64-bit digest a granule. Then, for copies i < j, every granule
 * that differs must be in the epochs between:
 *
 *     copy i: read after checkpoint i returned            -> its content is that of epoch i+1 or older
 *     copy j: read while epoch j+1 is live                -> what differs was changed in epochs i+1 .. j+1
 *             read under a freeze that spans checkpoint j -> in epochs i+1 .. j
 *
 * Adjoining copies are compared, and each with the last one, which is read at rest.
 *
 * A write that is lost to the new epoch shows only if its granule is read before the write is done, and if nothing
 * else touches the granule in the epochs compared. So the workers keep a table of what they have under way, which the
 * copier reads first; they are paced, so that most granules of an epoch stay untouched; and they fill their queues right
 * before each checkpoint.
 */
#ifndef BLKTRACK_GROUNDTRUTH_H
#define BLKTRACK_GROUNDTRUTH_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tracker/tracker.h"
#include "base/units.h"

#define MAX_PENDING 3072   /* writes that all workers together may have under way */
#define MIN_QUEUE_DEPTH 4
#define MAX_QUEUE_DEPTH 128
#define BUFFER_BYTES (4u << 20) /* the largest single write */

enum sabotage { SABOTAGE_NONE, SABOTAGE_CARRY, SABOTAGE_BIT, SABOTAGE_DISCARD, SABOTAGE_COUNT, SABOTAGE_LOST };

struct options {
    const char *device_path;
    uint64_t seed;
    unsigned int seconds, checkpoints, keep_copies;
    uint32_t granule_bytes;
    const char *mounted;       /* NULL: raw */
    const char *workload;      /* comma-separated names; NULL: all that fit */
    enum sabotage sabotage;
    bool verbose;
    bool apart;                /* no two writes to the same place at a time: mirrors would differ for ever */
};

/* A seeded sequence; each worker has its own. */
struct dice {
    uint64_t state;
};
uint64_t dice_roll(struct dice *dice);
uint64_t dice_below(struct dice *dice, uint64_t bound);
/* Fills with content that was never written before. */
void dice_fill(struct dice *dice, void *buffer, size_t bytes);

struct pending {
    _Atomic uint64_t offset;   /* bytes, on the volume */
    _Atomic uint64_t bytes;    /* 0: slot is free */
};

struct run {
    struct options options;
    struct device device;
    uint64_t device_bytes, granules;
    uint32_t block_bytes;      /* logical block */
    char disk_path[64];        /* of the whole disk, if the volume is a partition of it; else as device.path */
    uint64_t disk_offset;      /* of the volume on it */
    unsigned int queue_depth;

    atomic_bool stop;
    atomic_uint burst;         /* counted up before each checkpoint: queues fill now */
    atomic_ullong operations, errors;
    struct pending pending[MAX_PENDING];
    atomic_uint pending_taken; /* slots handed to workers */
    bool discards_read_zero;   /* seen before tracking began */
    char skipped[256];         /* workloads that this kernel or device can't do */

    pthread_mutex_t trim_lock; /* held around a trim, and around a freeze of our own: ext4 and btrfs trim while frozen */
    pthread_mutex_t pace_lock;
    double tokens, tokens_a_second;
    double paced_at;
    double epoch_tokens, epoch_left; /* granules that an epoch may touch, however long it lasts on a slow device */
    unsigned int paced_burst;
};

double seconds_now(void);
void sleep_for(double seconds);

/* A process that writes through mappings (groundtruth_mapped.c). */
struct mapper {
    pid_t process;
    int socket;
};
struct mapped_write {
    char path[320];
    uint64_t bytes, seed;      /* at most BUFFER_BYTES */
    bool sync;
};
bool mapper_start(struct mapper *mapper);
/* The whole content of a file is written, mapped, and written again; false, and errno: it failed. */
bool mapper_write(struct mapper *mapper, const struct mapped_write *wanted);
void mapper_end(struct mapper *mapper);

/* One worker, a thread with dice and a buffer of its own. */
struct worker {
    struct run *run;
    const char *name;
    void (*work)(struct worker *worker);
    struct dice dice;
    char *buffer;              /* BUFFER_BYTES, page-aligned */
    struct pending *pending;   /* queue_depth slots */
    bool through_disk;         /* writes through the whole disk */
    unsigned int number;
    unsigned int burst;        /* the last one that it saw */
    uint64_t part, parts;      /* of the device, where workers keep apart */
    bool maps;
    struct mapper mapper;      /* if it maps */
    pthread_t thread;
};

/* Waits until a write of so many bytes is due, or a checkpoint is; false: the run is over. */
bool pace(struct worker *worker, uint64_t bytes);

/* An odd range of whole blocks in the volume. */
void random_range(struct worker *worker, uint64_t *offset, uint64_t *bytes, uint64_t max_bytes);
void pending_enter(struct pending *pending, uint64_t offset, uint64_t bytes);
void pending_leave(struct pending *pending);
/* Counts an operation, and its failure if it is one that a healthy device does not give. */
void worker_did(struct worker *worker, bool done);
void worker_skips(struct worker *worker, const char *why);
/* The device, or the whole disk with `*shift` bytes added to each offset. */
int worker_open(struct worker *worker, int flags, uint64_t *shift);

/* groundtruth_raw.c, groundtruth_queue.c, groundtruth_files.c */
void work_direct(struct worker *worker);
void work_storm(struct worker *worker);
void work_buffered(struct worker *worker);
void work_mmap(struct worker *worker);
void work_discard(struct worker *worker);
void work_zeroout(struct worker *worker);
void work_punch(struct worker *worker);
void work_aio(struct worker *worker);
void work_uring(struct worker *worker);
void work_files(struct worker *worker);
void work_trim(struct worker *worker);

struct workers;
struct workers *workers_start(struct run *run, struct fault *fault);
/* Ends them all, and flushes what they left in caches. */
void workers_stop(struct workers *workers);

#endif
