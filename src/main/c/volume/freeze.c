/* SPDX-License-Identifier: Apache-2.0 */
/*
 * caller ──► guardian ──► freezer
 *
 * The freezer alone calls FIFREEZE, which waits, and no signal ends that, until every write that has begun is done. The guardian thaws what is
 * frozen when the time is up or the caller is gone; the caller gives up at the limit and goes on. A file system whose FIFREEZE
 * is still under way can't be thawed (EINVAL): the freezer itself thaws it when the call returns.
 */
#include "volume/freeze.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/sysfs.h"

#define GRACE_MS 1000           /* for the guardian to start, to say that the time is up, and to end */
#define MAX_FD 1024

enum hold {
    NOT_OURS,                   /* or no longer */
    FREEZING,                   /* noted before the call: a freezer that is killed in it leaves a file system frozen */
    FROZEN,
};

struct freeze_notes {
    _Atomic int hold[MAX_MOUNTS];
    atomic_bool over;           /* nothing may be frozen from now on */
    atomic_bool all_done, partly, expired;
    atomic_int at, cause;       /* which FIFREEZE is under way, or failed, and why */
    uint64_t since_us;
};

/* --- thawing --- */

/* FIFREEZE itself can't be killed, its caller can: so one more may be frozen before the call, and one fewer after the thaw. */
static void one_more(uint32_t *held)
{
    if (held)
        __atomic_fetch_add(held, 1, __ATOMIC_SEQ_CST);
}

/* Not below zero: freeze_undo() may have come between. */
static void one_fewer(uint32_t *held)
{
    uint32_t count = held ? __atomic_load_n(held, __ATOMIC_SEQ_CST) : 0;

    while (count > 0 && !__atomic_compare_exchange_n(held, &count, count - 1, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        ;
}

/* Once each, by whoever comes first: a second thaw could end somebody else's freeze. */
static void thaw_one(const struct freeze *freeze, int i, int from)
{
    if (!atomic_compare_exchange_strong(&freeze->notes->hold[i], &from, NOT_OURS))
        return;
    ioctl(freeze->fds[i], FITHAW, 0);
    one_fewer(freeze->held);
}

static void thaw(const struct freeze *freeze)
{
    atomic_store(&freeze->notes->over, true);
    for (int i = freeze->count - 1; i >= 0; i--)
        thaw_one(freeze, i, FROZEN);
}

/* --- the freezer --- */

static int freeze_one(const struct freeze *freeze, int i)
{
    struct freeze_notes *notes = freeze->notes;

    one_more(freeze->held);
    atomic_store(&notes->hold[i], FREEZING);
    if (ioctl(freeze->fds[i], FIFREEZE, 0) == 0) {
        atomic_store(&notes->hold[i], FROZEN);
        return 0;
    }
    int cause = errno;
    atomic_store(&notes->hold[i], NOT_OURS);
    one_fewer(freeze->held);
    if (cause == EOPNOTSUPP)
        atomic_store(&notes->partly, true);
    /* EBUSY: frozen by somebody else, who thaws it. */
    return cause == EBUSY || cause == EOPNOTSUPP ? 0 : cause;
}

static void freeze_all(const struct freeze *freeze, pid_t guardian)
{
    struct freeze_notes *notes = freeze->notes;

    notes->since_us = monotonic_us();
    for (int i = 0; i < freeze->count && !atomic_load(&notes->cause) && !atomic_load(&notes->over); i++) {
        atomic_store(&notes->at, i);
        atomic_store(&notes->cause, freeze_one(freeze, i));
    }
    atomic_store(&notes->all_done, true);
    if (atomic_load(&notes->over) || getppid() != guardian)
        thaw(freeze);
    _exit(0);
}

/* --- the guardian --- */

/* The rest is the caller's: a lock that it holds, its end of the daemon's socket. Both processes may outlive it. */
static void keep_only_own(const struct freeze *freeze)
{
    for (int fd = 0; fd < MAX_FD; fd++) {
        bool own = fd == freeze->guardian;
        for (int i = 0; i < freeze->count; i++)
            own |= fd == freeze->fds[i];
        if (!own)
            close(fd);
    }
}

static void become_guardian(const struct freeze *freeze)
{
    /* Who ends the helper by its name must leave the one that thaws. */
    prctl(PR_SET_NAME, "blktrack-thaw");
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    keep_only_own(freeze);
    mlockall(MCL_CURRENT | MCL_ONFAULT);
}

static pid_t start_freezer(const struct freeze *freeze, int *done)
{
    pid_t guardian = getpid();
    int ends[2];

    if (pipe2(ends, O_CLOEXEC))
        return -1;
    pid_t freezer = fork();
    if (freezer == 0) {
        close(ends[0]);
        /* Its end is how the caller learns that the guardian has ended. */
        close(freeze->guardian);
        mlockall(MCL_CURRENT | MCL_ONFAULT);
        freeze_all(freeze, guardian);
    }
    close(ends[1]);
    *done = ends[0];
    return freezer;
}

static int left_ms(const struct freeze *freeze, unsigned int limit_ms)
{
    uint64_t gone_ms = (monotonic_us() - freeze->since_us) / 1000;

    return gone_ms < limit_ms ? (int)(limit_ms - gone_ms) : 0;
}

/* Whether `fd` had something to say before the limit; the caller's end counts at once, wherever it comes. */
static bool wait_for(const struct freeze *freeze, int fd, unsigned int limit_ms)
{
    struct pollfd ends[2] = {{.fd = freeze->guardian, .events = POLLIN}, {.fd = fd, .events = POLLIN}};
    int ready;

    do {
        ready = poll(ends, fd < 0 ? 1 : 2, left_ms(freeze, limit_ms));
    } while (ready < 0 && errno == EINTR);
    if (ready == 0)
        atomic_store(&freeze->notes->expired, true);
    return ready > 0 && !ends[0].revents;
}

/* What a freezer that was killed in FIFREEZE left frozen. */
static void thaw_left_behind(const struct freeze *freeze, pid_t freezer)
{
    waitpid(freezer, NULL, 0);
    for (int i = 0; i < freeze->count; i++)
        thaw_one(freeze, i, FREEZING);
}

static void guard(struct freeze *freeze, unsigned int limit_ms)
{
    int done = -1;

    become_guardian(freeze);
    pid_t freezer = start_freezer(freeze, &done);
    freeze->since_us = monotonic_us();
    if (freezer > 0 && wait_for(freeze, done, limit_ms) && send(freeze->guardian, "", 1, MSG_NOSIGNAL) == 1)
        wait_for(freeze, -1, limit_ms);
    thaw(freeze);
    if (!atomic_load(&freeze->notes->all_done))
        shutdown(freeze->guardian, SHUT_RDWR); /* the caller need not wait for the freezer */
    if (freezer > 0)
        thaw_left_behind(freeze, freezer);
    /* The caller may unmount as soon as it hears of the end. */
    for (int i = 0; i < freeze->count; i++)
        close(freeze->fds[i]);
    _exit(0);
}

/* The guardian is nobody's child: it may outlive the caller's patience. */
static int start_guardian(struct freeze *freeze, unsigned int limit_ms, struct fault *fault)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
        return fault_errno(fault, STATUS_FAILED, "FREEZE_FAILED", "cannot make the freeze's guardian");
    /* Nothing of ours may have to be read from a frozen root. */
    mlockall(MCL_CURRENT);
    pid_t between = fork();
    if (between == 0) {
        close(ends[0]);
        freeze->guardian = ends[1];
        if (fork() == 0)
            guard(freeze, limit_ms);
        _exit(0);
    }
    close(ends[1]);
    freeze->guardian = ends[0];
    if (between < 0) {
        close(ends[0]);
        return fault_errno(fault, STATUS_FAILED, "FREEZE_FAILED", "cannot start the freeze's guardian");
    }
    waitpid(between, NULL, 0);
    return 0;
}

/* --- the caller --- */

static void close_all(struct freeze *freeze)
{
    for (int i = 0; i < freeze->count; i++)
        close(freeze->fds[i]);
    freeze->count = 0;
    munmap(freeze->notes, sizeof *freeze->notes);
}

/* Opens what is to be frozen; what is mounted read-only writes nothing and needs no freeze. */
static int open_mounts(struct freeze *freeze, const struct mounts *mounts, uint32_t *held, struct fault *fault)
{
    memset(freeze, 0, sizeof *freeze);
    freeze->guardian = -1;
    freeze->held = held;
    freeze->notes = mmap(NULL, sizeof *freeze->notes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (freeze->notes == MAP_FAILED)
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

static const char *path_of(const struct mounts *mounts, int opened)
{
    for (int i = 0; i < mounts->count; i++)
        if (!mounts->at[i].read_only && opened-- == 0)
            return mounts->at[i].path;
    return "?";
}

/* The guardian's word, or its end; no longer than it may take. */
static bool heard(const struct freeze *freeze, int most_ms, char *word)
{
    struct pollfd guardian = {.fd = freeze->guardian, .events = POLLIN};
    int ready;

    do {
        ready = poll(&guardian, 1, most_ms);
    } while (ready < 0 && errno == EINTR);
    return ready > 0 && recv(freeze->guardian, word, 1, 0) == 1;
}

static int tell_why(const struct freeze *freeze, const struct mounts *mounts, unsigned int limit_ms, struct fault *fault)
{
    const struct freeze_notes *notes = freeze->notes;
    const char *path = path_of(mounts, atomic_load(&notes->at));

    if (atomic_load(&notes->cause)) {
        errno = atomic_load(&notes->cause);
        fault_errno(fault, STATUS_FAILED, "FREEZE_FAILED", "cannot freeze the file system on %s", path);
        snprintf(fault->remedy, sizeof fault->remedy, "The kernel's log may say more.");
        return -1;
    }
    if (!atomic_load(&notes->all_done) && (atomic_load(&notes->expired) || left_ms(freeze, limit_ms + GRACE_MS) == 0))
        return fault_set(fault, STATUS_FAILED, "FREEZE_TIMEOUT", "Try again when that write is done.",
                         "cannot freeze the file system on %s: a write to it has not ended within %u ms", path, limit_ms);
    return fault_set(fault, STATUS_FAILED, "FREEZE_FAILED", "Try again.", "cannot freeze the file system on %s: its guardian has ended", path);
}

int freeze_begin(struct freeze *freeze, const struct mounts *mounts, unsigned int limit_ms, uint32_t *held, struct fault *fault)
{
    char word;

    if (open_mounts(freeze, mounts, held, fault))
        return -1;
    if (freeze->count == 0) {
        close_all(freeze);
        return 0;
    }
    /* What is dirty now is written before the freeze, while everybody may go on writing. */
    for (int i = 0; i < freeze->count; i++)
        syncfs(freeze->fds[i]);
    freeze->since_us = monotonic_us();
    if (start_guardian(freeze, limit_ms, fault)) {
        close_all(freeze);
        return -1;
    }
    if (heard(freeze, (int)limit_ms + GRACE_MS, &word) && atomic_load(&freeze->notes->all_done) && !atomic_load(&freeze->notes->cause)) {
        freeze->whole = !atomic_load(&freeze->notes->partly);
        freeze->since_us = freeze->notes->since_us;
        return 0;
    }
    tell_why(freeze, mounts, limit_ms, fault);
    freeze_end(freeze);
    return -1;
}

bool freeze_end(struct freeze *freeze)
{
    char word;

    if (freeze->count == 0)
        return false;
    thaw(freeze);
    shutdown(freeze->guardian, SHUT_WR);
    /* It ends at once, unless a FIFREEZE is still under way. */
    heard(freeze, GRACE_MS, &word);
    close(freeze->guardian);
    bool expired = atomic_load(&freeze->notes->expired);
    close_all(freeze);
    return expired;
}

void freeze_undo(const struct mounts *mounts, uint32_t *held)
{
    if (__atomic_exchange_n(held, 0, __ATOMIC_SEQ_CST) == 0)
        return;
    for (int i = mounts->count - 1; i >= 0; i--) {
        int fd = mounts->at[i].read_only ? -1 : open(mounts->at[i].path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
            continue;
        ioctl(fd, FITHAW, 0);
        close(fd);
    }
}
