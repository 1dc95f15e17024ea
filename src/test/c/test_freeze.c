/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Freezes against a kernel that is made up: FIFREEZE waits as long as it is told to, as the real one does for a write that is under way, and
 * FITHAW refuses what is not frozen yet. Whatever is killed and whatever waits, in the end nothing of ours is frozen, and the caller is never kept.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/sysfs.h"
#include "check.h"
#include "volume/freeze.h"

#define SYSTEMS 3
#define LIMIT_MS 300
#define PATIENCE_MS 400         /* more than the limit, for a busy machine */

struct system {
    ino_t inode;
    atomic_int wait_ms, error;  /* of FIFREEZE */
    atomic_int frozen, freezes, thaws;
    atomic_int freezer;
    uint32_t held;              /* of all, in the first */
};

static struct system *systems;
static char folder[] = "/tmp/test-freeze.XXXXXX";

int __wrap_ioctl(int fd, unsigned long request, ...);

static void sleep_ms(int ms)
{
    struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};

    while (nanosleep(&time, &time) && errno == EINTR)
        ;
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
    struct stat status;
    struct system *system = systems;

    CHECK(fstat(fd, &status) == 0 && (request == FIFREEZE || request == FITHAW));
    while (system->inode != status.st_ino)
        CHECK(++system < systems + SYSTEMS);
    if (request == FITHAW) {
        if (!atomic_exchange(&system->frozen, 0)) {
            errno = EINVAL;
            return -1;
        }
        atomic_fetch_add(&system->thaws, 1);
        return 0;
    }
    atomic_store(&system->freezer, getpid());
    sleep_ms(atomic_load(&system->wait_ms));
    if (atomic_load(&system->error)) {
        errno = atomic_load(&system->error);
        return -1;
    }
    atomic_store(&system->frozen, 1);
    atomic_fetch_add(&system->freezes, 1);
    return 0;
}

static void set_up(struct mounts *mounts)
{
    struct stat status;

    memset(mounts, 0, sizeof *mounts);
    memset(systems, 0, SYSTEMS * sizeof *systems);
    for (int i = 0; i < SYSTEMS; i++) {
        struct mount_point *point = &mounts->at[mounts->count++];
        snprintf(point->path, sizeof point->path, "%.200s/%d", folder, i);
        CHECK(mkdir(point->path, 0700) == 0 || errno == EEXIST);
        CHECK(stat(point->path, &status) == 0);
        systems[i].inode = status.st_ino;
    }
}

static bool any_frozen(void)
{
    for (int i = 0; i < SYSTEMS; i++)
        if (atomic_load(&systems[i].frozen))
            return true;
    return false;
}

/* Within so much time, and then for good. */
static bool thawed_within(int ms)
{
    for (; ms > 0 && any_frozen(); ms -= 10)
        sleep_ms(10);
    sleep_ms(50);
    return !any_frozen();
}

static bool waits_for_systems(int count)
{
    for (int ms = 0; ms < PATIENCE_MS; ms += 10) {
        int frozen = 0;
        for (int i = 0; i < SYSTEMS; i++)
            frozen += atomic_load(&systems[i].frozen);
        if (frozen == count)
            return true;
        sleep_ms(10);
    }
    return false;
}

static uint64_t since(uint64_t start_us)
{
    return (monotonic_us() - start_us) / 1000;
}

/* --- */

static void thaws_what_it_froze(void)
{
    struct freeze freeze;
    struct mounts mounts;
    struct fault fault;

    set_up(&mounts);
    CHECK_OK(freeze_begin(&freeze, &mounts, LIMIT_MS, &systems->held, &fault), &fault);
    CHECK(waits_for_systems(SYSTEMS));
    CHECK(!freeze_end(&freeze) && !any_frozen());
    for (int i = 0; i < SYSTEMS; i++)
        CHECK(systems[i].freezes == 1 && systems[i].thaws == 1);
}

static void leaves_the_freeze_of_others(void)
{
    struct freeze freeze;
    struct mounts mounts;
    struct fault fault;

    set_up(&mounts);
    systems[1].error = EBUSY;
    systems[1].frozen = 1;
    CHECK_OK(freeze_begin(&freeze, &mounts, LIMIT_MS, &systems->held, &fault), &fault);
    CHECK(freeze.whole);
    freeze_end(&freeze);
    CHECK(systems[1].frozen && systems[1].thaws == 0 && !systems[0].frozen && !systems[2].frozen);
}

static void goes_on_where_a_system_knows_no_freeze(void)
{
    struct freeze freeze;
    struct mounts mounts;
    struct fault fault;

    set_up(&mounts);
    systems[0].error = EOPNOTSUPP;
    CHECK_OK(freeze_begin(&freeze, &mounts, LIMIT_MS, &systems->held, &fault), &fault);
    CHECK(!freeze.whole && systems[1].frozen && systems[2].frozen);
    freeze_end(&freeze);
    CHECK(!any_frozen());
}

static void thaws_all_if_one_fails(void)
{
    struct freeze freeze;
    struct mounts mounts;
    struct fault fault;

    set_up(&mounts);
    systems[2].error = EIO;
    CHECK(freeze_begin(&freeze, &mounts, LIMIT_MS, &systems->held, &fault) == -1 && strcmp(fault.name, "FREEZE_FAILED") == 0);
    CHECK(strstr(fault.message, mounts.at[2].path) && systems[0].freezes == 1);
    CHECK(!any_frozen());
}

static void thaws_at_the_limit(void)
{
    struct freeze freeze;
    struct mounts mounts;
    struct fault fault;

    set_up(&mounts);
    CHECK_OK(freeze_begin(&freeze, &mounts, LIMIT_MS, &systems->held, &fault), &fault);
    CHECK(thawed_within(LIMIT_MS + PATIENCE_MS));
    CHECK(freeze_end(&freeze));
    for (int i = 0; i < SYSTEMS; i++)
        CHECK(systems[i].thaws == 1);
}

/* The first is frozen, the second waits for a write that ends long after the limit. */
static void gives_up_on_a_write_that_does_not_end(void)
{
    struct freeze freeze;
    struct mounts mounts;
    struct fault fault;
    uint64_t start_us = monotonic_us();

    set_up(&mounts);
    systems[1].wait_ms = LIMIT_MS * 4;
    CHECK(freeze_begin(&freeze, &mounts, LIMIT_MS, &systems->held, &fault) == -1 && strcmp(fault.name, "FREEZE_TIMEOUT") == 0);
    CHECK(since(start_us) < LIMIT_MS + PATIENCE_MS && !systems[0].frozen && systems[0].thaws == 1);
    CHECK(strstr(fault.message, mounts.at[1].path));
    CHECK(systems[1].freezes == 0);
    sleep_ms(LIMIT_MS * 4);
    CHECK(systems[1].freezes == 1 && thawed_within(PATIENCE_MS) && systems[2].freezes == 0);
}

/* A killed caller, in the freeze or while FIFREEZE waits. */
static void outlives_its_caller(int wait_ms)
{
    struct mounts mounts;
    struct fault fault;

    set_up(&mounts);
    systems[2].wait_ms = wait_ms;
    pid_t caller = fork();
    if (caller == 0) {
        struct freeze freeze;
        freeze_begin(&freeze, &mounts, LIMIT_MS * 10, &systems->held, &fault);
        pause();
    }
    CHECK(waits_for_systems(wait_ms ? SYSTEMS - 1 : SYSTEMS));
    kill(caller, SIGKILL);
    waitpid(caller, NULL, 0);
    CHECK(thawed_within(PATIENCE_MS));
    sleep_ms(wait_ms);
    CHECK(thawed_within(PATIENCE_MS));
}

/* As a service manager ends a service: nobody is left who could thaw, until a helper comes that knows of it. */
static void is_undone_when_all_were_killed(int wait_ms)
{
    struct mounts mounts;
    struct fault fault;

    set_up(&mounts);
    systems[1].wait_ms = wait_ms;
    pid_t caller = fork();
    if (caller == 0) {
        struct freeze freeze;
        setpgid(0, 0);
        freeze_begin(&freeze, &mounts, LIMIT_MS * 10, &systems->held, &fault);
        pause();
    }
    CHECK(waits_for_systems(wait_ms ? 1 : SYSTEMS));
    kill(-caller, SIGKILL);
    while (wait(NULL) > 0)
        ;
    CHECK(any_frozen() && systems->held > 0);
    freeze_undo(&mounts, &systems->held);
    CHECK(!any_frozen() && systems->held == 0);
    /* Somebody else's freeze is left alone. */
    systems[0].frozen = 1;
    freeze_undo(&mounts, &systems->held);
    CHECK(systems[0].frozen == 1);
}

/* The test takes in the orphans, and so knows them. */
static void kill_guardian(void)
{
    char path[64], text[64];
    int status, guardian = 0;

    snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
    FILE *children = fopen(path, "re");
    CHECK(children && fgets(text, sizeof text, children) && sscanf(text, "%d", &guardian) == 1);
    fclose(children);
    kill(guardian, SIGKILL);
    waitpid(guardian, &status, 0);
}

static void does_without_its_guardian(void)
{
    struct freeze freeze;
    struct mounts mounts;
    struct fault fault;

    set_up(&mounts);
    CHECK_OK(freeze_begin(&freeze, &mounts, LIMIT_MS, &systems->held, &fault), &fault);
    kill_guardian();
    freeze_end(&freeze);
    CHECK(!any_frozen());
}

/* Killed in the call: the kernel freezes all the same. */
static void thaws_after_a_killed_freezer(void)
{
    struct freeze freeze;
    struct mounts mounts;
    struct fault fault;

    set_up(&mounts);
    systems[1].wait_ms = LIMIT_MS / 2;
    pid_t killer = fork();
    if (killer == 0) {
        while (!atomic_load(&systems[1].freezer))
            sleep_ms(5);
        atomic_store(&systems[1].frozen, 1);
        kill(systems[1].freezer, SIGKILL);
        _exit(0);
    }
    CHECK(freeze_begin(&freeze, &mounts, LIMIT_MS, &systems->held, &fault) == -1 && strcmp(fault.name, "FREEZE_FAILED") == 0);
    waitpid(killer, NULL, 0);
    CHECK(thawed_within(PATIENCE_MS));
}

static void reap_orphans(void)
{
    while (waitpid(-1, NULL, 0) > 0)
        ;
}

int main(void)
{
    systems = mmap(NULL, SYSTEMS * sizeof *systems, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(systems != MAP_FAILED && mkdtemp(folder) && prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
    thaws_what_it_froze();
    reap_orphans();
    leaves_the_freeze_of_others();
    goes_on_where_a_system_knows_no_freeze();
    thaws_all_if_one_fails();
    thaws_at_the_limit();
    gives_up_on_a_write_that_does_not_end();
    outlives_its_caller(0);
    outlives_its_caller(LIMIT_MS);
    reap_orphans();
    is_undone_when_all_were_killed(0);
    is_undone_when_all_were_killed(LIMIT_MS);
    does_without_its_guardian();
    reap_orphans();
    thaws_after_a_killed_freezer();
    reap_orphans();
    for (int i = 0; i < SYSTEMS; i++) {
        char path[64];
        snprintf(path, sizeof path, "%s/%d", folder, i);
        rmdir(path);
    }
    rmdir(folder);
    puts("freeze: bounded, and thawed whatever was killed");
    return 0;
}
