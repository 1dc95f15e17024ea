/* SPDX-License-Identifier: Apache-2.0 */
#include "groundtruth_record.h"

#include "base/random.h"
#include "tracker/tracker_internal.h"

#include <bpf/bpf.h>
#include <dirent.h>
#include <linux/bpf.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define BASE_WAIT_MS 2000

static int make_state_dir(struct record *record, struct fault *fault)
{
    static const char *const places[] = {"/dev/shm", "/run", "/tmp"};

    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        snprintf(record->state_dir, sizeof record->state_dir, "%s/groundtruth.XXXXXX", places[i]);
        if (mkdtemp(record->state_dir))
            return 0;
    }
    return fault_errno(fault, STATUS_FAILED, "NO_STATE_DIR", "cannot make a state folder");
}

int record_start(struct record *record, struct fault *fault)
{
    struct instance instance;

    record->slot = -1;
    return make_state_dir(record, fault) || instance_locate(&instance, record->state_dir, fault) ||
           tracker_open(&record->tracker, &instance, true, fault) ? -1 : 0;
}

int record_add(struct record *record, const struct run *run, struct fault *fault)
{
    struct volume_request request = {.device = run->device, .granule_bytes = run->options.granule_bytes, .identity = ""};

    record->dice.state = run->options.seed ^ 0x5ab0;
    if (random_bytes(request.series, sizeof request.series, fault) || random_bytes(request.epoch, sizeof request.epoch, fault) ||
        tracker_add(record->tracker, &request, &record->slot, fault) || audit_baseline(record->tracker, record->slot, fault))
        return -1;
    record->words = tracker_plain_words(record->tracker, record->slot);
    if (!accounting_settle(record->tracker, record->slot, BASE_WAIT_MS))
        return fault_set(fault, STATUS_FAILED, "BUSY_DEVICE", NULL, "%s is written before the run", run->device.path);
    return 0;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *where)
{
    (void)status;
    (void)where;
    return type == FTW_DP ? rmdir(path) : unlink(path);
}

void record_close(struct record *record)
{
    struct fault ignored;

    if (record->tracker) {
        if (record->slot >= 0)
            tracker_remove(record->tracker, record->slot, &ignored);
        const struct instance instance = record->tracker->instance;
        tracker_close(record->tracker);
        tracker_destroy(&instance, &ignored);
        record->tracker = NULL;
    }
    if (record->state_dir[0])
        nftw(record->state_dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    record->state_dir[0] = 0;
}

static int fetch(struct closed_epoch *epoch, const struct checkpoint_result *result, size_t words, struct fault *fault)
{
    size_t bytes = words * sizeof(uint64_t);
    int fd = bpf_obj_get(result->pin);
    uint64_t *plain = fd < 0 ? MAP_FAILED : mmap(NULL, 2 * bytes, PROT_READ, MAP_SHARED, fd, 0);

    if (fd >= 0)
        close(fd);
    if (plain == MAP_FAILED || result->words != words)
        return fault_errno(fault, STATUS_FAILED, "NO_EPOCH", "cannot read the closed epoch %s", result->pin);
    epoch->data = malloc(bytes);
    epoch->discarded = malloc(bytes);
    memcpy(epoch->data, plain, bytes);
    memcpy(epoch->discarded, plain + words, bytes);
    munmap(plain, 2 * bytes);
    return 0;
}

/* A busy file system may need longer to come to rest than it is given, above all where the processor is emulated: then it is asked again. */
#define FREEZE_TRIES 4

static int take(struct record *record, const struct checkpoint_request *request, struct checkpoint_result *result, struct fault *fault)
{
    for (int tries = 1; checkpoint_take(record->tracker, record->slot, request, result, fault); tries++)
        if (tries == FREEZE_TRIES || strcmp(fault->name, "FREEZE_TIMEOUT") != 0)
            return -1;
    return 0;
}

int record_checkpoint(struct record *record, const struct run *run, struct closed_epoch *epoch, struct checkpoint_result *result, struct fault *fault)
{
    struct checkpoint_request request = {.freeze = run->options.mounted != NULL};

    if (random_bytes(request.change_id, sizeof request.change_id, fault) || take(record, &request, result, fault) ||
        fetch(epoch, result, record->words, fault))
        return -1;
    if (run->options.sabotage == SABOTAGE_BIT)
        sabotage_epoch(record, epoch);
    return checkpoint_release(record->tracker, result->pin, fault);
}

static uint64_t link_skipped(const char *name, const char *path)
{
    struct bpf_link_info link = {0};
    struct bpf_prog_info program = {0};
    uint32_t size = sizeof link;
    char pin[400];

    snprintf(pin, sizeof pin, "%s/%s", path, name);
    int fd = bpf_obj_get(pin);
    if (fd < 0 || bpf_obj_get_info_by_fd(fd, &link, &size))
        return 0;
    close(fd);
    fd = bpf_prog_get_fd_by_id(link.prog_id);
    size = sizeof program;
    if (fd >= 0 && bpf_obj_get_info_by_fd(fd, &program, &size) == 0)
        close(fd);
    return program.recursion_misses;
}

void record_skipped(const struct record *record, char *text, size_t size)
{
    const char *path = record->tracker->instance.pin_dir;
    DIR *pins = opendir(path);
    struct dirent *entry;

    text[0] = 0;
    while (pins && (entry = readdir(pins)))
        if (strncmp(entry->d_name, "link-", 5) == 0) {
            size_t length = strlen(text);
            snprintf(text + length, size - length, "%s%s %llu", length ? ", " : "", entry->d_name + 5,
                     (unsigned long long)link_skipped(entry->d_name, path));
        }
    if (pins)
        closedir(pins);
    struct kernel_skips skips;
    size_t length = strlen(text);
    if (kernel_skips(&record->tracker->kernel, path, true, &skips) == 0)
        snprintf(text + length, size - length, ", lost %lld", (long long)skips.lost_most);
}
