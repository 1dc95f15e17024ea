/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What ./bench needs beside the helper to measure start and save.
 *
 *     bench_table zero BYTES             milliseconds to zero so much fresh memory
 *     bench_table mark STATE_DIR PERMILLE SEED   marks so many of all granules, at random, in every tracked volume; other ones with another seed
 *     bench_table write FILE BYTES       milliseconds to write so much of a file, O_DIRECT, in pieces of 1 MiB, and flush
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/sysfs.h"
#include "live_marks.h"
#include "tracker/tracker.h"

#define PIECE (1u << 20)

static int zero(size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint64_t began = monotonic_us();

    if (memory == MAP_FAILED)
        return 1;
    memset(memory, 0, bytes);
    printf("%.1f\n", (double)(monotonic_us() - began) / 1000);
    return 0;
}

static int mark_slot(struct tracker *tracker, int slot, unsigned int permille, struct fault *fault)
{
    size_t words = tracker_plain_words(tracker, slot);
    uint64_t *plain = calloc(words, sizeof *plain);
    uint64_t marks = words * 64 * permille / 1000;

    for (uint64_t i = 0; i < marks; i++) {
        uint64_t granule = ((uint64_t)random() << 31 | (uint64_t)random()) % (words * 64);
        plain[granule / 64] |= 1ULL << granule % 64;
    }
    int failed = merge_live(tracker, slot, BT_DATA, plain, fault);
    free(plain);
    return failed;
}

static int mark(const char *state_dir, unsigned int permille, unsigned int seed)
{
    struct instance instance;
    struct tracker *tracker;
    struct fault fault;
    int failed = instance_locate(&instance, state_dir, &fault) || tracker_open(&tracker, &instance, false, &fault);

    srandom(seed);
    for (int slot = 0; !failed && slot < BT_MAX_VOLUMES; slot++)
        failed = tracker_meta(tracker, slot) && mark_slot(tracker, slot, permille, &fault);
    if (failed)
        fprintf(stderr, "bench_table: %s\n", fault.message);
    return failed;
}

static int write_directly(const char *path, size_t bytes)
{
    void *piece;
    int fd = open(path, O_WRONLY | O_CREAT | O_DIRECT, 0600);

    if (fd < 0 || posix_memalign(&piece, 4096, PIECE) || posix_fallocate(fd, 0, (off_t)bytes))
        return 1;
    memset(piece, 0xa5, PIECE);
    /* Once before, so that what is measured is an overwrite, as the table's is. */
    for (int round = 0; round < 2; round++) {
        uint64_t began = monotonic_us();
        for (size_t at = 0; at < bytes; at += PIECE)
            if (pwrite(fd, piece, PIECE, (off_t)at) != PIECE)
                return 1;
        fdatasync(fd);
        if (round == 1)
            printf("%.1f\n", (double)(monotonic_us() - began) / 1000);
    }
    return 0;
}

int main(int count, char **words)
{
    if (count == 3 && strcmp(words[1], "zero") == 0)
        return zero(strtoull(words[2], NULL, 10));
    if (count == 5 && strcmp(words[1], "mark") == 0)
        return mark(words[2], (unsigned int)atoi(words[3]), (unsigned int)atoi(words[4]));
    if (count == 4 && strcmp(words[1], "write") == 0)
        return write_directly(words[2], strtoull(words[3], NULL, 10));
    fprintf(stderr, "usage: bench_table zero BYTES | mark STATE_DIR PERMILLE SEED | write FILE BYTES\n");
    return 2;
}
