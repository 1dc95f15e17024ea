/* SPDX-License-Identifier: Apache-2.0 */
#include "volume/volume.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/files.h"
#include "base/sysfs.h"
#include "base/text.h"
#include "volume/disk_accounts.h"
#include "volume/identity.h"

#define LOOK_STEP_NS 1000000L
#define MAX_LOOKS 50    /* at a busy disk's accounts; then what moved meanwhile counts as written */

int volume_device(struct device *device, const char *name, struct fault *fault)
{
    char numbers[32];
    unsigned int major, minor;

    memset(device, 0, sizeof *device);
    if (sysfs_text(numbers, sizeof numbers, "/sys/class/block/%s/dev", name) <= 0 || sscanf(numbers, "%u:%u", &major, &minor) != 2)
        return fault_set(fault, STATUS_FAILED, "NO_DEVICE", NULL, "there is no block device %s", name);
    snprintf(device->path, sizeof device->path, "/dev/%s", name);
    return device_by_number(device, kernel_dev(major, minor), fault);
}

static bool read_partitions(const char *disk, struct disk_stat *sum)
{
    char path[80];
    bool valid = true;

    snprintf(path, sizeof path, "/sys/class/block/%s", disk);
    DIR *folder = opendir(path);
    *sum = (struct disk_stat){ 0 };
    for (struct dirent *entry; folder && valid && (entry = readdir(folder));) {
        struct disk_stat one;
        uint64_t number;
        if (!has_prefix(entry->d_name, disk) || sysfs_u64(&number, "/sys/class/block/%s/partition", entry->d_name))
            continue;
        valid = disk_stat_read(&one, entry->d_name) == 0;
        sum->written += valid ? one.written : 0;
        sum->discarded += valid ? one.discarded : 0;
    }
    if (folder)
        closedir(folder);
    return valid && folder;
}

/* The disk's accounts less its partitions'. Other partitions may be in use: read again until the disk's have stood still meanwhile. */
static void read_rest(struct volume_stat *stat, const char *disk)
{
    struct disk_stat before, partitions, after;
    bool still = false;

    for (int look = 0; look < MAX_LOOKS && stat->valid && !still; look++) {
        if (look)
            nanosleep(&(struct timespec){ .tv_nsec = LOOK_STEP_NS }, NULL);
        stat->valid = disk_stat_read(&before, disk) == 0 && read_partitions(disk, &partitions) && disk_stat_read(&after, disk) == 0;
        still = stat->valid && before.written == after.written && before.discarded == after.discarded;
    }
    if (stat->valid) {
        stat->rest_written = after.written - partitions.written;
        stat->rest_discarded = after.discarded - partitions.discarded;
    }
}

void volume_stat_read(struct volume_stat *stat, const struct device *device)
{
    struct disk_stat now;

    memset(stat, 0, sizeof *stat);
    if (disk_stat_read(&now, device->name))
        return;
    stat->valid = disk_has_accounts(device->disk_name);
    stat->writes_in_flight = now.in_flight;
    stat->written = now.written;
    stat->discarded = now.discarded;
    if (stat->valid && strcmp(device->name, device->disk_name) != 0)
        read_rest(stat, device->disk_name);
}

int volume_fingerprint(struct fingerprint *fingerprint, const struct device *device, const char *identity, struct fault *fault)
{
    int fd = identity_open(device->name, O_RDONLY | O_DIRECT, fault);

    if (fd < 0)
        return -1;
    int result = fingerprint_take(fingerprint, fd, device->sector_count * SECTOR_BYTES, device->start_sector, identity, fault);
    close(fd);
    return result;
}

bool is_loop_device(const struct device *device)
{
    char text[8];

    return sysfs_text(text, sizeof text, "/sys/class/block/%s/loop/offset", device->disk_name) > 0;
}

static void record_path(char *path, size_t size, const struct instance *instance, int slot)
{
    snprintf(path, size, "%s/fingerprints/%d", instance->run_dir, slot);
}

int attach_record_write(const struct instance *instance, int slot, const struct attach_record *record, struct fault *fault)
{
    const struct volume_stat *stat = &record->stat;
    char path[PATH_MAX], *text = malloc(sizeof record->fingerprint.text + 256);

    if (!text)
        return fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot keep a fingerprint");
    int length = snprintf(text, 256, "attached %" PRIu64 " early %d stat %d %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
                          record->attached_boottime_ns, record->early, stat->valid, stat->written, stat->discarded, stat->rest_written, stat->rest_discarded,
                          stat->writes_in_flight, record->diskseq);
    memcpy(text + length, record->fingerprint.text, record->fingerprint.length);
    record_path(path, sizeof path, instance, slot);
    int result = file_replace(path, text, (size_t)length + record->fingerprint.length, fault);
    free(text);
    return result;
}

int attach_record_read(const struct instance *instance, int slot, uint64_t attached_boottime_ns, struct attach_record *record, struct fault *fault)
{
    struct volume_stat *stat = &record->stat;
    char path[PATH_MAX], line[256];
    int early, valid;

    memset(record, 0, sizeof *record);
    record_path(path, sizeof path, instance, slot);
    FILE *file = fopen(path, "re");
    if (!file)
        return fault_errno(fault, STATUS_FAILED, "NO_FINGERPRINT", "cannot open %s", path);
    bool whole = fgets(line, sizeof line, file) &&
                 sscanf(line, "attached %" SCNu64 " early %d stat %d %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64,
                        &record->attached_boottime_ns, &early, &valid, &stat->written, &stat->discarded, &stat->rest_written, &stat->rest_discarded,
                        &stat->writes_in_flight, &record->diskseq) == 9;
    bool of_this_attach = whole && record->attached_boottime_ns == attached_boottime_ns;
    if (of_this_attach) {
        record->early = early;
        stat->valid = valid;
        record->fingerprint.length = (uint32_t)fread(record->fingerprint.text, 1, sizeof record->fingerprint.text, file);
        (void)fingerprint_value(record->fingerprint.text, record->fingerprint.length, "opaque", record->fingerprint.opaque,
                                sizeof record->fingerprint.opaque);
    }
    fclose(file);
    return of_this_attach ? 0 : fault_set(fault, STATUS_FAILED, "NO_FINGERPRINT", NULL, "%s is %s", path, whole ? "of an earlier attach" : "not whole");
}
