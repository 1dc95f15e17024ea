/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A crash at every write and every flush of the protocol, with every torn mixture of sectors that the seeds give. A machine
 * goes through boots: start (take over, dirty mark), writes to its volume, refreshes, a checkpoint now and then, save. The crash comes
 * somewhere. What the next start accepts as clean must hold every write since the last checkpoint.
 *
 * Which pages a refresh or a save leaves out is decided by counting bits: that stands on the epoch and on the live marks holding all that was ever written.
 *
 * With a broken protocol (see `enum breakage`) the same run must find a loss: that shows the test can fail.
 */
#include <string.h>

#include "check.h"
#include "memory_medium.h"
#include "table/table.h"

#define TABLE_BYTES (256 * 1024)
#define SECTORS (128 * 2048)
#define GRANULE_BYTES 4096
#define GRANULES (SECTORS / 8)
#define WORDS (GRANULES / 64)
#define BOOTS 6

enum breakage {
    SOUND,
    LATE_DIRTY_MARK,
    CLEAN_BEFORE_BITMAPS,
    COUNTS_ACROSS_EPOCHS,       /* a checkpoint does not reset what is known of the pages */
    RANGES_NOT_LIVE,            /* the stack's own ranges are set in what is written, not in the live marks */
    BREAKAGES
};

static const uint8_t uuid[16] = "table-uuid-0001";
static const uint8_t boot_id[16] = "boot-id-0000001";

struct machine {
    struct memory_medium memory;
    struct table table;
    enum breakage breakage;
    uint64_t truth[WORDS];      /* written since the checkpoint: survives every crash */
    uint64_t *live, *discard;   /* the kernel's: lost in every crash */
    bool pages_known;           /* the marker in the run folder: lost in every crash */
    uint8_t epoch[16];
    uint64_t epochs;            /* so many there were: each has an id of its own */
    bool writable;
    uint64_t seed;
    bool saved;                 /* the last boot ended with a whole save */
    long accepted, lost, refused_after_save;
};

static int open_table(struct machine *machine)
{
    struct fault fault;

    return table_open(&machine->table, &machine->memory.medium, uuid, &fault);
}

/* New series after a doubt: everything starts from nothing, as after a full backup. */
static void new_series(struct machine *machine)
{
    memset(machine->truth, 0, sizeof machine->truth);
    memset(machine->live, 0, sizeof machine->truth);
    machine->epochs++;
    memcpy(machine->epoch, &machine->epochs, sizeof machine->epochs);
}

static int start(struct machine *machine)
{
    struct fault fault;
    struct table_entry *entry;

    machine->writable = false;
    memset(machine->live, 0, sizeof machine->truth);
    memset(machine->discard, 0, sizeof machine->truth);
    machine->pages_known = false;
    if (open_table(machine)) {
        machine->refused_after_save += machine->saved;
        return -1;
    }
    entry = table_find(&machine->table, "wwn:1");
    if (table_is_clean(&machine->table) && entry &&
        table_read_bitmaps(&machine->table, entry, machine->live, machine->discard, &fault) == 0) {
        machine->accepted++;
        machine->pages_known = true;
        memcpy(machine->epoch, entry->epoch, sizeof machine->epoch);
        for (int word = 0; word < WORDS; word++)
            machine->lost += (machine->truth[word] & ~machine->live[word]) != 0;
    } else {
        machine->refused_after_save += machine->saved;
        new_series(machine);
    }
    machine->saved = false;
    if (machine->breakage != LATE_DIRTY_MARK && table_mark_dirty(&machine->table, TABLE_IN_USE, true, boot_id, &fault))
        return -1;
    if (!entry && (table_place(&machine->table, "wwn:1", SECTORS, GRANULE_BYTES, &entry, &fault) ||
                   table_write_directory(&machine->table, &fault)))
        return -1;
    machine->writable = true;
    return 0;
}

static void write_volume(struct machine *machine)
{
    CHECK(machine->writable);
    for (uint64_t count = random_next(&machine->seed) % 8; count > 0; count--) {
        uint64_t granule = random_next(&machine->seed) % GRANULES;
        machine->truth[granule / 64] |= 1ull << granule % 64;
        machine->live[granule / 64] |= 1ull << granule % 64;
    }
}

/* ranges: how many granules the storage stack may write later, as a save adds them. */
static int write_bitmaps(struct machine *machine, uint64_t ranges)
{
    struct table_page_counts counts = { 0 };
    struct fault fault;
    struct table_entry *entry = table_find(&machine->table, "wwn:1");
    bool same_epoch = memcmp(entry->epoch, machine->epoch, sizeof machine->epoch) == 0 || machine->breakage == COUNTS_ACROSS_EPOCHS;
    bool all = !machine->pages_known || !same_epoch;
    uint64_t read[WORDS];

    memcpy(read, machine->live, sizeof read);
    for (; ranges > 0; ranges--) {
        uint64_t granule = random_next(&machine->seed) % GRANULES;
        read[granule / 64] |= 1ull << granule % 64;
    }
    if (machine->breakage != RANGES_NOT_LIVE)
        memcpy(machine->live, read, sizeof read);
    machine->pages_known = false;
    memcpy(entry->epoch, machine->epoch, sizeof entry->epoch);
    if (table_write_bitmaps(&machine->table, entry, read, machine->discard, all ? TABLE_ALL : TABLE_CHANGED, &counts, &fault))
        return -1;
    machine->pages_known = true;
    return 0;
}

static int save(struct machine *machine)
{
    struct fault fault;

    machine->writable = false;
    if (table_is_clean(&machine->table) && table_mark_dirty(&machine->table, TABLE_IN_USE, true, boot_id, &fault))
        return -1;
    if (machine->breakage == CLEAN_BEFORE_BITMAPS)
        return table_mark_clean(&machine->table, boot_id, 0, &fault) || write_bitmaps(machine, 1) || table_write_directory(&machine->table, &fault) ||
               medium_flush(&machine->memory.medium, &fault);
    return write_bitmaps(machine, random_next(&machine->seed) % 3) || table_write_directory(&machine->table, &fault) || table_mark_clean(&machine->table, boot_id, 0, &fault);
}

/* The helper may be killed in a refresh while the machine goes on. */
static int refresh(struct machine *machine)
{
    struct fault fault;

    if (random_next(&machine->seed) % 3 == 0) {
        machine->memory.operations_left = (long)(random_next(&machine->seed) % 3);
        write_bitmaps(machine, 0);
        machine->memory.crashed = false;
        machine->memory.operations_left = -1;
        table_close(&machine->table);
        return open_table(machine);
    }
    return write_bitmaps(machine, 0) || table_write_directory(&machine->table, &fault);
}

/* A save that finds somebody still writing: everything is written but the clean mark, and the machine goes on. */
static int refused_save(struct machine *machine)
{
    struct fault fault;

    return write_bitmaps(machine, random_next(&machine->seed) % 3) || table_write_directory(&machine->table, &fault);
}

static int one_boot(struct machine *machine, long crash_after)
{
    machine->memory.operations_left = crash_after;
    if (start(machine))
        return -1;
    for (uint64_t turns = random_next(&machine->seed) % 4; turns > 0; turns--) {
        write_volume(machine);
        if (random_next(&machine->seed) % 3 == 0)
            new_series(machine);                         /* a checkpoint: a new epoch */
        if (crash_after < 0 && random_next(&machine->seed) % 2 && refresh(machine))
            return -1;
        if (random_next(&machine->seed) % 4 == 0) {
            if (refused_save(machine))
                return -1;
            write_volume(machine);
        }
    }
    int result = save(machine);
    machine->saved = result == 0;
    return result;
}

static struct machine *machine_new(enum breakage breakage, uint64_t seed)
{
    struct machine *machine = calloc(1, sizeof *machine);
    struct fault fault;

    machine->breakage = breakage;
    machine->seed = seed * 0x9e3779b97f4a7c15ull + 1;
    machine->live = page_alloc(sizeof machine->truth);
    machine->discard = page_alloc(sizeof machine->truth);
    memory_medium_init(&machine->memory, TABLE_BYTES);
    machine->memory.tears_sectors = seed % 2;
    CHECK_OK(table_create(&machine->memory.medium, uuid, 1, boot_id, &fault), &fault);
    return machine;
}

static void machine_free(struct machine *machine)
{
    table_close(&machine->table);
    memory_medium_free(&machine->memory);
    free(machine->live);
    free(machine->discard);
    free(machine);
}

/* A few whole boots, then one that crashes after so many operations, then two more. */
struct outcome { long accepted, lost, refused_after_save; };

static void run(enum breakage breakage, uint64_t seed, long crash_after, struct outcome *outcome, unsigned int *operations)
{
    struct machine *machine = machine_new(breakage, seed);

    for (int boot = 0; boot < BOOTS; boot++) {
        bool crashes = boot == BOOTS - 3;
        machine->memory.operations = 0;
        int result = one_boot(machine, crashes ? crash_after : -1);
        if (crashes && *operations < machine->memory.operations)
            *operations = machine->memory.operations;
        CHECK(crashes || result == 0 || breakage != SOUND);
        table_close(&machine->table);
        memory_medium_reboot(&machine->memory, &machine->seed);
    }
    outcome->accepted += machine->accepted;
    outcome->lost += machine->lost;
    outcome->refused_after_save += machine->refused_after_save;
    machine_free(machine);
}

int main(int argc, char **argv)
{
    long seeds = argc > 1 ? atol(argv[1]) : 150;

    for (enum breakage breakage = SOUND; breakage < BREAKAGES; breakage++) {
        static const char *const names[] = { "sound", "dirty mark only at the save", "clean mark before the bitmaps",
                                              "counts compared across epochs", "ranges only in what is written" };
        struct outcome outcome = { 0 };
        long crashes = 0;
        for (uint64_t seed = 1; seed <= (uint64_t)seeds; seed++) {
            unsigned int operations = 1;
            for (long crash_after = 0; crash_after <= (long)operations; crash_after++, crashes++)
                run(breakage, seed, crash_after, &outcome, &operations);
        }
        printf("crash simulator, %s: %ld crashes, %ld tables accepted, %ld with a bit lost, %ld refused after a whole save\n", names[breakage],
               crashes, outcome.accepted, outcome.lost, outcome.refused_after_save);
        if (breakage == SOUND)
            CHECK(outcome.lost == 0 && outcome.refused_after_save == 0 && outcome.accepted > crashes);
        else
            CHECK(outcome.lost + outcome.refused_after_save > 0);
    }
    return 0;
}
