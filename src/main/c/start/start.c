/* SPDX-License-Identifier: Apache-2.0 */
/*
 * start --tracking: attach to all volumes, then find, check and take over the table.
 *
 * The boot goes on whatever happens: a child does the work, the caller waits for the table's device no longer than the kernel command
 * line allows, and one second more. If by then the dirty mark is not durable, the child is told that it is too late: the record is unknown.
 * A crash or a failure anywhere leaves the volumes with the reason that they had from the attach on.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/bounded.h"
#include "base/files.h"
#include "base/parallel.h"
#include "base/sysfs.h"
#include "start/start_internal.h"

#define VETO_FILE "/.blktrack_dirty"
#define DEFAULT_TIMEOUT_S 10
#define MAX_TIMEOUT_S 600
#define LAST_SECOND_MS 1000
#define STEP_MS 20

/* Words of the kernel command line: blktrack=off, blktrack.timeout=SECONDS. */
static void read_command_line(bool *off, unsigned int *timeout_s)
{
    char text[4096], *rest = text, *word;

    *off = false;
    *timeout_s = DEFAULT_TIMEOUT_S;
    if (sysfs_text(text, sizeof text, "/proc/cmdline") <= 0)
        return;
    while ((word = strsep(&rest, " \n"))) {
        unsigned int seconds;
        if (strcmp(word, "blktrack=off") == 0)
            *off = true;
        else if (sscanf(word, "blktrack.timeout=%u", &seconds) == 1 && seconds <= MAX_TIMEOUT_S)
            *timeout_s = seconds;
    }
}

void start_report_write(struct start *start, int result, const struct fault *fault, uint64_t began_ms)
{
    char path[400], *text = NULL;
    size_t length = 0;
    struct fault ignored;
    FILE *memory = open_memstream(&text, &length);

    if (!memory)
        return;
    fprintf(memory, "result=%s\ntable=%s\nstarts=%llu\nelapsed_ms=%llu\n", result ? "failed" : "ok", start->table ? start->table : "none",
            start->store_is_open ? (unsigned long long)start->store.table.header.starts : 0, (unsigned long long)(now_ms() - began_ms));
    if (result)
        fprintf(memory, "name=%s\nmessage=%s\n", fault->name, fault->message);
    for (uint32_t index = 0; index < start->outcome_count; index++) {
        const struct outcome *outcome = &start->outcomes[index];
        fprintf(memory, "\nidentity=%s\nslot=%d\ndevice=%s\nresult=%s\nreason=%s\nevidence=%s\n", outcome->identity, outcome->slot,
                outcome->device, outcome->result, outcome->reason, outcome->evidence);
    }
    fclose(memory);
    snprintf(path, sizeof path, "%s/start.report", start->instance->run_dir);
    (void)file_replace(path, text, length, &ignored);
    free(text);
}

/* Without early.conf a table that can be seen tells the same. */
static int find_volumes(struct start *start, struct fault *fault)
{
    if (early_read(start->instance, start->early, fault) == 0)
        return 0;
    memset(start->early, 0, sizeof *start->early);
    if (store_open(&start->store, start->instance, NULL, NULL, true, fault))
        return strcmp(fault->name, "TABLE_MISSING") == 0 ? 1 : -1;
    start->store_is_open = true;
    return 0;
}

/* That the record of this boot has a hole must be on disk before anything writes. */
static void mark_not_tracked(struct start *start, enum table_cause cause)
{
    struct fault fault;

    if (find_volumes(start, &fault))
        return;
    do {
        if (!start->store_is_open)
            start->store_is_open = store_open(&start->store, start->instance, start->early, NULL, true, &fault) == 0;
        if (start->store_is_open || strcmp(fault.name, "TABLE_DEVICE_MISSING") != 0 || !start->options->early)
            break;
        nanosleep(&(struct timespec){ .tv_nsec = STEP_MS * 1000000L }, NULL);
    } while (now_ms() < start->deadline_ms);
    if (start->store_is_open && table_is_clean(&start->store.table) &&
        table_mark_dirty(&start->store.table, cause, true, start->store.boot_id, &fault) == 0)
        start_log("the tracking table is marked dirty: this boot is not tracked");
}

struct opening {
    struct start *start;
    int opened;
    struct fault fault;
};

static int open_or_scan(void *context, int index, struct fault *fault)
{
    struct opening *opening = context;

    if (index == 0)
        opening->opened = tracker_open(&opening->start->tracker, opening->start->instance, true, &opening->fault);
    else
        identity_scan(&opening->start->scan, fault); /* made again where it is needed, if it failed */
    return 0;
}

/* The kernel verifies the programs on one processor; another one looks for the volumes meanwhile. */
static int open_tracker(struct start *start, struct fault *fault)
{
    struct opening opening = { .start = start };
    struct fault ignored;

    in_parallel(WAITING, 2, open_or_scan, &opening, &ignored);
    if (opening.opened)
        *fault = opening.fault;
    return opening.opened;
}

static int work(struct start *start, struct fault *fault)
{
    if (open_tracker(start, fault)) {
        mark_not_tracked(start, TABLE_START_FAILED);
        return -1;
    }
    int found = find_volumes(start, fault);
    if (found == 1)
        return 0;       /* nothing was ever enabled */
    if (found == 0)
        found = start_attach_all(start, fault);
    start_distrust_twins(start);    /* also of what was attached before, whatever becomes of the table */
    if (found == 0)
        found = start_take_over(start, fault);
    else
        start->table = fault->name;
    if (found)
        start_give_up(start, fault->status == STATUS_STATE_CORRUPT || strcmp(fault->name, "AMBIGUOUS_IDENTITY") == 0 ? fault->name : "START_FAILED",
                      fault->message);
    return found;
}

static bool vetoed(struct start *start, bool off, struct fault *fault)
{
    bool file = access(VETO_FILE, F_OK) == 0;

    if (!off && !file)
        return false;
    mark_not_tracked(start, TABLE_VETOED);
    start->table = "vetoed";
    fault_set(fault, STATUS_REFUSED, "VETOED", off ? "Take blktrack=off from the kernel command line." : "Remove " VETO_FILE " to track again from the next boot on.",
              "tracking is not started: %s", off ? "the kernel command line says blktrack=off" : VETO_FILE " is there");
    return true;
}

/* udev calls once for each disk: a call that finds every volume attached leaves the report of the one that attached them. */
static bool nothing_new(const struct start *start, int result)
{
    for (uint32_t index = 0; index < start->outcome_count; index++)
        if (strcmp(start->outcomes[index].result, "kept") != 0)
            return false;
    return result == 0 && start->outcome_count > 0;
}

static int start_child(struct start *start, bool off)
{
    struct fault *fault = &start->progress->fault;
    uint64_t began_ms = now_ms();

    start->early = calloc(1, sizeof *start->early);
    start->outcomes = calloc(TABLE_MAX_ENTRIES, sizeof *start->outcomes);
    int result = -1;
    if (!start->early || !start->outcomes)
        fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot start");
    else
        result = vetoed(start, off, fault) ? -1 : work(start, fault);
    if (result)
        start_log("start: %s: %s", fault->name, fault->message);
    if (!nothing_new(start, result))
        start_report_write(start, result, fault, began_ms);
    if (start->store_is_open)
        store_close(&start->store);
    if (start->tracker)
        tracker_close(start->tracker);
    identity_scan_free(&start->scan);
    free(start->early);
    free(start->outcomes);
    start->progress->result = result;
    return result;
}

/* Whoever reads the caller's output must not wait for the child. */
static void leave_standard_streams(void)
{
    int null = open("/dev/null", O_RDWR);

    for (int stream = 0; null >= 0 && stream <= STDERR_FILENO; stream++)
        dup2(null, stream);
}

/* True: the child has ended. Otherwise the limit has come, or something has stopped it; with the mark durable that is no failure. */
static bool wait_for(int done, pid_t child, struct start_progress *progress, uint64_t deadline_ms)
{
    struct pollfd ended = { .fd = done, .events = POLLIN };

    while (now_ms() < deadline_ms + LAST_SECOND_MS) {
        if (poll(&ended, 1, STEP_MS) > 0)
            return true;
        if (child_is_stopped(child))
            return false;
        if (__atomic_load_n(&progress->table_seen, __ATOMIC_ACQUIRE) && now_ms() < deadline_ms)
            deadline_ms = now_ms();
    }
    return false;
}

int start_tracking(const struct instance *instance, const struct start_options *options, struct fault *fault)
{
    struct start_progress *progress = mmap(NULL, sizeof *progress, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct start start = { .instance = instance, .options = options, .progress = progress };
    unsigned int timeout_s;
    int done[2] = { -1, -1 }, result = -1;
    bool off;

    read_command_line(&off, &timeout_s);
    start.deadline_ms = now_ms() + timeout_s * 1000ull;
    if (progress == MAP_FAILED || pipe2(done, O_CLOEXEC))
        return fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot start");
    pid_t child = fork();
    if (child < 0) {
        fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot start");
        goto out;
    }
    if (child == 0) {
        close(done[0]);
        signal(SIGHUP, SIG_IGN);
        leave_standard_streams();
        start_child(&start, off);
        _exit(0);
    }
    close(done[1]);
    done[1] = -1;
    if (wait_for(done[0], child, progress, start.deadline_ms)) {
        int status;
        waitpid(child, &status, 0);
        result = WIFEXITED(status) ? progress->result : fault_set(&progress->fault, STATUS_FAILED, "START_FAILED", NULL, "the start ended with signal %d",
                                                                  WTERMSIG(status));
        *fault = progress->fault;
    } else {
        int running = START_RUNNING;
        bool too_late = __atomic_compare_exchange_n(&progress->stage, &running, START_ABANDONED, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
        bool device_came = __atomic_load_n(&progress->table_seen, __ATOMIC_ACQUIRE);
        result = !too_late ? 0 : fault_set(fault, STATUS_FAILED, "START_FAILED", device_came ? NULL : "Give it more time with blktrack.timeout=SECONDS on the kernel command line.",
                                           "the start took longer than the boot may wait%s", device_came ? ": a second after the table's device was there" : "");
        if (too_late)
            start_log("start: %s", fault->message);
    }
out:
    close(done[0]);
    if (done[1] >= 0)
        close(done[1]);
    munmap(progress, sizeof *progress);
    return result;
}
