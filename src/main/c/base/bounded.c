/* SPDX-License-Identifier: Apache-2.0 */
#include "base/bounded.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define STEP_MS 20

struct outcome_of_work {
    int result;
    struct fault fault;
};

static unsigned long long clock_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_BOOTTIME, &now);
    return (unsigned long long)now.tv_sec * 1000 + (unsigned long long)now.tv_nsec / 1000000;
}

bool child_is_stopped(pid_t child)
{
    siginfo_t info = { .si_pid = 0 };

    return waitid(P_PID, (id_t)child, &info, WSTOPPED | WNOHANG) == 0 && info.si_pid == child;
}

static int ended(int status, const struct outcome_of_work *outcome, struct fault *fault)
{
    if (!WIFEXITED(status))
        return fault_set(fault, STATUS_FAILED, "KILLED", NULL, "the work ended with signal %d", WTERMSIG(status));
    *fault = outcome->fault;
    return outcome->result;
}

int run_bounded(unsigned int limit_ms, int (*work)(const void *context, struct fault *), const void *context, struct fault *fault)
{
    struct outcome_of_work *outcome = mmap(NULL, sizeof *outcome, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int done[2], status;

    if (outcome == MAP_FAILED)
        return work(context, fault);
    if (pipe2(done, O_CLOEXEC)) {
        munmap(outcome, sizeof *outcome);
        return work(context, fault);
    }
    pid_t child = fork();
    if (child == 0) {
        close(done[0]);
        outcome->result = work(context, &outcome->fault);
        _exit(0);
    }
    close(done[1]);
    int result = 0;
    struct pollfd end = { .fd = done[0], .events = POLLIN };
    unsigned long long deadline_ms = clock_ms() + limit_ms;
    bool came = false, stopped = false;
    while (child > 0 && !came && !stopped && clock_ms() < deadline_ms) {
        came = poll(&end, 1, STEP_MS) > 0;
        stopped = !came && child_is_stopped(child);
    }
    if (child < 0) {
        result = work(context, fault);
    } else if (came && waitpid(child, &status, 0) == child) {
        result = ended(status, outcome, fault);
    } else {
        kill(child, SIGKILL);
        result = fault_set(fault, STATUS_FAILED, "TOO_LONG", NULL, stopped ? "the work was stopped by a signal" : "the work took longer than %u seconds",
                           limit_ms / 1000);
    }
    close(done[0]);
    munmap(outcome, sizeof *outcome);
    return result;
}
