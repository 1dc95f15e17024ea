/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Slots. The programs walk disks -> volumes -> epoch without a lock, so everything is linked last when it comes and
 * first when it goes; the linking stores are single and aligned.
 */
#include "early.h"
#include "tracker_internal.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <time.h>
#include <unistd.h>

#include "command_set.h"
#include "sysfs.h"

#define SECTOR_BYTES 512
#define MIN_GRANULE 4096u
#define MAX_GRANULE (1u << 20)
#define MAX_MEMORY_SHARE 20          /* a twentieth: 5 % of the machine's memory */
#define TOMBSTONE 0xffffffffu        /* a bucket whose disk is gone: probing goes on behind it */
#define LOCK_WAIT_MS 5000
#define LOCK_STEP_MS 5

void change_id_text(char text[CHANGE_ID_TEXT], const uint8_t id[CHANGE_ID_BYTES])
{
    for (int i = 0; i < CHANGE_ID_BYTES; i++)
        snprintf(text + 2 * i, 3, "%02x", id[i]);
}

int change_id_parse(uint8_t id[CHANGE_ID_BYTES], const char *text)
{
    if (strlen(text) != 2 * CHANGE_ID_BYTES || strspn(text, "0123456789abcdef") != 2 * CHANGE_ID_BYTES)
        return -1;
    for (int i = 0; i < CHANGE_ID_BYTES; i++) {
        unsigned int byte;
        sscanf(text + 2 * i, "%2x", &byte);
        id[i] = (uint8_t)byte;
    }
    return 0;
}

static int take_lock(struct tracker *tracker, struct fault *fault)
{
    char path[320];

    snprintf(path, sizeof path, "%s/tracker.lock", tracker->instance.run_dir);
    if (make_folders(tracker->instance.run_dir))
        return fault_errno(fault, STATUS_FAILED, "NO_RUN_DIR", "cannot make the folder %s", tracker->instance.run_dir);
    /* O_CREAT waits on a frozen file system even where there is nothing to make, and the run folder may lie on one. */
    tracker->lock = open(path, O_RDWR | O_CLOEXEC);
    if (tracker->lock < 0 && errno == ENOENT)
        tracker->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (tracker->lock < 0)
        return fault_errno(fault, STATUS_FAILED, "NO_LOCK", "cannot open the lock %s", path);
    for (int waited = 0; flock(tracker->lock, LOCK_EX | LOCK_NB); waited += LOCK_STEP_MS) {
        if (waited >= LOCK_WAIT_MS)
            return fault_set(fault, STATUS_BUSY, "BUSY", "Wait until the other command has ended, then try again.",
                             "another blktrack-helper has held %s for %d ms", path, waited);
        nanosleep(&(struct timespec){.tv_nsec = LOCK_STEP_MS * 1000000L}, NULL);
    }
    return 0;
}

static void *map_array(int fd, size_t entries, size_t value_size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t bytes = (entries * value_size + page - 1) / page * page;
    void *address = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

    return address == MAP_FAILED ? NULL : address;
}

static int map_tables(struct tracker *tracker, struct fault *fault)
{
    tracker->about = map_array(tracker->kernel.maps[MAP_ABOUT], 1, sizeof *tracker->about);
    tracker->disks = map_array(tracker->kernel.maps[MAP_DISKS], BT_DISK_BUCKETS, sizeof *tracker->disks);
    tracker->volumes = map_array(tracker->kernel.maps[MAP_VOLUMES], BT_MAX_VOLUMES, sizeof *tracker->volumes);
    tracker->meta = map_array(tracker->kernel.maps[MAP_META], BT_MAX_VOLUMES, sizeof *tracker->meta);
    tracker->tags = map_array(tracker->kernel.maps[MAP_TAGS], BT_MAX_TAGS, sizeof *tracker->tags);
    if (!tracker->about || !tracker->disks || !tracker->tags || !tracker->volumes || !tracker->meta)
        return fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot map the tracker's tables");
    return 0;
}

int tracker_open(struct tracker **result, const struct instance *instance, bool create, struct fault *fault)
{
    struct tracker *tracker = calloc(1, sizeof *tracker);

    if (!tracker)
        return fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot open the tracker");
    tracker->instance = *instance;
    tracker->lock = -1;
    for (int i = 0; i < KERNEL_MAPS; i++)
        tracker->kernel.maps[i] = -1;
    if (take_lock(tracker, fault))
        goto fail;
    int opened = kernel_open(&tracker->kernel, instance->pin_dir, fault);
    if (opened == 1 && create && kernel_load(instance->pin_dir, fault))
        goto fail;
    if (opened == 1 && create)
        opened = kernel_open(&tracker->kernel, instance->pin_dir, fault);
    if (opened == 1)
        fault_set(fault, STATUS_FAILED, "NOT_TRACKING", "Enable a volume first ('blktrack enable DEVICE').", "tracking is not started");
    if (opened || map_tables(tracker, fault) || checkpoint_recover(tracker, fault))
        goto fail;
    *result = tracker;
    return 0;
fail:
    tracker_close(tracker);
    return -1;
}

static void unmap_array(void *address, size_t entries, size_t value_size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    if (address)
        munmap(address, (entries * value_size + page - 1) / page * page);
}

static void forget_live(struct live_map *live)
{
    if (live->id)
        epoch_unmap(&live->epoch);
    live->id = 0;
}

void tracker_close(struct tracker *tracker)
{
    unmap_array(tracker->about, 1, sizeof *tracker->about);
    unmap_array(tracker->disks, BT_DISK_BUCKETS, sizeof *tracker->disks);
    unmap_array(tracker->volumes, BT_MAX_VOLUMES, sizeof *tracker->volumes);
    unmap_array(tracker->tags, BT_MAX_TAGS, sizeof *tracker->tags);
    unmap_array(tracker->meta, BT_MAX_VOLUMES, sizeof *tracker->meta);
    for (int slot = 0; slot < BT_MAX_VOLUMES; slot++)
        forget_live(&tracker->live[slot]);
    kernel_close(&tracker->kernel);
    if (tracker->lock >= 0)
        close(tracker->lock);
    free(tracker);
}

int tracker_destroy(const struct instance *instance, struct fault *fault)
{
    struct tracker tracker = {.instance = *instance, .lock = -1};
    int failed = take_lock(&tracker, fault) || kernel_unload(instance->pin_dir, fault);

    if (tracker.lock >= 0)
        close(tracker.lock);
    return failed ? -1 : 0;
}

struct bt_meta *tracker_meta(struct tracker *tracker, int slot)
{
    return slot >= 0 && slot < BT_MAX_VOLUMES && tracker->meta[slot].in_use ? &tracker->meta[slot] : NULL;
}

void tracker_distrust(struct tracker *tracker, int slot, const char *reason, const char *evidence)
{
    struct bt_meta *meta = &tracker->meta[slot];

    /* The first reason stays: what follows is mostly its consequence. */
    if (meta->reason[0])
        return;
    snprintf(meta->evidence, sizeof meta->evidence, "%s", evidence);
    snprintf(meta->reason, sizeof meta->reason, "%s", reason);
}

uint64_t slot_granules(const struct tracker *tracker, int slot)
{
    const struct bt_meta *meta = &tracker->meta[slot];
    uint64_t granule_sectors = meta->granule_bytes / SECTOR_BYTES;

    return (meta->sector_count + granule_sectors - 1) / granule_sectors;
}

size_t tracker_plain_words(struct tracker *tracker, int slot)
{
    return epoch_plain_words(slot_granules(tracker, slot));
}

/* --- epochs of a slot --- */

void epoch_pin_path(char *path, size_t size, const struct tracker *tracker, int slot, const uint8_t id[CHANGE_ID_BYTES])
{
    char text[CHANGE_ID_TEXT];

    change_id_text(text, id);
    snprintf(path, size, "%s/epoch/%d-%s", tracker->instance.pin_dir, slot, text);
}

/* Made and pinned, not mapped. */
static int pin_new_epoch(struct tracker *tracker, int slot, const uint8_t id[CHANGE_ID_BYTES], struct fault *fault)
{
    char path[256];
    int fd = epoch_create(&tracker->volumes[slot], fault);

    if (fd < 0)
        return -1;
    epoch_pin_path(path, sizeof path, tracker, slot, id);
    if (bpf_obj_pin(fd, path)) {
        fault_errno(fault, STATUS_FAILED, "PIN", "cannot pin %s", path);
        close(fd);
        return -1;
    }
    return fd;
}

static int map_epoch(struct tracker *tracker, int slot, int fd, struct epoch *epoch, struct fault *fault)
{
    return epoch_map(epoch, fd, tracker->kernel.layout, &tracker->volumes[slot], slot_granules(tracker, slot), fault);
}

int epoch_make(struct tracker *tracker, int slot, const uint8_t id[CHANGE_ID_BYTES], struct epoch *epoch, struct fault *fault)
{
    int fd = pin_new_epoch(tracker, slot, id, fault);

    return fd < 0 ? -1 : map_epoch(tracker, slot, fd, epoch, fault);
}

static int live_id(struct tracker *tracker, int slot, uint32_t *id, struct fault *fault)
{
    uint32_t key = (uint32_t)slot;

    return bpf_map_lookup_elem(tracker->kernel.maps[MAP_EPOCHS], &key, id)
        ? fault_errno(fault, STATUS_STATE_CORRUPT, "NO_EPOCH", "slot %d has no epoch", slot) : 0;
}

static int map_by_id(struct tracker *tracker, int slot, uint32_t id, struct epoch *epoch, struct fault *fault)
{
    int fd = bpf_map_get_fd_by_id(id);

    if (fd < 0)
        return fault_errno(fault, STATUS_FAILED, "NO_EPOCH", "cannot open the epoch of slot %d", slot);
    return map_epoch(tracker, slot, fd, epoch, fault);
}

int epoch_open_live(struct tracker *tracker, int slot, struct epoch *epoch, struct fault *fault)
{
    uint32_t id;

    return live_id(tracker, slot, &id, fault) || map_by_id(tracker, slot, id, epoch, fault) ? -1 : 0;
}

int tracker_live(struct tracker *tracker, int slot, struct epoch **epoch, struct fault *fault)
{
    struct live_map *live = &tracker->live[slot];
    uint32_t id;

    if (live_id(tracker, slot, &id, fault))
        return -1;
    if (live->id != id) {
        forget_live(live);
        if (map_by_id(tracker, slot, id, &live->epoch, fault))
            return -1;
        live->id = id;
    }
    *epoch = &live->epoch;
    return 0;
}

int epoch_open_pin(struct tracker *tracker, int slot, const char *path, struct epoch *epoch, struct fault *fault)
{
    int fd = bpf_obj_get(path);

    if (fd < 0)
        return fault_errno(fault, STATUS_FAILED, "NO_EPOCH", "cannot open the epoch %s", path);
    return map_epoch(tracker, slot, fd, epoch, fault);
}

int tracker_read_live(struct tracker *tracker, int slot, enum bt_kind kind, uint64_t *words, struct fault *fault)
{
    struct epoch *epoch;

    if (tracker_live(tracker, slot, &epoch, fault))
        return -1;
    epoch_read(epoch, kind, words);
    return 0;
}

int tracker_merge_live(struct tracker *tracker, int slot, enum bt_kind kind, const uint64_t *words, struct fault *fault)
{
    struct epoch *epoch;

    if (tracker_live(tracker, slot, &epoch, fault))
        return -1;
    epoch_merge(epoch, kind, 0, words, tracker_plain_words(tracker, slot));
    return 0;
}

/* --- disks --- */

static uint32_t bucket_of(uint32_t dev)
{
    return dev * 2654435761u >> 22; /* as find_disk() in blktrack.bpf.c */
}

static struct bt_disk *find_disk(struct tracker *tracker, uint32_t dev, uint64_t diskseq)
{
    for (uint32_t probe = 0; probe < BT_MAX_PROBES; probe++) {
        struct bt_disk *disk = &tracker->disks[(bucket_of(dev) + probe) % BT_DISK_BUCKETS];
        if (disk->dev == dev && disk->diskseq == diskseq)
            return disk;
    }
    return NULL;
}

struct bt_disk *slot_disk(struct tracker *tracker, int slot)
{
    return find_disk(tracker, tracker->meta[slot].disk_dev, tracker->meta[slot].diskseq);
}

static struct bt_disk *free_bucket(struct tracker *tracker, uint32_t dev)
{
    for (uint32_t probe = 0; probe < BT_MAX_PROBES; probe++) {
        struct bt_disk *disk = &tracker->disks[(bucket_of(dev) + probe) % BT_DISK_BUCKETS];
        if (disk->dev == 0 || disk->dev == TOMBSTONE)
            return disk;
    }
    return NULL;
}

static uint32_t free_disk_index(struct tracker *tracker)
{
    bool taken[BT_MAX_DISKS] = {false};

    for (int i = 0; i < BT_DISK_BUCKETS; i++)
        if (tracker->disks[i].dev != 0 && tracker->disks[i].dev != TOMBSTONE)
            taken[tracker->disks[i].index] = true;
    for (uint32_t i = 0; i < BT_MAX_DISKS; i++)
        if (!taken[i])
            return i;
    return BT_NONE;
}

/* Hardware queues and the largest number of tags of one, from /sys/block/DISK/mq/N/nr_tags. */
static void count_tags(const char *disk_name, uint32_t *queues, uint32_t *depth)
{
    char path[128];
    struct dirent *entry;

    *queues = *depth = 0;
    snprintf(path, sizeof path, "/sys/block/%s/mq", disk_name);
    DIR *folder = opendir(path);
    while (folder && (entry = readdir(folder))) {
        uint64_t tags;
        uint32_t number = (uint32_t)strtoul(entry->d_name, NULL, 10);
        if (entry->d_name[0] == '.' || sysfs_u64(&tags, "%s/%s/nr_tags", path, entry->d_name))
            continue;
        if (number + 1 > *queues)
            *queues = number + 1;
        if (tags > *depth)
            *depth = (uint32_t)tags;
    }
    if (folder)
        closedir(folder);
}

/*
 * Finds room for the disk's tags in the map "tags", and clears it. Where there is none, tag_count stays 0: every write is
 * then counted as not held, and a checkpoint waits for a moment of rest or carries the whole epoch.
 */
static int place_tags(struct tracker *tracker, const struct device *device, struct bt_disk *disk, struct fault *fault)
{
    uint32_t queues, base = 0;

    disk->tag_count = 0;
    count_tags(device->disk_name, &queues, &disk->tag_depth);
    if (queues == 0 || disk->tag_depth == 0)
        return fault_set(fault, STATUS_KERNEL_UNSUPPORTED, "NO_TAGS", "Please report the kernel's version.",
                         "cannot track %s: /sys/block/%s/mq does not tell its request tags", device->path, device->disk_name);
    uint64_t wanted = (uint64_t)queues * disk->tag_depth;
    for (int i = 0; i < BT_DISK_BUCKETS; i++) {
        const struct bt_disk *other = &tracker->disks[i];
        if (other->dev == 0 || other->dev == TOMBSTONE || base + wanted <= other->tag_base || base >= other->tag_base + other->tag_count)
            continue;
        base = other->tag_base + other->tag_count;
        i = -1; /* what was passed may overlap the new place */
    }
    if (base + wanted > BT_MAX_TAGS)
        return 0;
    memset(&tracker->tags[base], 0, wanted * sizeof *tracker->tags);
    disk->tag_base = base;
    disk->tag_count = (uint32_t)wanted;
    return 0;
}

static int zero_counters(struct tracker *tracker, uint32_t index, struct fault *fault)
{
    struct bt_counters *none = calloc((size_t)libbpf_num_possible_cpus(), sizeof *none);

    if (!none || bpf_map_update_elem(tracker->kernel.maps[MAP_COUNTERS], &index, none, BPF_ANY)) {
        free(none);
        return fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot clear the counters of disk %u", index);
    }
    free(none);
    return 0;
}

/* The disk's bucket, made if need be; not yet visible to the programs when it is new (dev still 0 or TOMBSTONE). */
static struct bt_disk *prepare_disk(struct tracker *tracker, const struct device *device, struct fault *fault)
{
    struct bt_disk *disk = find_disk(tracker, device->disk_dev, device->diskseq);

    if (disk)
        return disk;
    disk = free_bucket(tracker, device->disk_dev);
    uint32_t index = free_disk_index(tracker);
    if (!disk || index == BT_NONE) {
        fault_set(fault, STATUS_REFUSED, "TOO_MANY_DISKS", "Disable a volume that is no longer needed.",
                  "cannot track %s: volumes on %d disks are tracked already", device->path, BT_MAX_DISKS);
        return NULL;
    }
    disk->index = index;
    disk->diskseq = device->diskseq;
    disk->first_volume = disk->quick_slot = BT_NONE;
    disk->request_based = device->request_based;
    disk->tag_depth = disk->tag_count = 0;
    disk->commands = command_set(device->disk_name);
    if (zero_counters(tracker, index, fault) || (disk->request_based && place_tags(tracker, device, disk, fault)))
        return NULL;
    return disk;
}

/* Returns when every program that was running has ended: a map-in-map update waits for that, even one that changes nothing. */
static void wait_for_programs(struct tracker *tracker)
{
    uint32_t last = BT_MAX_VOLUMES - 1;

    if (tracker->meta[last].in_use) {
        uint32_t id;
        int fd = bpf_map_lookup_elem(tracker->kernel.maps[MAP_EPOCHS], &last, &id) ? -1 : bpf_map_get_fd_by_id(id);
        bpf_map_update_elem(tracker->kernel.maps[MAP_EPOCHS], &last, &fd, BPF_ANY);
        close(fd);
    } else {
        bpf_map_delete_elem(tracker->kernel.maps[MAP_EPOCHS], &last);
    }
}

/* The quick fields hold the only volume of a disk, or none; never a mixture of two, at any moment. */
static void set_quick_volume(struct tracker *tracker, struct bt_disk *disk)
{
    uint32_t only = disk->first_volume;

    __atomic_store_n(&disk->quick_slot, BT_NONE, __ATOMIC_RELEASE);
    if (only == BT_NONE || tracker->volumes[only].next_volume != BT_NONE)
        return;
    wait_for_programs(tracker);
    disk->quick_start = tracker->volumes[only].start_sector;
    disk->quick_end = tracker->volumes[only].end_sector;
    disk->quick_shift = tracker->volumes[only].granule_shift;
    wait_for_programs(tracker);
    __atomic_store_n(&disk->quick_slot, only, __ATOMIC_RELEASE);
}

/* Before a bio-based disk becomes visible to the programs, and after it is gone. */
static void count_bio_based_disks(struct tracker *tracker, const struct bt_disk *coming)
{
    uint32_t count = coming && !coming->request_based;

    for (int i = 0; i < BT_DISK_BUCKETS; i++) {
        const struct bt_disk *disk = &tracker->disks[i];
        count += disk != coming && disk->dev != 0 && disk->dev != TOMBSTONE && !disk->request_based;
    }
    __atomic_store_n(&tracker->about->bio_based_disks, count, __ATOMIC_RELEASE);
}

static void link_volume(struct tracker *tracker, struct bt_disk *disk, uint32_t dev, int slot)
{
    __atomic_store_n(&disk->quick_slot, BT_NONE, __ATOMIC_RELEASE);
    count_bio_based_disks(tracker, disk);
    tracker->volumes[slot].next_volume = disk->first_volume;
    __atomic_store_n(&disk->first_volume, (uint32_t)slot, __ATOMIC_RELEASE);
    __atomic_store_n(&disk->dev, dev, __ATOMIC_RELEASE);
    set_quick_volume(tracker, disk);
}

static void unlink_volume(struct tracker *tracker, struct bt_disk *disk, int slot)
{
    uint32_t next = tracker->volumes[slot].next_volume;

    __atomic_store_n(&disk->quick_slot, BT_NONE, __ATOMIC_RELEASE);
    if (disk->first_volume == (uint32_t)slot) {
        __atomic_store_n(&disk->first_volume, next, __ATOMIC_RELEASE);
    } else {
        for (uint32_t at = disk->first_volume; at != BT_NONE; at = tracker->volumes[at].next_volume)
            if (tracker->volumes[at].next_volume == (uint32_t)slot)
                __atomic_store_n(&tracker->volumes[at].next_volume, next, __ATOMIC_RELEASE);
    }
    if (disk->first_volume != BT_NONE) {
        set_quick_volume(tracker, disk);
        return;
    }
    __atomic_store_n(&disk->dev, TOMBSTONE, __ATOMIC_RELEASE);
    count_bio_based_disks(tracker, NULL);
}

/* --- adding and removing volumes --- */

static uint64_t granules_at(uint64_t sector_count, uint32_t granule_bytes)
{
    uint32_t sectors = granule_bytes / SECTOR_BYTES;

    return (sector_count + sectors - 1) / sectors;
}

/* What a volume's maps take for good: one epoch. */
static uint64_t volume_memory(const struct tracker *tracker, uint64_t sector_count, uint32_t granule_bytes)
{
    return epoch_map_bytes(tracker->kernel.layout, granules_at(sector_count, granule_bytes));
}

/* And while it has a checkpoint: a second epoch, and a plain copy of the closed one. One volume has it at a time. */
static uint64_t checkpoint_memory(const struct tracker *tracker, uint64_t sector_count, uint32_t granule_bytes)
{
    uint64_t granules = granules_at(sector_count, granule_bytes);

    return epoch_map_bytes(tracker->kernel.layout, granules) + epoch_map_bytes(BT_BITS, granules);
}

static uint64_t memory_with(struct tracker *tracker, uint64_t sector_count, uint32_t granule_bytes)
{
    uint64_t lasting = volume_memory(tracker, sector_count, granule_bytes);
    uint64_t passing = checkpoint_memory(tracker, sector_count, granule_bytes);

    for (int slot = 0; slot < BT_MAX_VOLUMES; slot++) {
        const struct bt_meta *meta = &tracker->meta[slot];
        if (!meta->in_use)
            continue;
        lasting += volume_memory(tracker, meta->sector_count, meta->granule_bytes);
        uint64_t one = checkpoint_memory(tracker, meta->sector_count, meta->granule_bytes);
        passing = one > passing ? one : passing;
    }
    return lasting + passing;
}

static int check_memory(struct tracker *tracker, const struct volume_request *request, struct fault *fault)
{
    uint64_t sectors = request->device.sector_count;
    struct sysinfo info;

    sysinfo(&info);
    uint64_t limit = (uint64_t)info.totalram * info.mem_unit / MAX_MEMORY_SHARE;
    if (memory_with(tracker, sectors, request->granule_bytes) <= limit)
        return 0;
    uint32_t fits = request->granule_bytes;
    while (fits < MAX_GRANULE && memory_with(tracker, sectors, fits) > limit)
        fits *= 2;
    char remedy[128] = "Disable another volume, or add memory: no granularity fits.";
    if (memory_with(tracker, sectors, fits) <= limit)
        snprintf(remedy, sizeof remedy, "Use --granularity %uKiB.", fits / 1024);
    return fault_set(fault, STATUS_REFUSED, "TOO_MUCH_MEMORY", remedy,
                     "cannot track %s with granules of %u KiB: all maps together would take %llu MiB, and the limit is %llu MiB (5 %% of memory)",
                     request->device.path, request->granule_bytes / 1024,
                     (unsigned long long)(memory_with(tracker, sectors, request->granule_bytes) >> 20), (unsigned long long)(limit >> 20));
}

static int check_request(struct tracker *tracker, const struct volume_request *request, struct fault *fault)
{
    uint32_t granule = request->granule_bytes;

    if (granule < MIN_GRANULE || granule > MAX_GRANULE || (granule & (granule - 1)))
        return fault_set(fault, STATUS_USAGE, "BAD_GRANULARITY", "Use a power of two from 4KiB to 1MiB.", "%u bytes is no granularity", granule);
    if (request->device.zoned)
        return fault_set(fault, STATUS_REFUSED, "ZONED_DEVICE", "Track a volume on a conventional disk.",
                         "cannot track %s: zoned devices tell where a write went only when it is done", request->device.path);
    if (request->device.sector_count == 0)
        return fault_set(fault, STATUS_REFUSED, "EMPTY_DEVICE", "Give the device a medium or a size first.", "cannot track %s: it has no sectors", request->device.path);
    for (int slot = 0; slot < BT_MAX_VOLUMES; slot++)
        if (tracker->meta[slot].in_use && tracker->meta[slot].dev == request->device.dev && tracker->meta[slot].diskseq == request->device.diskseq)
            return fault_set(fault, STATUS_REFUSED, "ALREADY_TRACKED", "'blktrack status' shows it.", "%s is tracked already", request->device.path);
    return check_memory(tracker, request, fault);
}

static int free_slot(struct tracker *tracker)
{
    for (int slot = 0; slot < BT_MAX_VOLUMES; slot++)
        if (!tracker->meta[slot].in_use)
            return slot;
    return -1;
}

static void fill_volume(struct tracker *tracker, int slot, const struct volume_request *request)
{
    struct bt_volume *volume = &tracker->volumes[slot];
    struct bt_meta *meta = &tracker->meta[slot];
    struct timespec now;

    clock_gettime(CLOCK_BOOTTIME, &now);
    *meta = (struct bt_meta){
        .granule_bytes = request->granule_bytes,
        .trust_offline = request->trust_offline,
        .sector_count = request->device.sector_count,
        .attached_boottime_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec,
        .dev = request->device.dev,
        .disk_dev = request->device.disk_dev,
        .diskseq = request->device.diskseq,
    };
    memcpy(meta->series, request->series, sizeof meta->series);
    memcpy(meta->epoch, request->epoch, sizeof meta->epoch);
    snprintf(meta->identity, sizeof meta->identity, "%s", request->identity);
    snprintf(meta->device, sizeof meta->device, "%s", request->device.path);
    volume->start_sector = request->device.start_sector;
    volume->end_sector = request->device.start_sector + request->device.sector_count;
    volume->granule_shift = (uint32_t)__builtin_ctz(request->granule_bytes / SECTOR_BYTES);
    epoch_geometry(volume, tracker->kernel.layout, granules_at(request->device.sector_count, request->granule_bytes));
}

static void remove_pins(struct tracker *tracker, const char *folder, int slot)
{
    char path[300], prefix[16];
    struct dirent *entry;

    snprintf(prefix, sizeof prefix, "%d-", slot);
    snprintf(path, sizeof path, "%s/%s", tracker->instance.pin_dir, folder);
    DIR *pins = opendir(path);
    while (pins && (entry = readdir(pins)))
        if (strncmp(entry->d_name, prefix, strlen(prefix)) == 0)
            unlinkat(dirfd(pins), entry->d_name, 0);
    if (pins)
        closedir(pins);
}

int tracker_add(struct tracker *tracker, const struct volume_request *request, int *result, struct fault *fault)
{
    char path[256];

    if (check_request(tracker, request, fault))
        return -1;
    int slot = free_slot(tracker);
    if (slot < 0)
        return fault_set(fault, STATUS_REFUSED, "TOO_MANY_VOLUMES", "Disable a volume that is no longer needed.",
                         "cannot track %s: %d volumes are tracked already", request->device.path, BT_MAX_VOLUMES);
    remove_pins(tracker, "epoch", slot); /* of somebody who was killed right here */
    remove_pins(tracker, "closed", slot);
    fill_volume(tracker, slot, request);
    struct bt_disk *disk = prepare_disk(tracker, &request->device, fault);
    int fd = disk ? pin_new_epoch(tracker, slot, request->epoch, fault) : -1;
    if (fd < 0)
        return -1;
    uint32_t key = (uint32_t)slot;
    int failed = bpf_map_update_elem(tracker->kernel.maps[MAP_EPOCHS], &key, &fd, BPF_ANY);
    if (failed)
        fault_errno(fault, STATUS_FAILED, "NO_EPOCH", "cannot install the marks of %s", request->device.path);
    close(fd);
    if (failed) {
        epoch_pin_path(path, sizeof path, tracker, slot, request->epoch);
        unlink(path);
        return -1;
    }
    __atomic_store_n(&tracker->meta[slot].in_use, 1, __ATOMIC_RELEASE);
    link_volume(tracker, disk, request->device.disk_dev, slot);
    *result = slot;
    return 0;
}

int tracker_remove(struct tracker *tracker, int slot, struct fault *fault)
{
    uint32_t key = (uint32_t)slot;

    if (!tracker_meta(tracker, slot))
        return fault_set(fault, STATUS_FAILED, "NO_SLOT", NULL, "slot %d is not in use", slot);
    struct bt_disk *disk = slot_disk(tracker, slot);
    if (disk)
        unlink_volume(tracker, disk, slot);
    forget_live(&tracker->live[slot]);
    bpf_map_delete_elem(tracker->kernel.maps[MAP_EPOCHS], &key); /* waits for the programs that still see it */
    remove_pins(tracker, "epoch", slot);
    remove_pins(tracker, "closed", slot);
    tracker->meta[slot] = (struct bt_meta){0};
    return 0;
}

int counters_read(struct tracker *tracker, uint32_t index, struct bt_counters *sum, struct fault *fault)
{
    int processors = libbpf_num_possible_cpus();
    struct bt_counters *each = calloc((size_t)processors, sizeof *each);

    if (!each || bpf_map_lookup_elem(tracker->kernel.maps[MAP_COUNTERS], &index, each)) {
        free(each);
        return fault_errno(fault, STATUS_FAILED, "NO_COUNTERS", "cannot read the counters of disk %u", index);
    }
    memset(sum, 0, sizeof *sum);
    for (int processor = 0; processor < processors; processor++)
        for (size_t field = 0; field < sizeof *sum / sizeof(uint64_t); field++)
            ((uint64_t *)sum)[field] += ((uint64_t *)&each[processor])[field];
    free(each);
    return 0;
}
