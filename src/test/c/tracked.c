/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a command while a device is tracked, in an instance of its own that is gone afterwards.
 *
 *     tracked [--checkpoints N] DEVICE GRANULE_BYTES COMMAND [ARGUMENT ...]
 *
 * With --checkpoints, N of them are taken while the command runs (frozen where a file system is mounted) and a line
 * `frozen_us swap_us` is printed for each. The exit status is the command's. BLKTRACK_PINS tells the command where the programs are pinned.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tracker/accounting.h"
#include "tracker/audit.h"
#include "tracker/checkpoint.h"
#include "tracker/tracker.h"

#define PAUSE_NS 50000000L

static int fail(const struct fault *fault)
{
    fprintf(stderr, "tracked: %s\n", fault->message);
    return 1;
}

static int take_checkpoints(const struct instance *instance, int slot, int count)
{
    struct fault fault = {0};

    for (int i = 0; i < count; i++) {
        struct checkpoint_request request = {.freeze = true, .timeout_ms = 1000};
        struct checkpoint_result result;
        struct tracker *tracker;
        if (getrandom(request.change_id, sizeof request.change_id, 0) < 0 || tracker_open(&tracker, instance, false, &fault) ||
            checkpoint_take(tracker, slot, &request, &result, &fault) || checkpoint_release(tracker, result.pin, &fault))
            return fail(&fault);
        tracker_close(tracker);
        printf("%llu %llu\n", (unsigned long long)result.frozen_us, (unsigned long long)result.swap_us);
        nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS}, NULL);
    }
    return 0;
}

/* All that an instance without a table leaves behind. */
static void remove_instance(const struct instance *instance)
{
    char lock[320];
    struct fault ignored;

    tracker_destroy(instance, &ignored);
    snprintf(lock, sizeof lock, "%s/tracker.lock", instance->run_dir);
    unlink(lock);
    rmdir(instance->run_dir);
    rmdir(instance->state_dir);
}

static int enable(const struct instance *instance, const char *device, uint32_t granule_bytes, int *slot, struct fault *fault)
{
    struct volume_request request = {.granule_bytes = granule_bytes, .identity = ""};
    struct tracker *tracker;

    if (device_open(&request.device, device, fault) || tracker_open(&tracker, instance, true, fault))
        return -1;
    int failed = tracker_add(tracker, &request, slot, fault) || audit_baseline(tracker, *slot, fault);
    if (!failed)
        accounting_settle(tracker, *slot, 1000);
    tracker_close(tracker);
    return failed;
}

int main(int count, char **words)
{
    struct instance instance;
    struct fault fault = {0};
    char folder[] = "/dev/shm/blktrack-tracked-XXXXXX";
    int checkpoints = 0, slot, status = 1;

    if (count > 2 && strcmp(words[1], "--checkpoints") == 0) {
        checkpoints = atoi(words[2]);
        words += 2;
        count -= 2;
    }
    if (count < 4) {
        fprintf(stderr, "usage: tracked [--checkpoints N] DEVICE GRANULE_BYTES COMMAND [ARGUMENT ...]\n");
        return 2;
    }
    if (!mkdtemp(folder) || instance_locate(&instance, folder, &fault))
        return fail(&fault);
    if (enable(&instance, words[1], (uint32_t)strtoul(words[2], NULL, 10), &slot, &fault)) {
        remove_instance(&instance);
        return fail(&fault);
    }
    pid_t child = fork();
    if (child == 0) {
        setenv("BLKTRACK_PINS", instance.pin_dir, 1);
        execvp(words[3], words + 3);
        _exit(127);
    }
    int failed = checkpoints ? take_checkpoints(&instance, slot, checkpoints) : 0;
    if (checkpoints)
        kill(child, SIGTERM);
    waitpid(child, &status, 0);
    remove_instance(&instance);
    if (failed || checkpoints)
        return failed;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
