/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The marks of an epoch, for tests without Java: out of the kernel in a guest, and against the images on the host.
 *
 *     marks dump PIN WORDS                            the words of a pinned plain epoch: data, then discards
 *     marks compare FILE GRANULE_BYTES OLD NEW        which granules differ, which are reported
 *     marks missed FILE GRANULE_BYTES OLD NEW         the numbers of those that differ and are not reported, one a line
 *
 * compare prints "granules=N differing=N reported=N missed=N". OLD and NEW must be of one size.
 * Exit status: 0, or 2 where something could not be read. What the figures mean is for the caller to judge.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static void die(const char *what)
{
    fprintf(stderr, "marks: %s: %s\n", what, strerror(errno));
    exit(2);
}

static int dump(const char *pin, uint64_t words)
{
    union bpf_attr attributes = {.pathname = (uintptr_t)pin}; /* read-only would not be mapped */
    size_t bytes = 2 * words * sizeof(uint64_t), page = (size_t)sysconf(_SC_PAGESIZE);
    int fd = (int)syscall(SYS_bpf, BPF_OBJ_GET, &attributes, sizeof attributes);

    if (fd < 0)
        die(pin);
    const char *map = mmap(NULL, (bytes + page - 1) / page * page, PROT_READ, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED)
        die(pin);
    if (fwrite(map, 1, bytes, stdout) != bytes || fflush(stdout))
        die("standard output");
    return 0;
}

static const uint8_t *map_file(const char *path, uint64_t *bytes)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || fstat(fd, &status))
        die(path);
    *bytes = (uint64_t)status.st_size;
    const uint8_t *content = mmap(NULL, *bytes, PROT_READ, MAP_PRIVATE, fd, 0);
    if (content == MAP_FAILED)
        die(path);
    close(fd);
    return content;
}

static int compare(char **words, bool list)
{
    uint64_t mark_bytes, old_bytes, new_bytes, granule_bytes = strtoull(words[1], NULL, 10);
    const uint64_t *marks = (const uint64_t *)map_file(words[0], &mark_bytes);
    const uint8_t *old = map_file(words[2], &old_bytes), *new = map_file(words[3], &new_bytes);
    uint64_t granules = (old_bytes + granule_bytes - 1) / granule_bytes, half = mark_bytes / 16;
    uint64_t differing = 0, reported = 0, missed = 0;

    if (old_bytes != new_bytes || half * 64 < granules) {
        fprintf(stderr, "marks: the files do not fit each other: %llu and %llu bytes, %llu words of marks\n", (unsigned long long)old_bytes,
                (unsigned long long)new_bytes, (unsigned long long)half);
        return 2;
    }
    for (uint64_t granule = 0; granule < granules; granule++) {
        uint64_t start = granule * granule_bytes, length = old_bytes - start < granule_bytes ? old_bytes - start : granule_bytes;
        bool differs = memcmp(old + start, new + start, length) != 0;
        bool marked = (marks[granule / 64] | marks[half + granule / 64]) >> granule % 64 & 1;
        differing += differs;
        reported += marked;
        missed += differs && !marked;
        if (list && differs && !marked)
            printf("%llu\n", (unsigned long long)granule);
    }
    if (!list)
        printf("granules=%llu differing=%llu reported=%llu missed=%llu\n", (unsigned long long)granules, (unsigned long long)differing,
               (unsigned long long)reported, (unsigned long long)missed);
    return 0;
}

int main(int count, char **words)
{
    if (count == 4 && strcmp(words[1], "dump") == 0)
        return dump(words[2], strtoull(words[3], NULL, 10));
    if (count == 6 && (strcmp(words[1], "compare") == 0 || strcmp(words[1], "missed") == 0))
        return compare(words + 2, words[1][0] == 'm');
    fprintf(stderr, "usage: marks dump PIN WORDS | marks compare|missed FILE GRANULE_BYTES OLD NEW\n");
    return 2;
}
