// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The programs on the block layer. Each marks at submission, in place, and counts what it marked, so that the
 * tracker can be held against the kernel's own accounting. See docs/design.md, "Marking".
 *
 * Tracepoints and structs differ between kernels, even between point releases. Each program exists in the
 * variants (layout x position of its argument); the helper loads the one that the running kernel's BTF asks for.
 */
#include "kernel_types.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <stdbool.h>
#include "abi.h"
#include "maps.h"

/* The helper fills this in from the kernel's BTF; the values here are those of Linux 6.12. */
const volatile struct bt_facts facts = {
    .op_mask = 0xff, .op_discard = 3, .op_passthrough_first = 34, .op_zone_append = 7,
    .op_zone_first = 11, .op_zone_last = 19, .bio_traced_bit = 8, .bio_remapped_bit = 10, .request_idle = 0, .request_bytes = 0,
    .has_loop = 0, .may_lose_processor = 1, .page_sectors = 8,
};

#include "mark.h"
#include "passthrough.h"
#include "turns.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define SECTOR_SHIFT 9
#define BLK_STS_AGAIN 12 /* in all kernels */
#define MAX_SECTOR (1ULL << 44) /* of what a word of the in-flight table holds */

/* `diskseq` 0: not known. A device number is given to another disk in time; the sequence number is not. */
static __always_inline struct bt_disk *find_number(__u32 dev, __u64 diskseq)
{
    __u32 bucket = (dev * 2654435761u) >> 22; /* Fibonacci hashing to BT_DISK_BUCKETS = 2^10 */

    for (int probe = 0; probe < BT_MAX_PROBES; probe++) {
        __u32 index = (bucket + probe) & (BT_DISK_BUCKETS - 1);
        struct bt_disk *disk = bpf_map_lookup_elem(&disks, &index);
        if (!disk || disk->dev == 0)
            return 0;
        if (disk->dev == dev && (!diskseq || !disk->diskseq || disk->diskseq == diskseq))
            return disk;
    }
    return 0;
}

static __always_inline struct bt_disk *find_disk(struct gendisk *gendisk)
{
    __u32 dev = (__u32)gendisk->major << 20 | (__u32)gendisk->first_minor;

    return find_number(dev, bpf_core_field_exists(gendisk->diskseq) ? gendisk->diskseq : 0);
}

static __always_inline struct gendisk *bio_disk(struct bio *bio)
{
    if (bpf_core_field_exists(bio->bi_bdev))
        return bio->bi_bdev ? bio->bi_bdev->bd_disk : 0;
    return ((struct bio___disk *)bio)->bi_disk;
}

static __always_inline __u32 bio_partition(struct bio *bio)
{
    if (!bpf_core_field_exists(bio->bi_bdev))
        return ((struct bio___disk *)bio)->bi_partno;
    if (bpf_core_field_exists(((struct block_device___partno *)0)->bd_partno))
        return ((struct block_device___partno *)bio->bi_bdev)->bd_partno;
    return ((struct block_device___flags *)bio->bi_bdev)->__bd_flags.counter & 0xff;
}

static __always_inline struct gendisk *request_disk(struct request *rq)
{
    if (bpf_core_field_exists(((struct request___disk *)0)->rq_disk))
        return ((struct request___disk *)rq)->rq_disk;
    return rq->q->disk;
}

/* Operations that change the media have odd numbers, in every kernel; zone resets do not, before 5.16 or so. */
static __always_inline bool changes_media(__u32 op)
{
    return op & 1;
}

static __always_inline bool is_zone_command(__u32 op)
{
    return op >= facts.op_zone_first && op <= facts.op_zone_last;
}

/* Requests are marked when they are issued; but the ranges of a discard are known to its bios alone. */
static __always_inline bool needs_bio(__u32 op)
{
    return op == facts.op_discard || op == facts.op_zone_append || is_zone_command(op);
}

static __always_inline bool bio_based_disks_tracked(void)
{
    __u32 zero = 0;
    struct bt_about *facts_of_now = bpf_map_lookup_elem(&about, &zero);

    return facts_of_now && facts_of_now->bio_based_disks;
}

static __always_inline struct bt_counters *disk_counters(struct bt_disk *disk)
{
    __u32 index = disk->index;

    return bpf_map_lookup_elem(&counters, &index);
}

#define COUNT(field, amount) __sync_fetch_and_add(&(field), (amount))
/*
 * Of a field that no other program adds to, on a tracepoint that no interrupt reaches: a processor is in one run at a time, except where
 * programs may lose the processor. What is not locked costs 6 ns less.
 */
#define COUNT_ALONE(field, amount) (facts.may_lose_processor ? (void)COUNT(field, amount) : (void)((field) += (amount)))

/*
 * Enters the bio in the in-flight table. What was redirected has an entry of its own: the disk above may be tracked too, and is
 * to keep the one that it has under the same address.
 */
static __always_inline void hold_bio(struct bio *bio, struct bt_disk *disk, struct bt_counters *count, __u64 sector, __u32 sectors,
                                     bool redirected)
{
    __u64 key = (__u64)(unsigned long)bio + redirected; /* the verifier takes a sum, not an OR */
    struct bt_inflight entry = {.sector = sector, .sector_count = sectors, .disk_index = disk->index};

    if (redirected) {
        struct bt_inflight *held = bpf_map_lookup_elem(&bios, &key);
        /* Redirected twice: the one that came first stays. */
        if (held && held->disk_index != disk->index) {
            COUNT(count->untracked_in_flight, 1);
            return;
        }
    }
    if (bpf_map_update_elem(&bios, &key, &entry, BPF_ANY))
        COUNT(count->untracked_in_flight, 1);
}

/* A partition's remap names the partition; a driver that redirects names its own disk, and the sector is still to be remapped. */
static __always_inline bool is_partition_remap(struct bio *bio, __u32 dev)
{
    return !bpf_core_field_exists(bio->bi_bdev) || bio->bi_bdev->bd_dev == dev;
}

/* A bio that arrives at a tracked disk: from the submitter, or (`redirected`, by disk `dev`) turned in place by another driver. */
static __always_inline int on_bio(enum bt_layout layout, struct bio *bio, bool redirected, __u32 dev)
{
    __u32 op = bio->bi_opf & facts.op_mask;
    __u32 sectors = bio->bi_iter.bi_size >> SECTOR_SHIFT;

    if (!changes_media(op) && !is_zone_command(op))
        return 0;
    if (!needs_bio(op) && !bio_based_disks_tracked())
        return 0;
    struct gendisk *gendisk = bio_disk(bio);
    if (!gendisk)
        return 0;
    struct bt_disk *disk = find_disk(gendisk);
    if (!disk || (disk->request_based && !needs_bio(op)))
        return 0;
    if (redirected) {
        __u32 flags = bio->bi_flags;
        if (!(flags >> facts.bio_traced_bit & 1))
            return 0; /* its block_bio_queue is still to come */
        if (bio_partition(bio) && !(flags >> facts.bio_remapped_bit & 1) && !is_partition_remap(bio, dev))
            return 0; /* the sector still counts from the partition's start; the partition remap follows */
    }
    struct bt_counters *count = disk_counters(disk);
    if (!count)
        return 0;
    if (op == facts.op_zone_append || is_zone_command(op)) {
        COUNT(count->zone_commands, 1);
        return 0;
    }
    if (sectors == 0)
        return 0; /* a flush */
    __u64 sector = bio->bi_iter.bi_sector;
    if (!disk->request_based)
        hold_bio(bio, disk, count, sector, sectors, redirected);
    if (op == facts.op_discard)
        COUNT(count->queued_discarded, sectors);
    else
        COUNT(count->queued_written, sectors);
    mark_sectors(layout, disk, op == facts.op_discard ? BT_DISCARD : BT_DATA, sector, sector + sectors);
    return 0;
}

/* The request's word in the in-flight table; NULL: the disk has got more tags or queues than it had. */
static __always_inline __u64 *tag_word(struct request *rq, struct bt_disk *disk)
{
    __u32 tag = (__u32)rq->tag;
    __u32 index = rq->mq_hctx->queue_num * disk->tag_depth + tag;

    if (tag >= disk->tag_depth || index >= disk->tag_count)
        return 0;
    index += disk->tag_base;
    return bpf_map_lookup_elem(&tags, &index);
}

/* Notes the word under the request's tag. */
static __always_inline void hold_word(struct request *rq, struct bt_disk *disk, struct bt_counters *count, __u64 word)
{
    __u64 *held = tag_word(rq, disk);

    if (held)
        *(volatile __u64 *)held = word;
    else
        COUNT(count->untracked_in_flight, 1);
}

static __always_inline __u64 range_word(__u64 sector, __u32 sectors)
{
    return sector << BT_HELD_BITS | (sectors + BT_HELD_UNIT - 1) / BT_HELD_UNIT;
}

static __always_inline void hold_request(struct request *rq, struct bt_disk *disk, struct bt_counters *count, __u64 sector, __u32 sectors)
{
    if (sectors <= BT_HELD_MAX)
        hold_word(rq, disk, count, range_word(sector, sectors));
    else
        COUNT(count->untracked_in_flight, 1);
}

/*
 * A discard request carries the ranges of all its bios. There are at most as many as the device takes in one command (256 on
 * NVMe), or they adjoin and the request's range is theirs.
 */
#define MAX_DISCARD_BIOS 256

struct discard_run {
    __u64 bio; /* its address */
    __u32 first_volume;
};

static long mark_next_discard(__u32 turn, struct discard_run *run)
{
    struct bio *bio = (struct bio *)run->bio;

    (void)turn;
    if (!bio)
        return 1;
    __u64 start = BPF_CORE_READ(bio, bi_iter.bi_sector), end = start + (BPF_CORE_READ(bio, bi_iter.bi_size) >> SECTOR_SHIFT);
    if (start < end)
        mark_discarded_bits(run->first_volume, start, end);
    run->bio = (__u64)(unsigned long)BPF_CORE_READ(bio, bi_next);
    return 0;
}

/* True: the list ended before the turns did. */
static __always_inline bool mark_discard_bios(enum bt_layout layout, struct bio *bio, __u32 first_volume)
{
    if (layout == BT_BITS && facts.has_loop) {
        struct discard_run run = {.bio = (__u64)(unsigned long)bio, .first_volume = first_volume};
        bpf_loop(MAX_DISCARD_BIOS, mark_next_discard, &run, 0);
        return !run.bio;
    }
    for (int turn = 0; turn < MAX_DISCARD_BIOS; turn++) {
        if (!bio)
            return true;
        __u64 start = bio->bi_iter.bi_sector, end = start + (bio->bi_iter.bi_size >> SECTOR_SHIFT);
        if (start < end) {
            if (layout == BT_BITS)
                mark_discarded_bits(first_volume, start, end);
            else
                mark_discarded_bytes(first_volume, start, end);
        }
        bio = bio->bi_next;
    }
    return false;
}

static __always_inline void mark_discard_request(enum bt_layout layout, struct request *rq, struct bt_disk *disk)
{
    if (mark_discard_bios(layout, rq->bio, disk->first_volume))
        return;
    mark_sectors(layout, disk, BT_DATA, rq->__sector, rq->__sector + (rq->__data_len >> SECTOR_SHIFT));
}

/*
 * The disk that a passthrough request is for. It may come from another node (sg, bsg), of which only the queue is common; before
 * 5.17 a queue does not know its disk, but its folder in sysfs does.
 */
static __always_inline struct bt_disk *passthrough_disk(struct request *rq)
{
    if (bpf_core_field_exists(((struct request___disk *)0)->rq_disk)) {
        struct kobject *folder = ((struct request_queue___kobject *)rq->q)->kobj.parent;
        __u32 dev;
        /* A device begins with its folder; the verifier can't know. */
        if (!folder || bpf_core_read(&dev, sizeof dev, &((struct device *)folder)->devt))
            return 0;
        return find_number(dev, 0);
    }
    struct gendisk *gendisk = rq->q->disk;
    return gendisk ? find_disk(gendisk) : 0;
}

/* NVMe paths are named nvme0c1n1, disks nvme0n1. */
#define PATH_NAME_LOOKS 10

static __always_inline bool is_nvme_path(struct gendisk *gendisk)
{
    char name[16];

    if (bpf_probe_read_kernel(name, sizeof name, gendisk->disk_name) || name[0] != 'n' || name[1] != 'v' || name[2] != 'm' || name[3] != 'e')
        return false;
#pragma unroll
    for (int i = 5; i < PATH_NAME_LOOKS; i++)
        if (name[i] == 'c')
            return true;
    return false;
}

/* A namespace's number, or all; in what is not NVMe, half of a kernel address lies here as a rule. */
static __always_inline bool is_namespace(__u32 number)
{
    return number <= 0xffff || number == 0xffffffff;
}

/* A command for no tracked disk may change one all the same: the admin queue has no disk, and a multipath head is not its path. */
static __always_inline int on_stray(struct request *rq, __u64 address)
{
    __u8 command[NVME_COMMAND_BYTES];
    struct command_range range;
    __u64 at;
    __u32 zero = 0;
    struct gendisk *gendisk = request_disk(rq);
    bool harmless;

    if (gendisk && !is_nvme_path(gendisk))
        return 0;
    if (bpf_probe_read_kernel(&at, sizeof at, (void *)(address + facts.request_bytes)) ||
        bpf_probe_read_kernel(command, sizeof command, (void *)at) || !is_namespace(*(__u32 *)(command + 4)))
        return 0;
    harmless = gendisk ? judge_nvme(command, &range) == COMMAND_HARMLESS : nvme_admin_harmless(command[0]);
    struct bt_about *shared = harmless ? 0 : bpf_map_lookup_elem(&about, &zero);
    if (shared)
        COUNT(shared->stray_commands, 1);
    return 0;
}

static __always_inline enum judgement judge_command(struct bt_disk *disk, __u32 op, __u64 address, struct command_range *range)
{
    __u8 command[NVME_COMMAND_BYTES];
    __u32 set = disk->commands & ((1u << BT_COMMANDS_BITS) - 1);
    __u64 at = address + (disk->commands >> BT_COMMANDS_BITS);

    if (set == BT_COMMANDS_ASK)
        return changes_media(op) ? COMMAND_UNKNOWN : COMMAND_HARMLESS;
    if (set == BT_COMMANDS_UNKNOWN)
        return COMMAND_UNKNOWN;
    if (set != BT_COMMANDS_SCSI && bpf_probe_read_kernel(&at, sizeof at, (void *)at))
        return COMMAND_UNKNOWN;
    if (set == BT_COMMANDS_NVME_POINTER)
        return bpf_probe_read_kernel(command, NVME_COMMAND_BYTES, (void *)at) ? COMMAND_UNKNOWN : judge_nvme(command, range);
    return bpf_probe_read_kernel(command, SCSI_COMMAND_BYTES, (void *)at) ? COMMAND_UNKNOWN : judge_scsi(command, range);
}

/*
 * Notes a command's write under the request's tag. No accounts tell when it is done, so one that can't be noted is one that is not known.
 */
static __always_inline bool hold_command(struct request *rq, struct bt_disk *disk, __u64 sector, __u64 sectors)
{
    __u64 *held = sectors <= BT_HELD_MAX ? tag_word(rq, disk) : 0;

    if (!held)
        return false;
    *(volatile __u64 *)held = range_word(sector, (__u32)sectors);
    return true;
}

/* What a known write touches, in sectors; false: it can't be marked here. */
static __always_inline bool command_sectors(struct request *rq, const struct command_range *range, __u64 *sector, __u64 *sectors)
{
    __u32 block_sectors = rq->q->limits.logical_block_size >> SECTOR_SHIFT;

    *sector = range->block * block_sectors;
    *sectors = range->blocks * block_sectors;
    return range->block < MAX_SECTOR && range->blocks <= SECTORS_PER_BIO_MAX && *sectors <= SECTORS_PER_BIO_MAX && *sectors > 0;
}

/* Before 5.11 the kernel accounts for what a command brings as for a write, on the node's disk: sg has one of its own. */
static __always_inline bool is_accounted(struct request *rq, const struct bt_disk *disk)
{
    struct gendisk *gendisk = bpf_core_type_exists(struct hd_struct) ? request_disk(rq) : 0;

    return gendisk && ((__u32)gendisk->major << 20 | (__u32)gendisk->first_minor) == disk->dev && ((struct request___accounted *)rq)->part;
}

static __always_inline int on_passthrough(enum bt_layout layout, struct request *rq, __u64 address, __u32 op)
{
    struct command_range range = {0};
    __u64 sector = 0, sectors = 0;
    struct bt_disk *disk = passthrough_disk(rq);
    struct bt_counters *count = disk ? disk_counters(disk) : 0;

    if (!count)
        return on_stray(rq, address);
    enum judgement judgement = judge_command(disk, op, address, &range);
    bool marked = judgement == COMMAND_WRITES && command_sectors(rq, &range, &sector, &sectors) && hold_command(rq, disk, sector, sectors);
    COUNT(count->passthrough_seen, 1);
    if (changes_media(op) && is_accounted(rq, disk))
        COUNT_ALONE(count->issued_written, rq->__data_len >> SECTOR_SHIFT);
    if (judgement == COMMAND_HARMLESS) {
        COUNT(count->passthrough_harmless, 1);
    } else if (marked) {
        COUNT(count->passthrough_marked, 1);
        mark_sectors(layout, disk, BT_DATA, sector, sector + sectors);
    }
    return 0;
}

/* `argument` is where the tracepoint's arguments hold the request: its address, as a number. */
static __always_inline int on_issue(enum bt_layout layout, struct request *rq, void *argument)
{
    __u32 op = rq->cmd_flags & facts.op_mask;

    if (op >= facts.op_passthrough_first) {
        __u64 address;
        if (bpf_probe_read_kernel(&address, sizeof address, argument))
            return 0;
        return on_passthrough(layout, rq, address, op);
    }
    if (!changes_media(op))
        return 0;
    struct gendisk *gendisk = request_disk(rq);
    if (!gendisk)
        return 0;
    struct bt_disk *disk = find_disk(gendisk);
    if (!disk)
        return 0;
    struct bt_counters *count = disk_counters(disk);
    if (!count)
        return 0;
    __u32 sectors = rq->__data_len >> SECTOR_SHIFT;
    if (sectors == 0)
        return 0;
    __u64 sector = rq->__sector;
    /* Marked at submission already, but maybe in an epoch that was closed while it waited in the scheduler. */
    if (op == facts.op_discard) {
        COUNT(count->issued_discarded, sectors);
        mark_discard_request(layout, rq, disk);
        return 0;
    }
    hold_request(rq, disk, count, sector, sectors);
    COUNT_ALONE(count->issued_written, sectors);
    mark_sectors(layout, disk, BT_DATA, sector, sector + sectors);
    return 0;
}

static __always_inline int on_requeue(struct request *rq)
{
    __u32 op = rq->cmd_flags & facts.op_mask;

    /* Drivers also give back requests that they never issued: nothing was counted for those. */
    if (!changes_media(op) || op >= facts.op_passthrough_first || rq->state == facts.request_idle)
        return 0;
    struct gendisk *gendisk = request_disk(rq);
    struct bt_disk *disk = gendisk ? find_disk(gendisk) : 0;
    struct bt_counters *count = disk ? disk_counters(disk) : 0;
    if (!count)
        return 0;
    if (op == facts.op_discard)
        COUNT(count->requeued_discarded, rq->__data_len >> SECTOR_SHIFT);
    else
        COUNT(count->requeued_written, rq->__data_len >> SECTOR_SHIFT);
    return 0;
}

/*
 * A write that may not wait (REQ_NOWAIT) can be turned away after it was submitted, and is then missing from the kernel's accounts
 * if that happened before they were opened for it: nothing here tells.
 */
static __always_inline void count_refused(__u64 key)
{
    struct bt_inflight *held = bpf_map_lookup_elem(&bios, &key);
    __u32 index = held ? held->disk_index : 0;
    struct bt_counters *count = held ? bpf_map_lookup_elem(&counters, &index) : 0;

    if (count)
        COUNT(count->refused, held->sector_count);
}

static __always_inline int on_complete(struct bio *bio)
{
    __u64 key = (__u64)(unsigned long)bio;

    if (!changes_media(bio->bi_opf & facts.op_mask) || !bio_based_disks_tracked())
        return 0;
    for (int redirected = 0; redirected < 2; redirected++, key++) {
        if (bio->bi_status == BLK_STS_AGAIN)
            count_refused(key);
        bpf_map_delete_elem(&bios, &key);
    }
    return 0;
}

/*
 * Before 6.3 a page may go to a disk whose driver takes single pages (zram) without any bio: swap, and the file systems that write by way of
 * mpage (FAT). Marked before the driver has it and again when it is done, so in the live epoch on either side of a swap in between.
 */
static __always_inline int on_page(enum bt_layout layout, struct block_device *device, __u64 sector)
{
    struct gendisk *gendisk = device->bd_disk;
    struct bt_disk *disk = gendisk ? find_disk(gendisk) : 0;

    if (!disk || disk->request_based)
        return 0;
    if (bpf_core_field_exists(((struct block_device___start *)0)->bd_start_sect))
        sector += ((struct block_device___start *)device)->bd_start_sect;
    else if (((struct block_device___part *)device)->bd_part)
        sector += ((struct block_device___part *)device)->bd_part->start_sect;
    mark_sectors(layout, disk, BT_DATA, sector, sector + facts.page_sectors);
    return 0;
}

#define LOOP_MAJOR 7 /* in all kernels */

/*
 * A disk that a volume lies on, or one beneath it, is given its size. What was cut off comes back as something else, and nobody wrote it. A loop
 * device is given one, maybe the same, when its place in the file moves.
 */
static __always_inline int on_capacity(struct gendisk *gendisk, __u64 sectors)
{
    __u32 dev = (__u32)gendisk->major << 20 | (__u32)gendisk->first_minor, zero = 0;
    struct bt_size *size = bpf_map_lookup_elem(&sizes, &dev);
    struct bt_about *shared = size ? bpf_map_lookup_elem(&about, &zero) : 0;

    if (!shared)
        return 0;
    if (sectors == 0)
        COUNT(size->emptied, 1);
    else if (gendisk->major == LOOP_MAJOR || sectors < size->sectors)
        COUNT(size->shrunk, 1);
    COUNT(shared->sizes_given, 1);
    *(volatile __u64 *)&size->sectors = sectors;
    return 0;
}

#define ARG(ctx, position, type) ((type *)((unsigned long long *)(ctx))[position])

/* A program may come alone, or as several instances, of which one does what the kernel kept those before from: see turns.h. */
#define IN_TURN(turn, hook, event) ((turn) == FIRST ? note_first(hook, event) : (turn) != ALONE && one_ran(hook, event, (turn) == LAST))

static __always_inline struct event bio_event(struct bio *bio)
{
    return (struct event){(__u64)(unsigned long)bio, event_content(bio->bi_iter.bi_sector, bio->bi_iter.bi_size, bio->bi_opf)};
}

static __always_inline struct event request_event(struct request *rq)
{
    return (struct event){(__u64)(unsigned long)rq, event_content(rq->__sector, rq->__data_len, rq->cmd_flags)};
}

#define QUEUE_PROGRAM(name, layout, position, turn)                              \
    SEC("tp_btf/block_bio_queue") int name(void *ctx)                            \
    {                                                                            \
        return IN_TURN(turn, BT_ON_QUEUE, bio_event(ARG(ctx, position, struct bio))) ? 0 \
                   : on_bio(layout, ARG(ctx, position, struct bio), false, 0);   \
    }
#define REMAP_PROGRAM(name, layout, position, turn)                              \
    SEC("tp_btf/block_bio_remap") int name(void *ctx)                            \
    {                                                                            \
        __u32 dev = (__u32)((unsigned long long *)ctx)[position + 1];            \
        return IN_TURN(turn, BT_ON_REMAP, bio_event(ARG(ctx, position, struct bio))) ? 0 \
                   : on_bio(layout, ARG(ctx, position, struct bio), true, dev);  \
    }
#define ISSUE_PROGRAM(name, layout, position, turn)                              \
    SEC("tp_btf/block_rq_issue") int name(void *ctx)                             \
    {                                                                            \
        return IN_TURN(turn, BT_ON_ISSUE, request_event(ARG(ctx, position, struct request))) ? 0 \
                   : on_issue(layout, ARG(ctx, position, struct request), (__u64 *)ctx + (position)); \
    }
#define REQUEUE_PROGRAM(name, position)                                          \
    SEC("tp_btf/block_rq_requeue") int name(void *ctx)                           \
    {                                                                            \
        return on_requeue(ARG(ctx, position, struct request));                   \
    }
#define COMPLETE_PROGRAM(name, position)                                         \
    SEC("tp_btf/block_bio_complete") int name(void *ctx)                         \
    {                                                                            \
        return on_complete(ARG(ctx, position, struct bio));                      \
    }

#define PAGE_PROGRAM(name, when, layout)                                         \
    SEC(when "/bdev_write_page") int name(void *ctx)                             \
    {                                                                            \
        return on_page(layout, ARG(ctx, 0, struct block_device), ((unsigned long long *)ctx)[1]); \
    }

/* The one may call the other, with or without the compiler's leaving a call there. */
#define CAPACITY_PROGRAM(name, function)                                         \
    SEC("fentry/" function) int name(void *ctx)                                  \
    {                                                                            \
        return on_capacity(ARG(ctx, 0, struct gendisk), ((unsigned long long *)ctx)[1]); \
    }

/* The digit is the argument's position; kernels before 5.11 or so pass the queue first. */
QUEUE_PROGRAM(queue_bits_0, BT_BITS, 0, ALONE)
QUEUE_PROGRAM(queue_bits_1, BT_BITS, 1, ALONE)
QUEUE_PROGRAM(queue_bytes_0, BT_BYTES, 0, ALONE)
QUEUE_PROGRAM(queue_bytes_1, BT_BYTES, 1, ALONE)
REMAP_PROGRAM(remap_bits_0, BT_BITS, 0, ALONE)
REMAP_PROGRAM(remap_bits_1, BT_BITS, 1, ALONE)
REMAP_PROGRAM(remap_bytes_0, BT_BYTES, 0, ALONE)
REMAP_PROGRAM(remap_bytes_1, BT_BYTES, 1, ALONE)
ISSUE_PROGRAM(issue_bits_0, BT_BITS, 0, ALONE)
ISSUE_PROGRAM(issue_bits_1, BT_BITS, 1, ALONE)
ISSUE_PROGRAM(issue_bytes_0, BT_BYTES, 0, ALONE)
ISSUE_PROGRAM(issue_bytes_1, BT_BYTES, 1, ALONE)
QUEUE_PROGRAM(queue_1st_bits_0, BT_BITS, 0, FIRST)
QUEUE_PROGRAM(queue_2nd_bits_0, BT_BITS, 0, LATER)
QUEUE_PROGRAM(queue_3rd_bits_0, BT_BITS, 0, LATER)
QUEUE_PROGRAM(queue_4th_bits_0, BT_BITS, 0, LAST)
REMAP_PROGRAM(remap_1st_bits_0, BT_BITS, 0, FIRST)
REMAP_PROGRAM(remap_2nd_bits_0, BT_BITS, 0, LATER)
REMAP_PROGRAM(remap_3rd_bits_0, BT_BITS, 0, LATER)
REMAP_PROGRAM(remap_4th_bits_0, BT_BITS, 0, LAST)
ISSUE_PROGRAM(issue_1st_bits_0, BT_BITS, 0, FIRST)
ISSUE_PROGRAM(issue_2nd_bits_0, BT_BITS, 0, LATER)
ISSUE_PROGRAM(issue_3rd_bits_0, BT_BITS, 0, LATER)
ISSUE_PROGRAM(issue_4th_bits_0, BT_BITS, 0, LAST)
PAGE_PROGRAM(page_bits_0, "fentry", BT_BITS)
PAGE_PROGRAM(page_bytes_0, "fentry", BT_BYTES)
PAGE_PROGRAM(page_done_bits_0, "fexit", BT_BITS)
PAGE_PROGRAM(page_done_bytes_0, "fexit", BT_BYTES)
CAPACITY_PROGRAM(capacity_0, "set_capacity")
CAPACITY_PROGRAM(capacity_notify_0, "set_capacity_and_notify")
CAPACITY_PROGRAM(capacity_revalidate_0, "set_capacity_revalidate_and_notify")
REQUEUE_PROGRAM(requeue_0, 0)
REQUEUE_PROGRAM(requeue_1, 1)
COMPLETE_PROGRAM(complete_0, 0)
COMPLETE_PROGRAM(complete_1, 1)

/*
 * Hibernation: the image is the memory as it is right after this, so the count is in it. What reaches the disks from here on,
 * until the image runs again, is marked in no map that lives on: by the machine as it goes down, by the kernel that loads the image.
 */
#define PM_EVENT_HIBERNATE 4
#define MACHINE_SUSPEND 0x5f656e696863616dULL /* the first eight bytes of its action: "machine_" */

SEC("tp_btf/suspend_resume") int hibernate_0(__u64 *ctx)
{
    __u64 action = 0;
    __u32 zero = 0;
    struct bt_about *now = bpf_map_lookup_elem(&about, &zero);

    if (!now || (int)ctx[1] != PM_EVENT_HIBERNATE || !(ctx[2] & 1))
        return 0;
    /* A processor that is taken offline has its number where the state would be. */
    if (bpf_probe_read_kernel(&action, sizeof action, (void *)ctx[0]) || action != MACHINE_SUSPEND)
        return 0;
    COUNT(now->hibernations, 1);
    return 0;
}
