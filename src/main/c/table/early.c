/* SPDX-License-Identifier: Apache-2.0 */
#include "table/early.h"
#include "base/files.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_TEXT (256 * 1024)

void early_path(const struct instance *instance, char *path, size_t size)
{
    if (strcmp(instance->state_dir, DEFAULT_STATE_DIR) == 0)
        snprintf(path, size, "/etc/blktrack/early.conf");
    else
        snprintf(path, size, "%s/early.conf", instance->state_dir);
}

static int parse_uuid(const char *text, uint8_t uuid[16])
{
    for (int byte = 0; byte < 16; byte++)
        if (sscanf(text + 2 * byte, "%2hhx", &uuid[byte]) != 1)
            return -1;
    return 0;
}

static int parse_line(struct early *early, const char *key, const char *value)
{
    if (strcmp(key, "table_uuid") == 0)
        return parse_uuid(value, early->table_uuid);
    if (strcmp(key, "table_bytes") == 0)
        return sscanf(value, "%" SCNu64, &early->table_bytes) == 1 ? 0 : -1;
    if (strcmp(key, "table_path") == 0)
        return snprintf(early->table_path, sizeof early->table_path, "%s", value) < (int)sizeof early->table_path ? 0 : -1;
    if (strcmp(key, "table_device") == 0)
        return snprintf(early->table_device, sizeof early->table_device, "%s", value) < (int)sizeof early->table_device ? 0 : -1;
    if (strcmp(key, "extent") == 0) {
        if (early->extents.count == MAX_EXTENTS)
            return -1;
        struct extent *extent = &early->extents.extent[early->extents.count++];
        return sscanf(value, "%" SCNu64 " %" SCNu64 " %" SCNu64, &extent->file_offset, &extent->device_offset, &extent->length) == 3 ? 0 : -1;
    }
    if (strcmp(key, "volume") == 0) {
        if (early->volume_count == TABLE_MAX_ENTRIES)
            return -1;
        struct early_volume *volume = &early->volume[early->volume_count++];
        return sscanf(value, "%" SCNu32 " %" SCNu32 " %191s", &volume->granule_bytes, &volume->trust_offline, volume->identity) == 3 ? 0 : -1;
    }
    return 0;   /* keys of later versions */
}

int early_read(const struct instance *instance, struct early *early, struct fault *fault)
{
    char path[PATH_MAX], line[1024];
    int result = 0;

    memset(early, 0, sizeof *early);
    early_path(instance, path, sizeof path);
    FILE *file = fopen(path, "re");
    if (!file)
        return fault_errno(fault, STATUS_FAILED, "NO_EARLY_CONF", "cannot open %s", path);
    while (result == 0 && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = 0;
        char *equals = strchr(line, '=');
        if (line[0] == '#' || !equals)
            continue;
        *equals = 0;
        result = parse_line(early, line, equals + 1);
    }
    fclose(file);
    return result ? fault_set(fault, STATUS_STATE_CORRUPT, "EARLY_CONF_CORRUPT", "Run 'blktrack enable' again for one volume; that writes it anew.",
                              "%s has a line that cannot be read: %s", path, line)
                  : 0;
}

int early_write(const struct instance *instance, const struct early *early, struct fault *fault)
{
    char path[PATH_MAX], *text = malloc(MAX_TEXT), *old = malloc(MAX_TEXT);
    size_t length = 0, old_length = 0;
    int result = -1;

    if (!text || !old) {
        fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot write early.conf");
        goto out;
    }
#define LINE(...) (length += (size_t)snprintf(text + length, length < MAX_TEXT ? MAX_TEXT - length : 0, __VA_ARGS__))
    LINE("# Where the tracking table lies and which volumes to attach. Written by blktrack-helper; do not edit.\ntable_uuid=");
    for (int byte = 0; byte < 16; byte++)
        LINE("%02x", early->table_uuid[byte]);
    LINE("\ntable_bytes=%" PRIu64 "\ntable_path=%s\ntable_device=%s\n", early->table_bytes, early->table_path, early->table_device);
    for (uint32_t index = 0; index < early->extents.count; index++)
        LINE("extent=%" PRIu64 " %" PRIu64 " %" PRIu64 "\n", early->extents.extent[index].file_offset, early->extents.extent[index].device_offset,
             early->extents.extent[index].length);
    for (uint32_t index = 0; index < early->volume_count; index++)
        LINE("volume=%" PRIu32 " %" PRIu32 " %s\n", early->volume[index].granule_bytes, early->volume[index].trust_offline,
             early->volume[index].identity);
#undef LINE
    early_path(instance, path, sizeof path);
    FILE *file = fopen(path, "re");
    if (file) {
        old_length = fread(old, 1, MAX_TEXT, file);
        fclose(file);
    }
    result = old_length == length && memcmp(old, text, length) == 0 ? 0 : file_replace(path, text, length, fault);
out:
    free(text);
    free(old);
    return result;
}
