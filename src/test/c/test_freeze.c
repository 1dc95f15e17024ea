/* SPDX-License-Identifier: Apache-2.0 */
/* A freeze where a file system knows none: the checkpoint goes on, and is not said to be at rest. */
#include <linux/magic.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "check.h"
#include "volume/freeze.h"

#define PLACE "/dev/shm"

static void a_file_system_without_a_freeze(void)
{
    static const struct mounts mounts = {.count = 1, .at = {{.path = PLACE, .type = "tmpfs"}}};
    struct freeze freeze = {0};
    struct fault fault = {0};

    CHECK_OK(freeze_begin(&freeze, &mounts, 500, &fault), &fault);
    CHECK(freeze.count == 1 && freeze.awake && !freeze.ours[0]);
    char path[64], name[32] = "";
    snprintf(path, sizeof path, "/proc/%d/comm", (int)freeze.guardian);
    for (int tries = 0; tries < 100 && strcmp(name, "blktrack-thaw\n") != 0; tries++) {
        FILE *file = fopen(path, "re");
        CHECK(file && fgets(name, sizeof name, file));
        fclose(file);
        usleep(1000);
    }
    CHECK(strcmp(name, "blktrack-thaw\n") == 0);
    CHECK(!freeze_end(&freeze));
}

static void a_folder_that_is_not_there(void)
{
    static const struct mounts mounts = {.count = 1, .at = {{.path = PLACE "/blktrack-nowhere", .type = "tmpfs"}}};
    struct freeze freeze = {0};
    struct fault fault = {0};

    CHECK(freeze_begin(&freeze, &mounts, 500, &fault) == -1);
    CHECK(strcmp(fault.name, "FREEZE_FAILED") == 0 && freeze.count == 0);
}

int main(void)
{
    struct statfs place;

    if (geteuid() != 0 || statfs(PLACE, &place) || place.f_type != TMPFS_MAGIC) {
        puts("skipped: needs root, and a tmpfs on " PLACE);
        return 0;
    }
    a_file_system_without_a_freeze();
    a_folder_that_is_not_there();
    puts("freeze: ok");
    return 0;
}
