/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waiting for programs: a run that had begun has ended when the wait is over, on the real kernel. And the switch that makes it short: it is
 * put back, left alone where it is somebody else's, and put back for one who was killed. That on a file in its place: the
 * whole system's is not a test's to play with (linked with --wrap=open).
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"
#include "kernel/grace_period.h"

#define TRIES 10
#define MOST_TRIES 300     /* on a busy machine many a run is over before the wait begins, and proves nothing */

static const char *instead; /* of the switch; NULL: the switch itself */

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...)
{
    va_list rest;

    va_start(rest, flags);
    int mode = va_arg(rest, int);
    va_end(rest);
    return __real_open(instead && strcmp(path, "/sys/kernel/rcu_expedited") == 0 ? instead : path, flags, mode);
}

/* --- the wait --- */

static void *run_slowly(void *program)
{
    LIBBPF_OPTS(bpf_test_run_opts, options);

    CHECK(bpf_prog_test_run_opts(*(int *)program, &options) == 0);
    return NULL;
}

static void waits_for_a_run_that_has_begun(void)
{
    struct bpf_object *object = bpf_object__open_file(SLOW_OBJECT, NULL);
    struct grace_period grace;
    struct fault fault;
    uint32_t held = 0;

    CHECK(object && bpf_object__load(object) == 0);
    int program = bpf_program__fd(bpf_object__find_program_by_name(object, "slow"));
    volatile uint64_t *moments = mmap(NULL, 4096, PROT_READ, MAP_SHARED, bpf_object__find_map_fd_by_name(object, "moments"), 0);
    CHECK(moments != MAP_FAILED);
    CHECK_OK(grace_period_open(&grace, &held, &fault), &fault);
    int useful = 0;
    for (int try = 0; try < MOST_TRIES && useful < TRIES; try++) {
        pthread_t thread;
        uint64_t before = moments[0], ended = moments[1];
        CHECK(pthread_create(&thread, NULL, run_slowly, &program) == 0);
        while (moments[0] == before)
            sched_yield();
        useful += moments[1] == ended;
        CHECK_OK(grace_period_wait(&grace, &fault), &fault);
        CHECK(moments[1] != ended);
        pthread_join(thread, NULL);
    }
    CHECK(useful == TRIES);
    grace_period_close(&grace);
    bpf_object__close(object);
}

/* --- the switch --- */

static char switched(void)
{
    char value = 0;
    int fd = __real_open(instead, O_RDONLY);

    CHECK(fd >= 0 && read(fd, &value, 1) == 1);
    close(fd);
    return value;
}

static void set(char value)
{
    int fd = __real_open(instead, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    CHECK(fd >= 0 && write(fd, &value, 1) == 1);
    close(fd);
}

static void is_held_from_the_first_to_the_last(void)
{
    struct grace_period grace;
    struct fault fault;
    uint32_t held = 0;

    set('0');
    CHECK_OK(grace_period_open(&grace, &held, &fault), &fault);
    CHECK(switched() == '0');
    grace_period_hurry(&grace);
    CHECK(switched() == '1' && held == 1);
    CHECK_OK(grace_period_wait(&grace, &fault), &fault);
    CHECK(switched() == '1' && held == 1);
    grace_period_relax(&grace);
    CHECK(switched() == '0' && held == 0);
    grace_period_close(&grace);
}

static void somebody_elses_stays(void)
{
    struct grace_period grace;
    struct fault fault;
    uint32_t held = 0;

    set('1');
    CHECK_OK(grace_period_open(&grace, &held, &fault), &fault);
    grace_period_hurry(&grace);
    CHECK(switched() == '1' && held == 0);
    grace_period_relax(&grace);
    CHECK(switched() == '1' && held == 0);
    grace_period_close(&grace);
}

static void is_put_back_for_one_who_was_killed(void)
{
    struct grace_period grace;
    struct fault fault;
    uint32_t held = 1;

    set('1');
    CHECK_OK(grace_period_open(&grace, &held, &fault), &fault);
    CHECK(switched() == '0' && held == 0);
    grace_period_close(&grace);
}

/* A kernel without it, or a container where it can't be written: the wait takes longer, that is all. */
static void does_without(void)
{
    struct grace_period grace;
    struct fault fault;
    uint32_t held = 0;

    unlink(instead);
    CHECK_OK(grace_period_open(&grace, &held, &fault), &fault);
    CHECK_OK(grace_period_wait(&grace, &fault), &fault);
    CHECK(held == 0 && access(instead, F_OK) != 0);
    grace_period_close(&grace);
}

int main(void)
{
    char file[] = "/tmp/blktrack-test-switch.XXXXXX";

    int fd = mkstemp(file);
    CHECK(fd >= 0);
    close(fd);
    instead = file;
    is_held_from_the_first_to_the_last();
    somebody_elses_stays();
    is_put_back_for_one_who_was_killed();
    does_without();
    /* Without any hurry, and with the kernel's own. */
    waits_for_a_run_that_has_begun();
    instead = NULL;
    waits_for_a_run_that_has_begun();
    printf("grace periods: %d slow runs waited for, and the switch put back\n", 2 * TRIES);
    return 0;
}
