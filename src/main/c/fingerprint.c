/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines come in the order in which they tell most: the evidence names the first that differ. Lines that find no room are
 * folded into one digest, so a disk of many partitions loses readability, never sensitivity.
 */
#include "fingerprint.h"

#include <errno.h>
#include <linux/fs.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "crc32c.h"
#include "probe.h"

#define OVERFLOW_ROOM 64
#define DIGEST_STEP (1024 * 1024)
#define FNV_START 0xcbf29ce484222325u
#define FNV_PRIME 0x100000001b3u

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
    *digest = FNV_START;
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
            for (size_t at = 0; at < part; at++)
                *digest = (*digest ^ step[at]) * FNV_PRIME;
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

enum probe_result probe_content(const struct probe *probe, struct fault *fault)
{
    static enum probe_result (*const kinds[])(const struct probe *, struct fault *) = {
        probe_luks, probe_lvm, probe_md, probe_btrfs, probe_xfs, probe_ext, probe_other,
    };
    for (size_t kind = 0; kind < sizeof kinds / sizeof *kinds; kind++) {
        enum probe_result result = kinds[kind](probe, fault);
        if (result != NOT_MINE)
            return result;
    }
    return NOT_MINE;
}

/* QEMU hands the VM generation id out as a blob: the GUID at byte 40 (QEMU, docs/specs/vmgenid). */
static void vm_generation(const struct probe *probe)
{
    static const char path[] = "/sys/firmware/qemu_fw_cfg/by_name/etc/vmgenid_guid/raw";
    uint8_t blob[56];
    FILE *file = fopen(path, "re");

    if (file && fread(blob, 1, sizeof blob, file) == sizeof blob)
        probe_uuid(probe, "vm_generation_id", blob + 40);
    if (file)
        fclose(file);
}

static uint32_t logical_block_bytes(int fd)
{
    int bytes;

    return ioctl(fd, BLKSSZGET, &bytes) == 0 && bytes >= PROBE_SECTOR_BYTES ? (uint32_t)bytes : PROBE_SECTOR_BYTES;
}

int fingerprint_take(struct fingerprint *fingerprint, int fd, uint64_t size_bytes, uint64_t start_sector, const char *identity,
                     struct fault *fault)
{
    struct probe probe = { .fd = fd, .size_bytes = size_bytes, .device_bytes = size_bytes, .block_bytes = logical_block_bytes(fd),
                           .into = fingerprint };

    memset(fingerprint, 0, sizeof *fingerprint);
    probe_line(&probe, "sectors", "%llu", (unsigned long long)(size_bytes / PROBE_SECTOR_BYTES));
    if (start_sector)
        probe_line(&probe, "start_sector", "%llu", (unsigned long long)start_sector);
    probe_line(&probe, "identity", "%s", identity);
    vm_generation(&probe);
    enum probe_result result = probe_content(&probe, fault);
    if (result == NOT_MINE)
        result = probe_partitions(&probe, fault);
    if (result == NOT_MINE) {
        uint64_t digest;
        if (probe_digest(&probe, 0, 64 * 1024, &digest, fault))
            return -1;
        probe_line(&probe, "raw.head_digest", "%016llx", (unsigned long long)digest);
        probe_opaque(&probe, "raw");
    } else if (result == PROBE_FAILED) {
        return -1;
    }
    if (fingerprint->opaque[0])
        probe_line(&probe, "opaque", "%s", fingerprint->opaque);
    if (fingerprint->overflow_digest)
        fingerprint->length += (uint32_t)snprintf(fingerprint->text + fingerprint->length, OVERFLOW_ROOM, "overflow_digest=%08x\n",
                                                  fingerprint->overflow_digest);
    return 0;
}

struct line { const char *key, *value; size_t key_length, value_length; };

static bool next_line(const char **text, const char *end, struct line *line)
{
    if (*text >= end)
        return false;
    const char *stop = memchr(*text, '\n', (size_t)(end - *text));
    if (!stop)
        stop = end;
    const char *equals = memchr(*text, '=', (size_t)(stop - *text));
    line->key = *text;
    line->key_length = (size_t)((equals ? equals : stop) - *text);
    line->value = equals ? equals + 1 : stop;
    line->value_length = (size_t)(stop - line->value);
    *text = stop < end ? stop + 1 : end;
    return true;
}

static bool find_line(const char *text, size_t length, const struct line *want, struct line *found)
{
    const char *end = text + length;

    while (next_line(&text, end, found))
        if (found->key_length == want->key_length && memcmp(found->key, want->key, want->key_length) == 0)
            return true;
    return false;
}

int fingerprint_value(const char *text, size_t length, const char *key, char *value, size_t size)
{
    struct line want = { .key = key, .key_length = strlen(key) }, found;

    if (!find_line(text, length, &want, &found) || found.value_length >= size)
        return -1;
    memcpy(value, found.value, found.value_length);
    value[found.value_length] = 0;
    return 0;
}

/* "p2.ext4.mount_count" reads "partition 2 ext4 mount count". */
static void add_evidence(char *evidence, size_t size, const struct line *was, const struct line *is)
{
    const struct line *named = was ? was : is;
    char words[120] = "";
    const char *key = named->key, *end = named->key + named->key_length;
    size_t used = strlen(evidence), length = 0;

    if (end - key > 2 && key[0] == 'p' && key[1] >= '0' && key[1] <= '9') {
        length = (size_t)snprintf(words, sizeof words, "partition ");
        key++;
    }
    for (; key < end && length < sizeof words - 1; key++)
        words[length++] = *key == '.' || *key == '_' ? ' ' : *key;
    words[length] = 0;
    if (used >= size - 1)
        return;
    snprintf(evidence + used, size - used, "%s%s %.*s -> %.*s", used ? ", " : "", words, was ? (int)was->value_length : 4,
             was ? was->value : "none", is ? (int)is->value_length : 4, is ? is->value : "none");
}

int fingerprint_compare(const char *saved, size_t saved_length, const char *now, size_t now_length, char *evidence, size_t size)
{
    const char *at = saved, *end = saved + saved_length;
    struct line line, other;

    evidence[0] = 0;
    if (saved_length == now_length && memcmp(saved, now, now_length) == 0)
        return 0;
    while (next_line(&at, end, &line)) {
        bool there = find_line(now, now_length, &line, &other);
        if (!there || other.value_length != line.value_length || memcmp(other.value, line.value, line.value_length) != 0)
            add_evidence(evidence, size, &line, there ? &other : NULL);
    }
    at = now;
    end = now + now_length;
    while (next_line(&at, end, &line))
        if (!find_line(saved, saved_length, &line, &other))
            add_evidence(evidence, size, NULL, &line);
    if (!evidence[0])
        snprintf(evidence, size, "the fingerprint's lines stand in another order");
    return 1;
}

int content_identity(int fd, uint64_t size_bytes, char *identity, size_t size, struct fault *fault)
{
    static const char *const keys[] = { "gpt.disk_guid", "mbr.signature", "ext2.uuid", "ext3.uuid", "ext4.uuid", "xfs.uuid", "btrfs.uuid",
                                        "luks.uuid", "lvm.pv_uuid", "swap.uuid", "fat.serial" };
    struct fingerprint *fingerprint = malloc(sizeof *fingerprint);
    char value[80];

    identity[0] = 0;
    if (!fingerprint)
        return fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot read a volume");
    int result = fingerprint_take(fingerprint, fd, size_bytes, 0, "", fault);
    for (size_t key = 0; result == 0 && !identity[0] && key < sizeof keys / sizeof *keys; key++)
        if (fingerprint_value(fingerprint->text, fingerprint->length, keys[key], value, sizeof value) == 0)
            snprintf(identity, size, "%s:%s", key < 2 ? "ptuuid" : "fsuuid", value);
    free(fingerprint);
    return result;
}
