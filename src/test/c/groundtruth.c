/* SPDX-License-Identifier: Apache-2.0 */
/*
 * groundtruth DEVICE [--seed N] [--seconds N] [--granularity BYTES] [--raw | --mounted DIR] [--checkpoints N]
 *                    [--workload NAME,...] [--keep-copies N] [--sabotage MODE] [--apart] [--verbose]
 *
 * Destroys the content of DEVICE, or fills the file system on DIR that lies on it. Prints one line of JSON. Exit status: 0 nothing was
 * missed and the audit agrees; 1 something was, or nothing could be proved; 2 the run could not be made; 3 the tracker itself says
 * that it was kept from its work (PROGRAM_SKIPPED), so whatever was missed would not have been answered.
 * The argument stands at the head of groundtruth.h.
 *
 * --workload: raw direct buffered mmap aio uring discard zeroout punch, and by name only storm; mounted files trim aio uring
 * --apart:    no two writes to the same place at a time, for mirrors: the halves would differ, and a read would show one or the other
 * --sabotage: carry (writes in flight stay in the old epoch), discard (discards in flight too), bit (each epoch loses a mark),
 *             count (the counters lack eight sectors): the run must then fail; lost (one run of a program): exit status 3, where accounts are
 *             not exact.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "../../main/c/mapping.h"
#include "../../main/c/sysfs.h"
#include "groundtruth_copies.h"

#define EXIT_PROVED 0
#define EXIT_DISPROVED 1
#define EXIT_NO_RUN 2
#define EXIT_DISTRUSTED 3
#define PROBE_BYTES (1u << 20)
#define BURST_SECONDS 0.03     /* the queues fill in a part of this time, even in an emulated machine */
#define DEPTH_SHARE 64         /* a full queue touches no more than this part of the granules */
#define END_WAIT_MS 2000

struct campaign {
    struct run run;
    struct record record;
    unsigned int last;             /* number of the last checkpoint */
    struct copy *copies;
    struct closed_epoch *epochs;
    uint64_t *swap_us, *frozen_us;
    unsigned int frozen_count, own_freezes, carried_all, expired, kept;
    unsigned int verdicts;         /* audits that found something */
    char verdict[BT_REASON_BYTES], evidence[BT_EVIDENCE_BYTES];
    char programs_skipped[240];
    struct audit final_audit;
    struct comparison total, adjoining;
};

static struct campaign campaign;

/* --- before --- */

static int usage(const char *what)
{
    fprintf(stderr,
            "groundtruth: %s\nusage: groundtruth DEVICE [--seed N] [--seconds N] [--granularity BYTES] [--raw | --mounted DIR] [--checkpoints N]\n"
            "                   [--workload NAME,...] [--keep-copies N] [--sabotage carry|discard|bit|count|lost] [--apart] [--verbose]\n",
            what);
    return EXIT_NO_RUN;
}

static bool parse_sabotage(enum sabotage *mode, const char *name)
{
    static const char *const names[] = {"none", "carry", "bit", "discard", "count", "lost"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0) {
            *mode = (enum sabotage)i;
            return true;
        }
    return false;
}

static bool parse_value(struct options *options, const char *name, const char *value)
{
    if (strcmp(name, "--seed") == 0)
        options->seed = strtoull(value, NULL, 0);
    else if (strcmp(name, "--seconds") == 0)
        options->seconds = (unsigned int)strtoul(value, NULL, 0);
    else if (strcmp(name, "--granularity") == 0)
        options->granule_bytes = (uint32_t)strtoul(value, NULL, 0);
    else if (strcmp(name, "--mounted") == 0)
        options->mounted = value;
    else if (strcmp(name, "--checkpoints") == 0)
        options->checkpoints = (unsigned int)strtoul(value, NULL, 0);
    else if (strcmp(name, "--workload") == 0)
        options->workload = value;
    else if (strcmp(name, "--keep-copies") == 0)
        options->keep_copies = (unsigned int)strtoul(value, NULL, 0);
    else if (strcmp(name, "--sabotage") == 0)
        return parse_sabotage(&options->sabotage, value);
    else
        return false;
    return true;
}

static int parse(struct options *options, char **argument)
{
    *options = (struct options){.seed = 1, .seconds = 10, .checkpoints = 10, .granule_bytes = 65536};
    for (; *argument; argument++) {
        if (strcmp(*argument, "--raw") == 0)
            options->mounted = NULL;
        else if (strcmp(*argument, "--verbose") == 0)
            options->verbose = true;
        else if (strcmp(*argument, "--apart") == 0)
            options->apart = true;
        else if (strncmp(*argument, "--", 2) != 0 && !options->device_path)
            options->device_path = *argument;
        else if (!argument[1] || !parse_value(options, argument[0], argument[1]))
            return usage(*argument);
        else
            argument++;
    }
    if (!options->device_path || options->seconds == 0 || options->checkpoints < 2)
        return usage("a device, a second and two checkpoints are the least");
    return 0;
}

static int look_at_device(struct run *run, struct fault *fault)
{
    uint64_t value;

    if (device_open(&run->device, run->options.device_path, fault))
        return -1;
    run->device_bytes = run->device.sector_count * 512;
    run->granules = (run->device_bytes + run->options.granule_bytes - 1) / run->options.granule_bytes;
    run->block_bytes = sysfs_u64(&value, "/sys/block/%s/queue/logical_block_size", run->device.disk_name) == 0 ? (uint32_t)value : PAGE_BYTES;
    run->disk_offset = run->device.start_sector * 512;
    snprintf(run->disk_path, sizeof run->disk_path, "/dev/%s", run->disk_offset ? run->device.disk_name : run->device.name);
    run->queue_depth = (unsigned int)(run->granules / DEPTH_SHARE);
    if (run->queue_depth < MIN_QUEUE_DEPTH)
        run->queue_depth = MIN_QUEUE_DEPTH;
    if (run->queue_depth > MAX_QUEUE_DEPTH)
        run->queue_depth = MAX_QUEUE_DEPTH;
    return 0;
}

/* Whether what is discarded reads as zeroes; tried on the first bytes of the bare device. */
static void probe_discard(struct run *run)
{
    uint64_t range[2] = {0, PROBE_BYTES}, granularity;
    char *buffer = aligned_alloc(PAGE_BYTES, PROBE_BYTES);
    int fd = open(run->device.path, O_RDWR | O_DIRECT | O_CLOEXEC);

    memset(buffer, 0xa5, PROBE_BYTES);
    if (fd >= 0 && sysfs_u64(&granularity, "/sys/block/%s/queue/discard_granularity", run->device.disk_name) == 0 && granularity <= PAGE_BYTES &&
        pwrite(fd, buffer, PROBE_BYTES, 0) == PROBE_BYTES && ioctl(fd, BLKDISCARD, range) == 0 && pread(fd, buffer, PROBE_BYTES, 0) == PROBE_BYTES)
        run->discards_read_zero = buffer[0] == 0 && memcmp(buffer, buffer + 1, PROBE_BYTES - 1) == 0;
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    free(buffer);
}

/* Content everywhere, so that what is discarded or zeroed changes. */
static int fill_device(const struct run *run, struct fault *fault)
{
    struct dice dice = {.state = ~run->options.seed};
    char *buffer = aligned_alloc(PAGE_BYTES, PROBE_BYTES);
    int fd = open(run->device.path, O_RDWR | O_DIRECT | O_CLOEXEC), result = 0;

    for (uint64_t at = 0; fd >= 0 && at < run->device_bytes; at += PROBE_BYTES) {
        uint64_t bytes = run->device_bytes - at < PROBE_BYTES ? run->device_bytes - at : PROBE_BYTES;
        dice_fill(&dice, buffer, bytes);
        if (pwrite(fd, buffer, bytes, (off_t)at) != (ssize_t)bytes)
            result = -1;
    }
    if (fd < 0 || result || fsync(fd))
        result = fault_errno(fault, STATUS_FAILED, "NO_FILL", "cannot fill %s", run->device.path);
    if (fd >= 0)
        close(fd);
    free(buffer);
    return result;
}

/* --- the run --- */

static int own_freeze(const struct run *run, unsigned long request, struct fault *fault)
{
    int fd = open(run->options.mounted, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int failed = fd < 0 || ioctl(fd, request, 0);

    if (failed)
        fault_errno(fault, STATUS_FAILED, "FREEZE_FAILED", "cannot freeze or thaw %s", run->options.mounted);
    if (fd >= 0)
        close(fd);
    return failed ? -1 : 0;
}

static int look_into_accounts(struct campaign *all, struct audit *audit, struct fault *fault)
{
    if (audit_volume(all->record.tracker, all->record.slot, audit, fault))
        return -1;
    if (!audit->verdict[0])
        return 0;
    if (all->verdicts++ == 0) {
        snprintf(all->verdict, sizeof all->verdict, "%s", audit->verdict);
        snprintf(all->evidence, sizeof all->evidence, "%s", audit->evidence);
    }
    return 0;
}

static int take_checkpoint(struct campaign *all, unsigned int number, struct fault *fault)
{
    struct checkpoint_result result;

    if (record_checkpoint(&all->record, &all->run, &all->epochs[number], &result, fault))
        return -1;
    all->swap_us[number - 1] = result.swap_us;
    if (result.frozen_us)
        all->frozen_us[all->frozen_count++] = result.frozen_us;
    all->carried_all += result.carried_all;
    all->expired += result.expired;
    return copy_read(&all->copies[number], &all->run, fault);
}

/* The copy is that of one instant, as a snapshot taken before the thaw would be. */
static int checkpoint_under_own_freeze(struct campaign *all, unsigned int number, struct fault *fault)
{
    pthread_mutex_lock(&all->run.trim_lock);
    if (own_freeze(&all->run, FIFREEZE, fault))
        return -1;
    struct audit audit;
    int failed = take_checkpoint(all, number, fault) || (number == all->last && look_into_accounts(all, &audit, fault));
    if (number == all->last)
        all->final_audit = audit;
    all->copies[number].at_rest = true;
    all->own_freezes++;
    failed = own_freeze(&all->run, FITHAW, fault) || failed;
    pthread_mutex_unlock(&all->run.trim_lock);
    return failed ? -1 : 0;
}

/* Memory for copies is bounded, if so asked: another one goes, by lot. */
static void thin_out(struct campaign *all, unsigned int number, struct dice *dice)
{
    all->kept++;
    if (all->run.options.keep_copies == 0 || all->kept <= all->run.options.keep_copies)
        return;
    unsigned int victim;
    do {
        victim = 1 + (unsigned int)dice_below(dice, number);
    } while (!all->copies[victim].digests);
    copy_drop(&all->copies[victim]);
    all->kept--;
}

static int one_round(struct campaign *all, unsigned int number, struct dice *dice, struct fault *fault)
{
    struct run *run = &all->run;
    double interval = (double)run->options.seconds / run->options.checkpoints;
    struct audit audit;

    sleep_for(interval * (0.5 + (double)dice_below(dice, 1000) / 1000));
    atomic_fetch_add(&run->burst, 1);
    sleep_for(BURST_SECONDS * (double)dice_below(dice, 1000) / 1000);
    int failed = run->options.mounted && number % 2 ? checkpoint_under_own_freeze(all, number, fault) : take_checkpoint(all, number, fault);
    if (failed || look_into_accounts(all, &audit, fault))
        return -1;
    if (run->options.verbose)
        fprintf(stderr, "groundtruth: checkpoint %u, swap %llu us, in flight %llu\n", number, (unsigned long long)all->swap_us[number - 1],
                (unsigned long long)audit.accounting.in_flight);
    thin_out(all, number, dice);
    return 0;
}

static int last_round(struct campaign *all, struct fault *fault)
{
    if (all->run.options.mounted)
        return checkpoint_under_own_freeze(all, all->last, fault);
    accounting_settle(all->record.tracker, all->record.slot, END_WAIT_MS);
    all->copies[all->last].at_rest = true;
    return take_checkpoint(all, all->last, fault) || look_into_accounts(all, &all->final_audit, fault) ? -1 : 0;
}

static int run_workers(struct campaign *all, struct fault *fault)
{
    struct dice dice = {.state = all->run.options.seed ^ 0xc0ffee};
    struct workers *workers = workers_start(&all->run, fault);
    int failed = 0;

    if (!workers)
        return -1;
    for (unsigned int number = 1; number < all->last && !failed; number++)
        failed = one_round(all, number, &dice, fault);
    workers_stop(workers);
    return failed || last_round(all, fault) ? -1 : 0;
}

static int allocate(struct campaign *all, struct fault *fault)
{
    all->last = all->run.options.checkpoints;
    all->copies = calloc(all->last + 1, sizeof *all->copies);
    all->epochs = calloc(all->last + 1, sizeof *all->epochs);
    all->swap_us = calloc(all->last, sizeof *all->swap_us);
    all->frozen_us = calloc(all->last, sizeof *all->frozen_us);
    if (all->copies && all->epochs && all->swap_us && all->frozen_us)
        return 0;
    return fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot hold so many checkpoints");
}

static int measure(struct campaign *all, struct fault *fault)
{
    struct run *run = &all->run;

    sabotage_choose(run->options.sabotage);
    if (look_at_device(run, fault) || allocate(all, fault))
        return -1;
    if (run->options.mounted)
        sync();
    else if (probe_discard(run), fill_device(run, fault))
        return -1;
    if (record_start(&all->record, fault) || record_add(&all->record, run, fault))
        return -1;
    if (run->options.mounted && own_freeze(run, FIFREEZE, fault))
        return -1;
    all->copies[0].at_rest = true;
    int failed = copy_read(&all->copies[0], run, fault);
    if (run->options.mounted && own_freeze(run, FITHAW, fault))
        return -1;
    if (run->options.sabotage == SABOTAGE_COUNT)
        sabotage_counters(&all->record);
    if (run->options.sabotage == SABOTAGE_LOST)
        sabotage_lost(&all->record);
    return failed || run_workers(all, fault) ? -1 : 0;
}

/* --- after --- */

static void judge(struct campaign *all)
{
    unsigned int previous = 0;

    for (unsigned int number = 1; number <= all->last; number++) {
        if (!all->copies[number].digests)
            continue;
        compare(&all->adjoining, &all->run, all->copies, all->epochs, previous, number, all->record.words);
        compare(&all->total, &all->run, all->copies, all->epochs, previous, all->last, all->record.words);
        previous = number;
    }
}

static int by_size(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

    return left < right ? -1 : left > right;
}

static void print_times(const char *name, uint64_t *values, unsigned int count)
{
    if (count == 0) {
        printf(",\"%s\":null", name);
        return;
    }
    qsort(values, count, sizeof *values, by_size);
    printf(",\"%s\":[%llu,%llu,%llu]", name, (unsigned long long)values[0], (unsigned long long)values[count / 2], (unsigned long long)values[count - 1]);
}

/* "loop", "zram", "md-raid0", "dm-crypt" … */
static void kind_of(char *kind, size_t size, const char *disk_name)
{
    char text[4096], value[64];
    const char *line;

    snprintf(kind, size, "%.*s", (int)strcspn(disk_name, "0123456789-"), disk_name);
    if (sysfs_text(value, sizeof value, "/sys/block/%s/md/level", disk_name) > 0)
        snprintf(kind, size, "md-%s", value);
    mapping_describe(text, sizeof text, disk_name);
    if ((line = strstr(text, "dm=")) && sscanf(line, "dm=%*u %*u %63s", value) == 1)
        snprintf(kind, size, "dm-%s", value);
}

/* To the sector; but writes that were refused need not be accounted. */
static bool agrees(const struct accounting *end)
{
    uint64_t refused = end->counters.refused;

    if (end->grade == GRADE_NONE)
        return true;
    return end->counted_written - end->stat_written <= refused &&
           (end->grade != GRADE_EXACT || end->counted_discarded - end->stat_discarded <= refused);
}

static void print_text(const char *name, const char *text)
{
    printf(",\"%s\":\"", name);
    for (; *text; text++)
        if (*text == '"' || *text == '\\')
            printf("\\%c", *text);
        else
            putchar(*text < ' ' && *text >= 0 ? ' ' : *text);
    putchar('"');
}

static int report(struct campaign *all)
{
    const struct accounting *end = &all->final_audit.accounting;
    struct comparison *total = &all->total;
    uint64_t missed = total->missed + all->adjoining.missed;
    uint64_t false_discards = total->discarded_not_zero + all->adjoining.discarded_not_zero;
    struct utsname system;
    char kind[80];

    uname(&system);
    kind_of(kind, sizeof kind, all->run.device.disk_name);
    printf("{\"device\":\"%s\",\"kind\":\"%s\",\"mode\":\"%s\",\"kernel\":\"%s\",\"seed\":%llu,\"granularity\":%u,\"granules\":%llu,\"checkpoints\":%u",
           all->run.device.path, kind, all->run.options.mounted ? "mounted" : "raw", system.release, (unsigned long long)all->run.options.seed,
           all->run.options.granule_bytes, (unsigned long long)all->run.granules, all->last);
    printf(",\"operations\":%llu,\"errors\":%llu", (unsigned long long)all->run.operations, (unsigned long long)all->run.errors);
    printf(",\"differing\":%llu,\"reported\":%llu,\"missed\":%llu,\"missedAdjoining\":%llu,\"unchangedShare\":%.3f", (unsigned long long)total->differing,
           (unsigned long long)total->reported, (unsigned long long)missed, (unsigned long long)all->adjoining.missed,
           total->reported ? 1 - (double)total->differing / (double)total->reported : 0.0);
    printf(",\"discardedOnly\":%llu,\"discardedNotZero\":", (unsigned long long)total->discarded_only);
    if (all->run.discards_read_zero)
        printf("%llu,\"discardIgnored\":%llu", (unsigned long long)false_discards, (unsigned long long)total->discard_ignored);
    else
        printf("null,\"discardIgnored\":null");
    printf(",\"grade\":\"%s\",\"written\":[%llu,%llu],\"discarded\":[%llu,%llu],\"auditAgrees\":%s", grade_name(end->grade),
           (unsigned long long)end->stat_written, (unsigned long long)end->counted_written, (unsigned long long)end->stat_discarded,
           (unsigned long long)end->counted_discarded, agrees(end) ? "true" : "false");
    printf(",\"refused\":%llu,\"verdicts\":%u", (unsigned long long)end->counters.refused, all->verdicts);
    print_text("verdict", all->verdict);
    print_text("evidence", all->evidence);
    printf(",\"carriedAll\":%u,\"untracked\":%llu,\"ownFreezes\":%u,\"expired\":%u", all->carried_all, (unsigned long long)end->counters.untracked_in_flight,
           all->own_freezes, all->expired);
    print_times("swapUs", all->swap_us, all->last);
    print_times("frozenUs", all->frozen_us, all->frozen_count);
    print_text("programsSkipped", all->programs_skipped);
    print_text("skipped", all->run.skipped);
    /* A run in which nothing changed proves nothing. */
    bool skipped = strcmp(all->verdict, "PROGRAM_SKIPPED") == 0;
    bool proved = missed == 0 && false_discards == 0 && all->verdicts == 0 && agrees(end) && total->differing > 0;
    printf(",\"proved\":%s}\n", proved ? "true" : "false");
    if (missed)
        fprintf(stderr, "groundtruth: granule %llu changed and is in no epoch\n",
                (unsigned long long)(all->adjoining.missed ? all->adjoining.first_missed : total->first_missed));
    if (skipped && false_discards == 0 && total->differing > 0)
        return EXIT_DISTRUSTED;
    return proved ? EXIT_PROVED : EXIT_DISPROVED;
}

static void clean_up(int signal)
{
    record_close(&campaign.record);
    _exit(128 + signal);
}

int main(int argc, char **argv)
{
    struct fault fault = {0};

    (void)argc;
    if (parse(&campaign.run.options, argv + 1))
        return EXIT_NO_RUN;
    signal(SIGINT, clean_up);
    signal(SIGTERM, clean_up);
    int failed = measure(&campaign, &fault);
    if (failed) {
        fprintf(stderr, "groundtruth: %s (%s)\n", fault.message, fault.name);
    } else {
        record_skipped(&campaign.record, campaign.programs_skipped, sizeof campaign.programs_skipped);
        judge(&campaign);
    }
    record_close(&campaign.record);
    return failed ? EXIT_NO_RUN : report(&campaign);
}
