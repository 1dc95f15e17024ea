/* SPDX-License-Identifier: Apache-2.0 */
/* Opening and closing: the instance's lock, and the pinned maps mapped. */
#include "tracker/tracker_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/files.h"

#define LOCK_WAIT_MS 5000
#define LOCK_STEP_MS 5

static int take_lock(struct tracker *tracker, struct fault *fault)
{
    char path[320];

    snprintf(path, sizeof path, "%s/tracker.lock", tracker->instance.run_dir);
    if (make_folders(tracker->instance.run_dir))
        return fault_errno(fault, STATUS_FAILED, "NO_RUN_DIR", "cannot make the folder %s", tracker->instance.run_dir);
    /* O_CREAT waits on a frozen file system even where there is nothing to make, and the run folder may lie on one. */
    tracker->lock = open(path, O_RDWR | O_CLOEXEC);
    if (tracker->lock < 0 && errno == ENOENT)
        tracker->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (tracker->lock < 0)
        return fault_errno(fault, STATUS_FAILED, "NO_LOCK", "cannot open the lock %s", path);
    for (int waited = 0; flock(tracker->lock, LOCK_EX | LOCK_NB); waited += LOCK_STEP_MS) {
        if (waited >= LOCK_WAIT_MS)
            return fault_set(fault, STATUS_BUSY, "BUSY", "Wait until the other command has ended, then try again.",
                             "another blktrack-helper has held %s for %d ms", path, waited);
        nanosleep(&(struct timespec){.tv_nsec = LOCK_STEP_MS * 1000000L}, NULL);
    }
    return 0;
}

static void *map_array(int fd, size_t entries, size_t value_size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t bytes = (entries * value_size + page - 1) / page * page;
    void *address = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

    return address == MAP_FAILED ? NULL : address;
}

static int map_tables(struct tracker *tracker, struct fault *fault)
{
    tracker->about = map_array(tracker->kernel.maps[MAP_ABOUT], 1, sizeof *tracker->about);
    tracker->disks = map_array(tracker->kernel.maps[MAP_DISKS], BT_DISK_BUCKETS, sizeof *tracker->disks);
    tracker->volumes = map_array(tracker->kernel.maps[MAP_VOLUMES], BT_MAX_VOLUMES, sizeof *tracker->volumes);
    tracker->meta = map_array(tracker->kernel.maps[MAP_META], BT_MAX_VOLUMES, sizeof *tracker->meta);
    tracker->tags = map_array(tracker->kernel.maps[MAP_TAGS], BT_MAX_TAGS, sizeof *tracker->tags);
    if (!tracker->about || !tracker->disks || !tracker->tags || !tracker->volumes || !tracker->meta)
        return fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot map the tracker's tables");
    return 0;
}

int tracker_open(struct tracker **result, const struct instance *instance, bool create, struct fault *fault)
{
    struct tracker *tracker = calloc(1, sizeof *tracker);

    if (!tracker)
        return fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot open the tracker");
    tracker->instance = *instance;
    tracker->lock = tracker->grace.fence = tracker->grace.inner = -1;
    for (int i = 0; i < KERNEL_MAPS; i++)
        tracker->kernel.maps[i] = -1;
    if (take_lock(tracker, fault))
        goto fail;
    int opened = kernel_open(&tracker->kernel, instance->pin_dir, fault);
    if (opened == 1 && create && kernel_load(instance->pin_dir, fault))
        goto fail;
    if (opened == 1 && create)
        opened = kernel_open(&tracker->kernel, instance->pin_dir, fault);
    if (opened == 1)
        fault_set(fault, STATUS_FAILED, "NOT_TRACKING", "Enable a volume first ('blktrack enable DEVICE').", "tracking is not started");
    if (opened || map_tables(tracker, fault) || grace_period_open(&tracker->grace, &tracker->about->hurried, fault) || checkpoint_recover(tracker, fault))
        goto fail;
    tracker_finish_removals(tracker);
    *result = tracker;
    return 0;
fail:
    tracker_close(tracker);
    return -1;
}

static void unmap_array(void *address, size_t entries, size_t value_size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    if (address)
        munmap(address, (entries * value_size + page - 1) / page * page);
}

void tracker_close(struct tracker *tracker)
{
    unmap_array(tracker->about, 1, sizeof *tracker->about);
    unmap_array(tracker->disks, BT_DISK_BUCKETS, sizeof *tracker->disks);
    unmap_array(tracker->volumes, BT_MAX_VOLUMES, sizeof *tracker->volumes);
    unmap_array(tracker->tags, BT_MAX_TAGS, sizeof *tracker->tags);
    unmap_array(tracker->meta, BT_MAX_VOLUMES, sizeof *tracker->meta);
    for (int slot = 0; slot < BT_MAX_VOLUMES; slot++)
        live_forget(&tracker->live[slot]);
    grace_period_close(&tracker->grace);
    kernel_close(&tracker->kernel);
    if (tracker->lock >= 0)
        close(tracker->lock);
    free(tracker);
}

int tracker_destroy(const struct instance *instance, struct fault *fault)
{
    struct tracker tracker = {.instance = *instance, .lock = -1};
    int failed = take_lock(&tracker, fault) || kernel_unload(instance->pin_dir, fault);

    if (tracker.lock >= 0)
        close(tracker.lock);
    return failed ? -1 : 0;
}
