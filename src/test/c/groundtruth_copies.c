/* SPDX-License-Identifier: Apache-2.0 */
#include "groundtruth_copies.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define READ_BYTES (1u << 20)
#define WORD_BITS 64
#define LANES 4
#define MIX 0x9e3779b97f4a7c15ULL

/* Four lanes, so that the multiplications overlap. The chance that a change goes unseen is 2^-64. */
static uint64_t digest(const void *data, size_t bytes)
{
    uint64_t lane[LANES] = {1, 2, 3, 4}, result = bytes;
    const uint64_t *word = data;

    for (size_t i = 0; i + LANES <= bytes / sizeof *word; i += LANES)
        for (int k = 0; k < LANES; k++) {
            lane[k] = (lane[k] ^ word[i + (size_t)k]) * MIX;
            lane[k] ^= lane[k] >> 32;
        }
    for (int k = 0; k < LANES; k++) {
        result = (result ^ lane[k]) * MIX;
        result ^= result >> 29;
    }
    return result;
}

static uint64_t granule_length(const struct run *run, uint64_t granule)
{
    uint64_t start = granule * run->options.granule_bytes, left = run->device_bytes - start;

    return left < run->options.granule_bytes ? left : run->options.granule_bytes;
}

static bool read_granules(struct copy *copy, const struct run *run, int fd, char *buffer, uint64_t first, uint64_t count)
{
    uint64_t start = first * run->options.granule_bytes;
    uint64_t bytes = (count - 1) * run->options.granule_bytes + granule_length(run, first + count - 1);

    if (pread(fd, buffer, bytes, (off_t)start) != (ssize_t)bytes)
        return false;
    for (uint64_t i = 0; i < count; i++)
        copy->digests[first + i] = digest(buffer + i * run->options.granule_bytes, granule_length(run, first + i));
    return true;
}

static bool read_pending(struct copy *copy, struct run *run, int fd, char *buffer, bool *have)
{
    for (unsigned int i = 0; i < atomic_load(&run->pending_taken); i++) {
        uint64_t bytes = atomic_load(&run->pending[i].bytes), offset = atomic_load(&run->pending[i].offset);
        if (bytes == 0 || offset >= run->device_bytes)
            continue;
        uint64_t last = (offset + bytes - 1) / run->options.granule_bytes;
        for (uint64_t granule = offset / run->options.granule_bytes; granule <= last && granule < run->granules; granule++) {
            if (!have[granule] && !read_granules(copy, run, fd, buffer, granule, 1))
                return false;
            have[granule] = true;
        }
    }
    return true;
}

static bool read_rest(struct copy *copy, const struct run *run, int fd, char *buffer, const bool *have)
{
    uint64_t most = READ_BYTES / run->options.granule_bytes;

    for (uint64_t granule = 0; granule < run->granules;) {
        if (have[granule]) {
            granule++;
            continue;
        }
        uint64_t count = 1;
        while (count < most && granule + count < run->granules && !have[granule + count])
            count++;
        if (!read_granules(copy, run, fd, buffer, granule, count))
            return false;
        granule += count;
    }
    return true;
}

int copy_read(struct copy *copy, struct run *run, struct fault *fault)
{
    char *buffer = aligned_alloc(PAGE_BYTES, READ_BYTES);
    bool *have = calloc(run->granules, sizeof *have);
    int fd = open(run->device.path, O_RDONLY | O_DIRECT | O_CLOEXEC);
    int result = 0;

    copy->digests = calloc(run->granules, sizeof *copy->digests);
    if (fd < 0 || !buffer || !have || !copy->digests || !read_pending(copy, run, fd, buffer, have) || !read_rest(copy, run, fd, buffer, have))
        result = fault_errno(fault, STATUS_FAILED, "NO_COPY", "cannot read %s", run->device.path);
    if (fd >= 0)
        close(fd);
    free(have);
    free(buffer);
    return result;
}

void copy_drop(struct copy *copy)
{
    free(copy->digests);
    copy->digests = NULL;
}

static bool marked(const uint64_t *words, uint64_t granule)
{
    return words[granule / WORD_BITS] >> granule % WORD_BITS & 1;
}

static uint64_t zero_digest(const struct run *run, uint64_t granule)
{
    static const char zeroes[READ_BYTES];

    return digest(zeroes, granule_length(run, granule));
}

void compare(struct comparison *sum, const struct run *run, const struct copy *copies, const struct closed_epoch *epochs,
             unsigned int from, unsigned int to, size_t words)
{
    uint64_t *data = calloc(words, sizeof *data), *discarded = calloc(words, sizeof *discarded);
    unsigned int last = copies[to].at_rest ? to : to + 1;
    uint64_t full_zero = zero_digest(run, 0);

    for (unsigned int epoch = from + 1; epoch <= last; epoch++)
        for (size_t i = 0; i < words; i++) {
            data[i] |= epochs[epoch].data[i];
            discarded[i] |= epochs[epoch].discarded[i];
        }
    for (uint64_t granule = 0; granule < run->granules; granule++) {
        bool differs = copies[from].digests[granule] != copies[to].digests[granule];
        bool written = marked(data, granule), dropped = marked(discarded, granule);
        sum->differing += differs;
        sum->reported += written || dropped;
        if (differs && !written && !dropped && sum->missed++ == 0)
            sum->first_missed = granule;
        if (!dropped || written)
            continue;
        sum->discarded_only++;
        /* A reader drops what was discarded: new content must never be called so. (A device may leave the old in place.) */
        uint64_t zero = granule + 1 == run->granules ? zero_digest(run, granule) : full_zero;
        if (run->discards_read_zero && copies[to].at_rest && copies[to].digests[granule] != zero) {
            sum->discarded_not_zero += differs;
            sum->discard_ignored += !differs;
        }
    }
    free(data);
    free(discarded);
}
