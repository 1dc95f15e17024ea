/* SPDX-License-Identifier: Apache-2.0 */
#include "table/last_look.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>

#include "base/sysfs.h"
#include "tracker/audit.h"

#define HELD_STEP_NS 50000000L

bool carries_root(uint32_t dev)
{
    struct mounts *mounts = malloc(sizeof *mounts);
    struct fault ignored;
    bool carries = !mounts || mounts_of(mounts, dev, &ignored) != 0;

    for (int index = 0; !carries && index < mounts->count; index++)
        carries = strcmp(mounts->at[index].path, "/") == 0 || strcmp(mounts->at[index].path, "/usr") == 0;
    free(mounts);
    return carries;
}

static int refuse_swap(const struct bt_meta *meta, struct fault *fault)
{
    char line[512], path[256];
    FILE *swaps = fopen("/proc/swaps", "re");
    bool found = false;

    while (swaps && !found && fgets(line, sizeof line, swaps)) {
        struct stat status;
        if (sscanf(line, "%255s", path) == 1 && path[0] == '/' && stat(path, &status) == 0 && S_ISBLK(status.st_mode))
            found = kernel_dev(major(status.st_rdev), minor(status.st_rdev)) == meta->dev;
    }
    if (swaps)
        fclose(swaps);
    return found ? fault_set(fault, STATUS_REFUSED, "STILL_WRITABLE", "Run it after swapoff.", "%s is in use as swap space", meta->device) : 0;
}

int refuse_writers(const struct survey *survey, const struct bt_meta *meta, struct fault *fault)
{
    struct mounts *mounts = malloc(sizeof *mounts);
    int result;

    if (!mounts)
        return fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot look at the mounts");
    result = survey_mounts(survey, mounts, meta->dev, fault) ? -1 : refuse_swap(meta, fault);
    for (int index = 0; result == 0 && index < mounts->count; index++)
        if (!mounts->at[index].read_only)
            result = fault_set(fault, STATUS_REFUSED, "STILL_WRITABLE", "Run it after all file systems are unmounted or remounted read-only.",
                               "%s is still mounted read-write on %s", meta->device, mounts->at[index].path);
    free(mounts);
    return result;
}

int wait_for_holder(struct survey **survey, const struct bt_meta *meta, uint64_t until_us, bool *held, struct fault *fault)
{
    int waited = 0;

    *held = survey_misses_holder(*survey, meta->dev);
    while (*held && monotonic_us() < until_us) {
        nanosleep(&(struct timespec){ .tv_nsec = HELD_STEP_NS }, NULL);
        survey_free(*survey);
        *survey = survey_take(true, fault);
        if (!*survey)
            return -1;
        waited = 1;
        *held = survey_misses_holder(*survey, meta->dev);
    }
    return waited;
}

/* The last moment to find out: the next boot's audit begins anew. */
static void audit_last(struct tracker *tracker, int slot)
{
    struct audit audit;
    struct fault fault;

    if (audit_volume(tracker, slot, &audit, &fault))
        tracker_distrust(tracker, slot, "AUDIT_MISMATCH", fault.message);
    else if (audit.verdict[0])
        tracker_distrust(tracker, slot, audit.verdict, audit.evidence);
}

/* The start of this boot could read it, so the next one can: an initramfs may lack the module. */
static bool start_knew_vm_generation(struct tracker *tracker, int slot)
{
    struct attach_record *record = calloc(1, sizeof *record);
    struct fault ignored;
    char value[40];

    bool knew = record && attach_record_read(&tracker->instance, slot, tracker_meta(tracker, slot)->attached_boottime_ns, record, &ignored) == 0 &&
                fingerprint_value(record->fingerprint.text, record->fingerprint.length, VM_GENERATION, value, sizeof value) == 0;
    free(record);
    return knew;
}

void take_last_look(struct tracker *tracker, int slot, const struct survey *survey, struct record_look *look)
{
    const struct bt_meta *meta = tracker_meta(tracker, slot);
    struct device device = { 0 };
    struct fault fault;

    /* A disk that loses power falls back to what it has, and no later epoch would tell of a granule that an earlier one was backed up with. */
    if (survey_flush(survey, meta->dev, &fault)) {
        snprintf(look->sick, sizeof look->sick, "what was written to it may not be on the disk: %s", fault.message);
        return;
    }
    audit_last(tracker, slot);
    if (device_by_number(&device, meta->dev, &fault) || identity_of(device.name, look->identity, &fault) ||
        volume_fingerprint(&look->fingerprint, &device, look->identity[0] ? look->identity : meta->identity, &fault))
        snprintf(look->sick, sizeof look->sick, "it could not be read at the save: %s", fault.message);
    else if (!start_knew_vm_generation(tracker, slot))
        fingerprint_forget(&look->fingerprint, VM_GENERATION);
}
