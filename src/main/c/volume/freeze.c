/* SPDX-License-Identifier: Apache-2.0 */
#include "volume/freeze.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/sysfs.h"

#define GUARDIAN_DONE 0
#define GUARDIAN_EXPIRED 1

/* Once each, by whoever comes first: a second thaw could end somebody else's freeze. */
static void thaw(const struct freeze *freeze)
{
    for (int i = freeze->count - 1; i >= 0; i--) {
        if (!freeze->ours[i])
            continue;
        ioctl(freeze->fds[i], FITHAW, 0);
        freeze->ours[i] = false;
    }
}

/* Runs in the child. It thaws by itself in both cases, so that a parent killed at any instruction is no matter. */
static void guard(struct freeze *freeze, int alive, unsigned int limit_ms)
{
    struct pollfd parent = {.fd = alive, .events = POLLIN};

    /* Who ends the helper by its name must leave the one that thaws. */
    prctl(PR_SET_NAME, "blktrack-thaw");
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    int ended;
    do {
        ended = poll(&parent, 1, (int)limit_ms);
    } while (ended < 0 && errno == EINTR);
    thaw(freeze);
    _exit(ended ? GUARDIAN_DONE : GUARDIAN_EXPIRED);
}

static int start_guardian(struct freeze *freeze, unsigned int limit_ms, struct fault *fault)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC))
        return fault_errno(fault, STATUS_FAILED, "FREEZE_FAILED", "cannot make the freeze's guardian");
    /* Nothing of ours may have to be read from a frozen root. */
    mlockall(MCL_CURRENT);
    freeze->guardian = fork();
    if (freeze->guardian == 0) {
        close(ends[1]);
        mlockall(MCL_CURRENT);
        guard(freeze, ends[0], limit_ms);
    }
    close(ends[0]);
    if (freeze->guardian < 0) {
        close(ends[1]);
        return fault_errno(fault, STATUS_FAILED, "FREEZE_FAILED", "cannot start the freeze's guardian");
    }
    freeze->alive = ends[1];
    return 0;
}

static void close_all(struct freeze *freeze)
{
    for (int i = 0; i < freeze->count; i++)
        close(freeze->fds[i]);
    freeze->count = 0;
    munmap((void *)freeze->ours, MAX_MOUNTS * sizeof *freeze->ours);
}

/* Opens what is to be frozen; what is mounted read-only writes nothing and needs no freeze. */
static int open_mounts(struct freeze *freeze, const struct mounts *mounts, struct fault *fault)
{
    memset(freeze, 0, sizeof *freeze);
    freeze->alive = -1;
    freeze->ours = mmap(NULL, MAX_MOUNTS * sizeof *freeze->ours, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (freeze->ours == MAP_FAILED)
        return fault_errno(fault, STATUS_FAILED, "FREEZE_FAILED", "cannot note what is frozen");
    for (int i = 0; i < mounts->count; i++) {
        if (mounts->at[i].read_only)
            continue;
        int fd = open(mounts->at[i].path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0) {
            fault_errno(fault, STATUS_FAILED, "FREEZE_FAILED", "cannot open the file system on %s to freeze it", mounts->at[i].path);
            close_all(freeze);
            return -1;
        }
        freeze->fds[freeze->count++] = fd;
    }
    return 0;
}

int freeze_begin(struct freeze *freeze, const struct mounts *mounts, unsigned int limit_ms, struct fault *fault)
{
    if (open_mounts(freeze, mounts, fault))
        return -1;
    if (freeze->count == 0) {
        close_all(freeze);
        return 0;
    }
    /* What is dirty now is written before the freeze, while everybody may go on writing. */
    for (int i = 0; i < freeze->count; i++)
        syncfs(freeze->fds[i]);
    if (start_guardian(freeze, limit_ms, fault)) {
        close_all(freeze);
        return -1;
    }
    freeze->since_us = monotonic_us();
    for (int i = 0; i < freeze->count; i++) {
        /* Noted before the call: killed right behind it, we leave a guardian that knows. */
        freeze->ours[i] = true;
        if (ioctl(freeze->fds[i], FIFREEZE, 0) == 0)
            continue;
        int cause = errno;
        freeze->ours[i] = false;
        if (cause == EOPNOTSUPP) {
            freeze->awake = true;
        } else if (cause != EBUSY) { /* EBUSY: frozen by somebody else, which is rest too */
            errno = cause;
            fault_errno(fault, STATUS_FAILED, "FREEZE_FAILED", "cannot freeze the file system on %s", mounts->at[i].path);
            snprintf(fault->remedy, sizeof fault->remedy, "The kernel's log tells what is wrong with it; unmount it, or try again.");
            freeze_end(freeze);
            return -1;
        }
    }
    return 0;
}

bool freeze_end(struct freeze *freeze)
{
    int status = 0;

    if (freeze->count == 0)
        return false;
    thaw(freeze);
    close(freeze->alive);
    waitpid(freeze->guardian, &status, 0);
    close_all(freeze);
    return WIFEXITED(status) && WEXITSTATUS(status) == GUARDIAN_EXPIRED;
}
