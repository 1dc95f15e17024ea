/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a region, and writing lines about it. */
#include "volume/probe.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/crc32c.h"
#include "base/fnv1a.h"
#include "base/pages.h"

#define DIGEST_STEP (1024 * 1024)

/* Direct reads want whole blocks: a bounce buffer takes the pages around the range. */
int probe_read(const struct probe *probe, uint64_t offset_bytes, void *data, size_t length, struct fault *fault)
{
    if (offset_bytes > probe->size_bytes || length > probe->size_bytes - offset_bytes)
        return fault_set(fault, STATUS_FAILED, "READ_FAILED", NULL, "a structure points behind the end of its volume");
    uint64_t from = probe->base_bytes + offset_bytes;
    uint64_t first = from / PAGE_BYTES * PAGE_BYTES;
    uint64_t end = (from + length + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
    if (end > probe->device_bytes)
        end = probe->device_bytes;
    uint8_t *pages = page_alloc(end - first + PAGE_BYTES);
    if (!pages)
        return fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot read a volume");
    size_t have = 0;
    while (have < end - first) {
        ssize_t got = pread(probe->fd, pages + have, end - first - have, (off_t)(first + have));
        if (got <= 0) {
            if (got < 0 && errno == EINTR)
                continue;
            if (got == 0)
                errno = EIO;
            fault_errno(fault, STATUS_FAILED, "READ_FAILED", "cannot read the volume at byte %llu", (unsigned long long)(first + have));
            free(pages);
            return -1;
        }
        have += (size_t)got;
    }
    memcpy(data, pages + (from - first), length);
    free(pages);
    return 0;
}

int probe_digest(const struct probe *probe, uint64_t offset_bytes, uint64_t length, uint64_t *digest, struct fault *fault)
{
    *digest = FNV1A_START;
    if (offset_bytes >= probe->size_bytes)
        return 0;
    if (length > probe->size_bytes - offset_bytes)
        length = probe->size_bytes - offset_bytes;
    uint8_t *step = malloc(DIGEST_STEP);
    if (!step)
        return fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot read a volume");
    int result = 0;
    while (length > 0 && result == 0) {
        size_t part = length < DIGEST_STEP ? (size_t)length : DIGEST_STEP;
        result = probe_read(probe, offset_bytes, step, part, fault);
        if (result == 0)
            *digest = fnv1a(*digest, step, part);
        offset_bytes += part;
        length -= part;
    }
    free(step);
    return result;
}

void probe_line(const struct probe *probe, const char *key, const char *format, ...)
{
    struct fingerprint *into = probe->into;
    char line[400];
    int length = probe->partition ? snprintf(line, sizeof line, "p%u.%s=", probe->partition, key) : snprintf(line, sizeof line, "%s=", key);
    va_list arguments;

    va_start(arguments, format);
    length += vsnprintf(line + length, sizeof line - (size_t)length - 1, format, arguments);
    va_end(arguments);
    if (length > (int)sizeof line - 2)
        length = (int)sizeof line - 2;
    for (int at = 0; at < length; at++)
        if ((unsigned char)line[at] < ' ')
            line[at] = '?';
    line[length++] = '\n';
    if (into->length + (uint32_t)length > sizeof into->text - OVERFLOW_ROOM) {
        into->overflow_digest = crc32c_more(into->overflow_digest, line, (size_t)length);
        return;
    }
    memcpy(into->text + into->length, line, (size_t)length);
    into->length += (uint32_t)length;
}

void probe_uuid(const struct probe *probe, const char *key, const uint8_t uuid[16])
{
    char text[33];

    for (int byte = 0; byte < 16; byte++)
        snprintf(text + 2 * byte, 3, "%02x", uuid[byte]);
    probe_line(probe, key, "%s", text);
}

/* With no room left the last range grows to take the new one in: too much, never too little. */
void probe_changed(const struct probe *probe, uint64_t offset_bytes, uint64_t length)
{
    struct fingerprint *into = probe->into;

    if (offset_bytes >= probe->size_bytes || length == 0)
        return;
    if (length > probe->size_bytes - offset_bytes)
        length = probe->size_bytes - offset_bytes;
    uint64_t start = (probe->base_bytes + offset_bytes) / PROBE_SECTOR_BYTES;
    uint64_t end = (probe->base_bytes + offset_bytes + length + PROBE_SECTOR_BYTES - 1) / PROBE_SECTOR_BYTES;
    if (into->changed_count < MAX_CHANGED_RANGES) {
        into->changed[into->changed_count++] = (struct sector_range){ start, end - start };
        return;
    }
    struct sector_range *last = &into->changed[MAX_CHANGED_RANGES - 1];
    uint64_t last_end = last->start_sector + last->sector_count;
    last->start_sector = last->start_sector < start ? last->start_sector : start;
    last->sector_count = (last_end > end ? last_end : end) - last->start_sector;
}

enum probe_result probe_opaque(const struct probe *probe, const char *kind)
{
    struct fingerprint *into = probe->into;

    if (!into->opaque[0] && probe->partition)
        snprintf(into->opaque, sizeof into->opaque, "partition %u (%s)", probe->partition, kind);
    else if (!into->opaque[0])
        snprintf(into->opaque, sizeof into->opaque, "%s", kind);
    return OPAQUE;
}
