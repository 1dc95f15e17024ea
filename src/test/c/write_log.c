/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The writes of an emulated disk, one by one, from the log that run-vm's disk option log=FILE makes (the format of the kernel's
 * dm-log-writes: Documentation/admin-guide/device-mapper/log-writes.rst).
 *
 *     write-log list LOG                       "NUMBER OFFSET LENGTH" in bytes, one a line; "NUMBER flush" for a flush
 *     write-log apply LOG FROM TO IMAGE        entries FROM <= NUMBER < TO, in their order
 *
 * Numbers begin at 0. Discards are applied as nothing: what they leave behind is not defined.
 */
#include <endian.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAGIC 0x6a736677736872ull
#define FLAG_FLUSH 1u
#define FLAG_DISCARD 4u

struct super { uint64_t magic, version, entries; uint32_t sector_bytes; } __attribute__((packed));
struct entry { uint64_t sector, sector_count, flags, data_bytes; };

static void die(const char *what)
{
    perror(what);
    exit(2);
}

static void apply(FILE *log, const struct entry *entry, uint64_t sector_bytes, int image)
{
    uint64_t length = le64toh(entry->sector_count) * sector_bytes;
    char *data = malloc(length ? length : 1);

    if (!data || fread(data, 1, length, log) != length)
        die("the log");
    if (image >= 0 && pwrite(image, data, length, (off_t)(le64toh(entry->sector) * sector_bytes)) != (ssize_t)length)
        die("the image");
    free(data);
}

int main(int count, char **words)
{
    int list = count == 3 && strcmp(words[1], "list") == 0, image = -1;
    struct super super;
    struct entry entry;

    if (!list && (count != 6 || strcmp(words[1], "apply") != 0)) {
        fprintf(stderr, "usage: write-log list LOG | write-log apply LOG FROM TO IMAGE\n");
        return 2;
    }
    FILE *log = fopen(words[2], "re");
    if (!log || fread(&super, sizeof super, 1, log) != 1 || le64toh(super.magic) != MAGIC)
        die(words[2]);
    uint64_t from = list ? 0 : strtoull(words[3], NULL, 10), to = list ? UINT64_MAX : strtoull(words[4], NULL, 10);
    uint64_t sector_bytes = le32toh(super.sector_bytes);
    if (!list && (image = open(words[5], O_WRONLY | O_CLOEXEC)) < 0)
        die(words[5]);
    fseeko(log, (off_t)sector_bytes, SEEK_SET);
    for (uint64_t number = 0; number < to && fread(&entry, sizeof entry, 1, log) == 1; number++) {
        uint64_t flags = le64toh(entry.flags);
        fseeko(log, (off_t)(sector_bytes - sizeof entry), SEEK_CUR);
        if (list && flags & FLAG_FLUSH)
            printf("%llu flush\n", (unsigned long long)number);
        else if (list)
            printf("%llu %llu %llu\n", (unsigned long long)number, (unsigned long long)(le64toh(entry.sector) * sector_bytes),
                   (unsigned long long)(le64toh(entry.sector_count) * sector_bytes));
        if (!(flags & (FLAG_FLUSH | FLAG_DISCARD)))
            apply(log, &entry, sector_bytes, number >= from ? image : -1);
    }
    return 0;
}
