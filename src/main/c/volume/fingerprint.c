/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines come in the order in which they tell most: the evidence names the first that differ. Lines that find no room are
 * folded into one digest, so a disk of many partitions loses readability, never sensitivity.
 */
#include "volume/fingerprint.h"

#include <errno.h>
#include <linux/fs.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/crc32c.h"
#include "volume/probe.h"

/* QEMU hands the VM generation id out as a blob: the GUID at byte 40 (QEMU, docs/specs/vmgenid). */
static void vm_generation(const struct probe *probe)
{
    static const char path[] = "/sys/firmware/qemu_fw_cfg/by_name/etc/vmgenid_guid/raw";
    uint8_t blob[56];
    FILE *file = fopen(path, "re");

    if (file && fread(blob, 1, sizeof blob, file) == sizeof blob)
        probe_uuid(probe, VM_GENERATION, blob + 40);
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

void fingerprint_forget(struct fingerprint *fingerprint, const char *key)
{
    struct line want = { .key = key, .key_length = strlen(key) }, found;

    if (!find_line(fingerprint->text, fingerprint->length, &want, &found))
        return;
    const char *end = fingerprint->text + fingerprint->length, *behind = found.value + found.value_length + 1;
    memmove((char *)found.key, behind, (size_t)(end - behind));
    fingerprint->length -= (uint32_t)(behind - found.key);
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
    bool knows_machine = false;

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
    while (next_line(&at, end, &line)) {
        if (find_line(saved, saved_length, &line, &other))
            continue;
        if (line.key_length == strlen(VM_GENERATION) && memcmp(line.key, VM_GENERATION, line.key_length) == 0)
            knows_machine = true;
        else
            add_evidence(evidence, size, NULL, &line);
    }
    if (!evidence[0] && knows_machine)
        return 0;
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
