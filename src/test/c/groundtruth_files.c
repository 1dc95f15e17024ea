/* SPDX-License-Identifier: Apache-2.0 */
/* Workers on a mounted file system: what programs do to files, and fstrim. */
#include "groundtruth.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define FILES 48
#define FILE_MAX (512u << 10)
#define TRIM_SECONDS 0.7

struct folder {
    struct worker *worker;
    char path[300];
};

static void name_of(const struct folder *folder, char *path, size_t size)
{
    snprintf(path, size, "%.290s/f%u", folder->path, (unsigned int)dice_below(&folder->worker->dice, FILES));
}

static uint64_t some_bytes(struct folder *folder)
{
    static const uint64_t sizes[] = {100, 5000, 5000, 70000, FILE_MAX};

    return 1 + dice_below(&folder->worker->dice, sizes[dice_below(&folder->worker->dice, sizeof sizes / sizeof *sizes)]);
}

/* A full file system is no failure: what is lacking is made room for. */
static bool fine(bool done)
{
    return done || errno == ENOSPC || errno == ENOENT || errno == EDQUOT || errno == EOPNOTSUPP;
}

static bool write_at(struct folder *folder, const char *path, int flags, uint64_t offset, uint64_t bytes)
{
    int fd = open(path, O_RDWR | O_CLOEXEC | flags, 0600);

    if (fd < 0)
        return fine(false);
    dice_fill(&folder->worker->dice, folder->worker->buffer, bytes);
    bool done = fine(pwrite(fd, folder->worker->buffer, bytes, (off_t)offset) >= 0);
    switch (dice_below(&folder->worker->dice, 6)) {
    case 0: done = fine(fsync(fd) == 0) && done; break;
    case 1: done = fine(fdatasync(fd) == 0) && done; break;
    }
    close(fd);
    return done;
}

static bool overwrite(struct folder *folder, const char *path)
{
    return write_at(folder, path, 0, dice_below(&folder->worker->dice, FILE_MAX), some_bytes(folder));
}

static bool overwrite_direct(struct folder *folder, const char *path)
{
    uint64_t bytes = (some_bytes(folder) + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;

    return write_at(folder, path, O_DIRECT, dice_below(&folder->worker->dice, FILE_MAX / PAGE_BYTES) * PAGE_BYTES, bytes);
}

static bool create(struct folder *folder, const char *path)
{
    return write_at(folder, path, O_CREAT | O_TRUNC, 0, some_bytes(folder));
}

static bool append(struct folder *folder, const char *path)
{
    return write_at(folder, path, O_CREAT | O_APPEND, 0, some_bytes(folder));
}

static bool shorten(struct folder *folder, const char *path)
{
    return fine(truncate(path, (off_t)dice_below(&folder->worker->dice, FILE_MAX)) == 0);
}

static bool move(struct folder *folder, const char *path)
{
    char other[320];

    name_of(folder, other, sizeof other);
    return fine(rename(path, other) == 0);
}

static bool delete(struct folder *folder, const char *path)
{
    (void)folder;
    return fine(unlink(path) == 0);
}

static bool allocate(struct folder *folder, const char *path)
{
    static const int modes[] = {0, FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, FALLOC_FL_ZERO_RANGE};
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (fd < 0)
        return fine(false);
    bool done = fine(fallocate(fd, modes[dice_below(&folder->worker->dice, sizeof modes / sizeof *modes)],
                               (off_t)dice_below(&folder->worker->dice, FILE_MAX), (off_t)some_bytes(folder)) == 0);
    close(fd);
    return done;
}

static bool write_mapped(struct folder *folder, const char *path)
{
    struct mapped_write wanted = {.bytes = some_bytes(folder), .seed = dice_roll(&folder->worker->dice), .sync = dice_below(&folder->worker->dice, 2)};

    snprintf(wanted.path, sizeof wanted.path, "%s", path);
    return fine(mapper_write(&folder->worker->mapper, &wanted));
}

static bool flush_all(struct folder *folder, const char *path)
{
    (void)path;
    int fd = open(folder->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool done = fd >= 0 && fine(syncfs(fd) == 0);

    if (fd >= 0)
        close(fd);
    return done;
}

static bool nearly_full(const struct folder *folder)
{
    struct statvfs status;

    return statvfs(folder->path, &status) || status.f_bavail < status.f_blocks / 5;
}

static bool (*const operations[])(struct folder *, const char *) = {
    create, create, append, append, overwrite, overwrite, overwrite_direct, shorten, move, delete, allocate, write_mapped, write_mapped, flush_all,
};

void work_files(struct worker *worker)
{
    struct folder folder = {.worker = worker};
    char path[320];

    snprintf(folder.path, sizeof folder.path, "%.250s/worker%u", worker->run->options.mounted, worker->number);
    if (mkdir(folder.path, 0700) && errno != EEXIST) {
        worker_skips(worker, strerror(errno));
        return;
    }
    while (pace(worker, FILE_MAX / 16)) {
        name_of(&folder, path, sizeof path);
        if (nearly_full(&folder))
            worker_did(worker, delete(&folder, path));
        else
            worker_did(worker, operations[dice_below(&worker->dice, sizeof operations / sizeof *operations)](&folder, path));
    }
}

void work_trim(struct worker *worker)
{
    int fd = open(worker->run->options.mounted, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    while (fd >= 0 && !atomic_load(&worker->run->stop)) {
        struct fstrim_range range = {.len = UINT64_MAX};
        pthread_mutex_lock(&worker->run->trim_lock);
        bool refused = ioctl(fd, FITRIM, &range) && (errno == EOPNOTSUPP || errno == ENOTTY);
        pthread_mutex_unlock(&worker->run->trim_lock);
        if (refused) {
            worker_skips(worker, "not supported");
            break;
        }
        worker_did(worker, true);
        sleep_for(TRIM_SECONDS);
    }
    if (fd >= 0)
        close(fd);
}
