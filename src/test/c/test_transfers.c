/* SPDX-License-Identifier: Apache-2.0 */
/* Transfers of several volumes that begin at the same moment, on a medium that has not had one yet: each ends, and with what it was to move. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/pages.h"
#include "base/parallel.h"
#include "check.h"
#include "table/extents.h"
#include "table/medium.h"

#define ROUNDS 300
#define VOLUMES 8
#define PATIENCE_S 120      /* then it hangs */
#define LENGTH (4 * PAGE_BYTES)

struct volumes {
    struct medium *medium;
    uint8_t *data[VOLUMES];
    bool write;
};

static int move(void *context, int index, struct fault *fault)
{
    struct volumes *volumes = context;
    struct transfer halves[2] = {0};

    for (int half = 0; half < 2; half++) {
        halves[half] = (struct transfer){ .write = volumes->write, .offset_bytes = (uint64_t)(2 * index + half) * LENGTH / 2,
                                          .data = volumes->data[index] + half * LENGTH / 2, .length = LENGTH / 2 };
        medium_begin(volumes->medium, &halves[half]);
    }
    return medium_end(volumes->medium, &halves[0], fault) || medium_end(volumes->medium, &halves[1], fault) ? -1 : 0;
}

static void begin_at_the_same_moment(const char *path, int round)
{
    struct volumes volumes = { .write = round % 2 == 0 };
    struct fault fault;

    CHECK_OK(medium_by_file(&volumes.medium, path, true, &fault), &fault);
    for (int index = 0; index < VOLUMES; index++) {
        volumes.data[index] = page_alloc(LENGTH);
        memset(volumes.data[index], volumes.write ? round + index : 0, LENGTH);
    }
    CHECK_OK(in_parallel(WAITING, VOLUMES, move, &volumes, &fault), &fault);
    for (int index = 0; index < VOLUMES; index++) {
        for (size_t at = 0; at < LENGTH; at++)
            CHECK(volumes.data[index][at] == (uint8_t)(round / 2 * 2 + index));
        free(volumes.data[index]);
    }
    medium_close(volumes.medium);
}

int main(void)
{
    char path[] = "/tmp/test-transfers.XXXXXX";
    int fd = mkstemp(path);

    CHECK(fd >= 0 && ftruncate(fd, VOLUMES * LENGTH) == 0);
    close(fd);
    alarm(PATIENCE_S);
    for (int round = 0; round < ROUNDS; round++)
        begin_at_the_same_moment(path, round);
    unlink(path);
    puts("transfers: all ended");
    return 0;
}
