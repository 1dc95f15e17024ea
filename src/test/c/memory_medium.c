/* SPDX-License-Identifier: Apache-2.0 */
#include "memory_medium.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"


/* The operation at which the crash comes may itself have gone out in part. */
static bool crash_now(struct memory_medium *memory)
{
    memory->operations++;
    if (memory->operations_left == 0)
        memory->crashed = true;
    if (memory->operations_left > 0)
        memory->operations_left--;
    return memory->crashed;
}

static int lost_power(struct fault *fault)
{
    return fault_set(fault, STATUS_FAILED, "CRASH", NULL, "the machine has crashed");
}

static int memory_read(struct medium *medium, uint64_t offset_bytes, void *data, size_t length, struct fault *fault)
{
    struct memory_medium *memory = (struct memory_medium *)medium;

    if (memory->crashed)
        return lost_power(fault);
    memcpy(data, memory->cached + offset_bytes, length);
    return 0;
}

static int memory_write(struct medium *medium, uint64_t offset_bytes, const void *data, size_t length, struct fault *fault)
{
    struct memory_medium *memory = (struct memory_medium *)medium;

    if (memory->crashed)
        return lost_power(fault);
    CHECK(memory->unflushed_count < MAX_UNFLUSHED);
    uint8_t *copy = malloc(length);
    memcpy(copy, data, length);
    memory->unflushed[memory->unflushed_count].offset_bytes = offset_bytes;
    memory->unflushed[memory->unflushed_count].length = length;
    memory->unflushed[memory->unflushed_count++].data = copy;
    memcpy(memory->cached + offset_bytes, data, length);
    return crash_now(memory) ? lost_power(fault) : 0;
}

static int memory_flush(struct medium *medium, struct fault *fault)
{
    struct memory_medium *memory = (struct memory_medium *)medium;

    if (memory->crashed || crash_now(memory))
        return lost_power(fault);
    memcpy(memory->durable, memory->cached, medium->size_bytes);
    while (memory->unflushed_count > 0)
        free(memory->unflushed[--memory->unflushed_count].data);
    return 0;
}

void memory_medium_init(struct memory_medium *memory, uint64_t size_bytes)
{
    memset(memory, 0, sizeof *memory);
    memory->medium = (struct medium){ .read = memory_read, .write = memory_write, .flush = memory_flush, .size_bytes = size_bytes,
                                      .name = "memory" };
    memory->durable = calloc(1, size_bytes);
    memory->cached = calloc(1, size_bytes);
    memory->operations_left = -1;
}

void memory_medium_free(struct memory_medium *memory)
{
    while (memory->unflushed_count > 0)
        free(memory->unflushed[--memory->unflushed_count].data);
    free(memory->durable);
    free(memory->cached);
}

/* In order, but each sector of each write for itself: a later write may be there without an earlier one. */
void memory_medium_reboot(struct memory_medium *memory, uint64_t *seed)
{
    int style = (int)(random_next(seed) % 4);   /* all, none, or sector by sector */

    for (int index = 0; index < memory->unflushed_count; index++) {
        for (size_t at = 0; at < memory->unflushed[index].length; at += SECTOR_BYTES) {
            bool kept = style == 0 || (style != 1 && random_next(seed) % 2);
            size_t length = SECTOR_BYTES;
            if (kept && memory->tears_sectors && random_next(seed) % 4 == 0)
                length = random_next(seed) % SECTOR_BYTES;
            if (kept)
                memcpy(memory->durable + memory->unflushed[index].offset_bytes + at, memory->unflushed[index].data + at, length);
        }
        free(memory->unflushed[index].data);
    }
    memory->unflushed_count = 0;
    memcpy(memory->cached, memory->durable, memory->medium.size_bytes);
    memory->crashed = false;
    memory->operations_left = -1;
    memory->operations = 0;
}
