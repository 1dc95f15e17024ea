/* SPDX-License-Identifier: Apache-2.0 */
/*
 * passthrough_check [--between COMMAND] DEVICE EXPECTED PROGRAM [ARGUMENT...]
 *
 * Tracks DEVICE, runs the program, and looks at what the tracker made of the commands that it sent. COMMAND, of the shell, runs when the programs
 * are attached and the device is not yet tracked: it may load the device's driver.
 *
 *     harmless       commands were seen, nothing was marked, the record is still trusted
 *     marked:A-B     granules A to B (64 KiB) are marked, all of them and no other, and the record is still trusted
 *     unknown        the audit says PASSTHROUGH_COMMAND
 *     unseen         no command reached this disk
 *
 * Prints one line of JSON; exit status 0 as expected, 1 not, 2 it could not be tried.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tracker/tracker_internal.h"
#include "groundtruth_record.h"
#include "live_marks.h"

#define GRANULE_BYTES 65536
#define WORD_BITS 64

static uint64_t marks(struct record *record, uint64_t *first, uint64_t *last)
{
    uint64_t *words = calloc(record->words, sizeof *words), count = 0;
    struct fault fault;

    *first = *last = 0;
    if (read_live(record->tracker, record->slot, BT_DATA, words, &fault) == 0)
        for (uint64_t granule = 0; granule < record->words * WORD_BITS; granule++)
            if (words[granule / WORD_BITS] >> granule % WORD_BITS & 1) {
                if (count++ == 0)
                    *first = granule;
                *last = granule;
            }
    free(words);
    return count;
}

static int run_program(char **argv)
{
    pid_t child = fork();
    int status = -1;

    if (child == 0) {
        dup2(STDERR_FILENO, STDOUT_FILENO);
        execvp(argv[0], argv);
        _exit(127);
    }
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool as_expected(const char *expected, uint64_t seen, const struct audit *audit, uint64_t count, uint64_t first, uint64_t last)
{
    unsigned long long from, to;

    if (strcmp(expected, "unknown") == 0)
        return strcmp(audit->verdict, "PASSTHROUGH_COMMAND") == 0;
    if (audit->verdict[0])
        return false;
    if (strcmp(expected, "unseen") == 0)
        return seen == 0 && count == 0;
    if (strcmp(expected, "harmless") == 0)
        return seen > 0 && count == 0;
    return sscanf(expected, "marked:%llu-%llu", &from, &to) == 2 && seen > 0 && first == from && last == to && count == to - from + 1;
}

int main(int argc, char **argv)
{
    struct run run = {.options = {.granule_bytes = GRANULE_BYTES}};
    struct record record = {0};
    struct fault fault = {0};
    struct audit before, after;
    uint64_t first, last;

    const char *between = argc > 2 && strcmp(argv[1], "--between") == 0 ? argv[2] : "true";
    if (strcmp(between, "true") != 0) {
        argv += 2;
        argc -= 2;
    }
    if (argc < 4)
        return fprintf(stderr, "usage: passthrough_check [--between COMMAND] DEVICE harmless|marked:A-B|unknown|unseen PROGRAM [ARGUMENT...]\n"), 2;
    if (record_start(&record, &fault) || system(between) != 0 || device_open(&run.device, argv[1], &fault) || record_add(&record, &run, &fault) ||
        audit_volume(record.tracker, record.slot, &before, &fault)) {
        fprintf(stderr, "passthrough_check: %s\n", fault.message);
        record_close(&record);
        return 2;
    }
    int status = run_program(argv + 3);
    if (audit_volume(record.tracker, record.slot, &after, &fault)) {
        fprintf(stderr, "passthrough_check: %s\n", fault.message);
        record_close(&record);
        return 2;
    }
    const struct bt_counters *old = &before.accounting.counters, *now = &after.accounting.counters;
    uint64_t count = marks(&record, &first, &last), seen = now->passthrough_seen - old->passthrough_seen;
    bool good = as_expected(argv[2], seen, &after, count, first, last);
    printf("{\"device\":\"%s\",\"program\":\"%s %s\",\"status\":%d,\"seen\":%llu,\"harmless\":%llu,\"marked\":%llu,\"granules\":%llu,\"first\":%llu,\"last\":%llu,"
           "\"verdict\":\"%s\",\"evidence\":\"%s\",\"expected\":\"%s\",\"proved\":%s}\n",
           argv[1], argv[3], argc > 4 ? argv[4] : "", status, (unsigned long long)seen, (unsigned long long)(now->passthrough_harmless - old->passthrough_harmless),
           (unsigned long long)(now->passthrough_marked - old->passthrough_marked), (unsigned long long)count, (unsigned long long)first,
           (unsigned long long)last, after.verdict, after.evidence, argv[2], good ? "true" : "false");
    record_close(&record);
    return good ? 0 : 1;
}
