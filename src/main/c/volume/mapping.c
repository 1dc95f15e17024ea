/* SPDX-License-Identifier: Apache-2.0 */
#include "volume/mapping.h"

#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/sysfs.h"

static void append(char *text, size_t size, const char *name, const char *value)
{
    size_t length = strlen(text);

    snprintf(text + length, size - length, "%s=%s\n", name, value);
}

static void append_sysfs(char *text, size_t size, const char *disk_name, const char *attribute)
{
    char value[256];

    if (sysfs_text(value, sizeof value, "/sys/block/%s/%s", disk_name, attribute) > 0)
        append(text, size, attribute, value);
}

static void describe_loop(char *text, size_t size, const char *disk_name)
{
    struct loop_info64 info;
    char path[64], value[128];

    snprintf(path, sizeof path, "/dev/%.40s", disk_name);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return;
    if (ioctl(fd, LOOP_GET_STATUS64, &info) == 0) {
        snprintf(value, sizeof value, "%llu:%llu+%llu/%llu", (unsigned long long)info.lo_device, (unsigned long long)info.lo_inode,
                 (unsigned long long)info.lo_offset, (unsigned long long)info.lo_sizelimit);
        append(text, size, "loop", value);
    }
    close(fd);
}

/* Each target with its parameters, as `dmsetup table` shows them, but for keys, which the kernel leaves out unless asked. */
static void describe_dm(char *text, size_t size, const char *disk_name)
{
    static char buffer[65536];
    struct dm_ioctl *request = (struct dm_ioctl *)buffer;
    unsigned int major, minor;
    char value[32];

    if (sysfs_text(value, sizeof value, "/sys/block/%s/dev", disk_name) < 0 || sscanf(value, "%u:%u", &major, &minor) != 2)
        return;
    int fd = open("/dev/mapper/control", O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return;
    memset(buffer, 0, sizeof *request);
    request->version[0] = DM_VERSION_MAJOR;
    request->data_size = sizeof buffer;
    request->data_start = sizeof *request;
    request->flags = DM_STATUS_TABLE_FLAG;
    request->dev = (uint64_t)makedev(major, minor);
    if (ioctl(fd, DM_TABLE_STATUS, request) == 0 && !(request->flags & DM_BUFFER_FULL_FLAG)) {
        const char *at = buffer + request->data_start;
        for (uint32_t i = 0; i < request->target_count; i++) {
            const struct dm_target_spec *target = (const void *)at;
            size_t length = strlen(text);
            snprintf(text + length, size - length, "dm=%llu %llu %s %s\n", (unsigned long long)target->sector_start,
                     (unsigned long long)target->length, target->target_type, at + sizeof *target);
            at = buffer + request->data_start + target->next;
        }
    }
    close(fd);
}

void mapping_describe(char *text, size_t size, const char *disk_name)
{
    static const char *const md[] = {"md/level", "md/raid_disks", "md/chunk_size", "md/layout", "md/component_size", "md/reshape_position"};

    text[0] = 0;
    if (strncmp(disk_name, "loop", 4) == 0)
        describe_loop(text, size, disk_name);
    if (strncmp(disk_name, "dm-", 3) == 0)
        describe_dm(text, size, disk_name);
    for (size_t i = 0; i < sizeof md / sizeof *md; i++)
        append_sysfs(text, size, disk_name, md[i]);
}

uint64_t mapping_digest(const char *disk_name)
{
    char text[16384];
    uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a, 64 bits */

    mapping_describe(text, sizeof text, disk_name);
    for (const char *at = text; *at; at++)
        hash = (hash ^ (unsigned char)*at) * 0x100000001b3u;
    return hash;
}
