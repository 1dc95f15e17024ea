/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Start, save and enrolment with the real tracker on loop devices: what was written before a stop is marked after the next start, and
 * each way in which that can't be had gives its reason. Needs root, BPF and loop devices; else it is skipped.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/loop.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdarg.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/random.h"
#include "check.h"
#include "live_marks.h"
#include "tracker/audit.h"
#include "tracker/checkpoint.h"
#include "table/persistence.h"
#include "table/record.h"
#include "tracker/tracker_internal.h"

#define GRANULE_BYTES 65536
#define MAX_WORDS 128

static char folder[] = "/var/tmp/blktrack-persistence-XXXXXX";
static struct instance instance;
static char loop[32];

__attribute__((format(printf, 1, 2))) static int run(const char *format, ...)
{
    char command[1024];
    va_list arguments;

    va_start(arguments, format);
    int length = snprintf(command, sizeof command, "exec 2>/dev/null >/dev/null; cd %s; ", folder);
    vsnprintf(command + length, sizeof command - (size_t)length, format, arguments);
    va_end(arguments);
    int status = system(command);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void attach_loop(const char *file, char name[32])
{
    char command[512];

    snprintf(command, sizeof command, "losetup -f --show %s%s%s", file[0] == '/' ? "" : folder, file[0] == '/' ? "" : "/", file);
    FILE *output = popen(command, "re");
    CHECK(output && fscanf(output, "%31s", name) == 1);
    pclose(output);
}

static int enable(const char *device, bool trust_offline, struct fault *fault)
{
    struct volume_request request = { .granule_bytes = GRANULE_BYTES, .trust_offline = trust_offline };
    struct tracker *tracker;
    char identity[IDENTITY_BYTES];
    int slot, result = -1;

    if (tracker_open(&tracker, &instance, true, fault))
        return -1;
    request.identity = identity;
    if (device_open(&request.device, device, fault) == 0 && volume_identity(identity, &request.device, fault) == 0 &&
        random_bytes(request.series, 16, fault) == 0 && random_bytes(request.epoch, 16, fault) == 0 &&
        tracker_add(tracker, &request, &slot, fault) == 0 && audit_begin(tracker, slot, 20, fault) == 0)
        result = table_enroll(tracker, &instance, slot, fault);
    tracker_close(tracker);
    return result;
}

/* The slot's record and data bits, by device. False: not tracked. */
static bool look(const char *device, struct bt_meta *meta, uint64_t *marked, uint64_t words[MAX_WORDS])
{
    struct tracker *tracker;
    struct device found;
    struct fault fault;
    bool there = false;

    memset(words, 0, MAX_WORDS * sizeof *words);
    CHECK_OK(device_open(&found, device, &fault), &fault);
    CHECK_OK(tracker_open(&tracker, &instance, false, &fault), &fault);
    for (int slot = 0; slot < BT_MAX_VOLUMES && !there; slot++) {
        if (!tracker_meta(tracker, slot) || tracker_meta(tracker, slot)->dev != found.dev)
            continue;
        there = true;
        *meta = *tracker_meta(tracker, slot);
        CHECK(tracker_plain_words(tracker, slot) <= MAX_WORDS);
        CHECK_OK(read_live(tracker, slot, BT_DATA, words, &fault), &fault);
    }
    tracker_close(tracker);
    *marked = 0;
    for (int word = 0; word < MAX_WORDS; word++)
        *marked += (uint64_t)__builtin_popcountll(words[word]);
    return there;
}

static void stop(void)
{
    struct fault fault;

    CHECK_OK(tracker_destroy(&instance, &fault), &fault);
}

static int start(struct fault *fault)
{
    struct start_options options = { .early = false };

    return start_tracking(&instance, &options, fault);
}

static void refresh(void)
{
    struct tracker *tracker;
    struct fault fault;
    uint64_t pages;

    CHECK_OK(tracker_open(&tracker, &instance, false, &fault), &fault);
    CHECK_OK(table_refresh(tracker, &instance, &pages, &fault), &fault);
    tracker_close(tracker);
}

static void work(const char *device, int megabytes)
{
    CHECK(run("mount %s mnt && dd if=/dev/urandom of=mnt/f$RANDOM bs=1M count=%d conv=fsync; sync; umount mnt", device, megabytes) == 0);
}

/* A new instance with one volume, tracked, some of it written. */
static void scene_on(const char *make, bool trust_offline)
{
    struct fault fault;
    char state[PATH_MAX];

    CHECK(run("mkdir state; truncate -s 320M disk.img; %s disk.img", make) == 0);
    attach_loop("disk.img", loop);
    snprintf(state, sizeof state, "%s/state", folder);
    CHECK_OK(instance_locate(&instance, state, &fault), &fault);
    CHECK_OK(enable(loop, trust_offline, &fault), &fault);
    if (!strstr(make, "vfat"))      /* not every kernel can mount that, and its content does not matter here */
        work(loop, 3);
}

static void scene(bool trust_offline)
{
    scene_on("mkfs.ext4 -q -F", trust_offline);
}

static void end_scene(void)
{
    struct fault fault;

    tracker_destroy(&instance, &fault);
    run("umount mnt; losetup -d %s; chattr -i state/table state/table.new; rm -rf state disk.img copy.img table.old", loop);
}

static void save_and_stop(void)
{
    struct fault fault;

    CHECK_OK(clear_dirtyflag(&instance, &fault), &fault);
    stop();
}

/* Starts and checks trust; evidence must hold the words. */
static void expect(const char *device, const char *reason, const char *words)
{
    struct bt_meta meta;
    struct fault fault;
    uint64_t marked, bits[MAX_WORDS];

    fault.name[0] = 0;
    int result = start(&fault);
    CHECK(look(device, &meta, &marked, bits));
    printf("  %s: %s%s%s%s%s\n", reason[0] ? reason : "COMPLETE", meta.reason, meta.reason[0] ? ": " : "", meta.evidence, result ? " / " : "",
           result ? fault.name : "");
    CHECK(strcmp(meta.reason, reason) == 0);
    CHECK(strstr(meta.evidence, words));
}

static void clean_stop_and_start_keep_every_bit(void)
{
    struct bt_meta before, after;
    uint64_t marked, bits[MAX_WORDS], marked_after, bits_after[MAX_WORDS];
    struct fault fault;

    scene(false);
    CHECK(run("mount %s mnt", loop) == 0);
    CHECK(clear_dirtyflag(&instance, &fault) && strcmp(fault.name, "STILL_WRITABLE") == 0 && fault.status == STATUS_REFUSED);
    CHECK(run("umount mnt") == 0);
    for (int turn = 0; turn < 3; turn++) {
        work(loop, 2);
        if (turn == 1)
            refresh();
        CHECK(look(loop, &before, &marked, bits) && marked > 0);
        save_and_stop();
        expect(loop, "", "");
        CHECK(look(loop, &after, &marked_after, bits_after));
        for (int word = 0; word < MAX_WORDS; word++)
            CHECK((bits[word] & ~bits_after[word]) == 0);
        CHECK(marked_after <= marked + 2);
        CHECK(memcmp(before.series, after.series, 16) == 0 && memcmp(before.epoch, after.epoch, 16) == 0);
        expect(loop, "", "");       /* once more: nothing new, nothing lost */
    }
    end_scene();
}

static void each_doubt_has_its_reason(void)
{
    struct fault fault;
    char second[32];

    scene(false);
    save_and_stop();
    work(loop, 1);
    expect(loop, "FOREIGN_WRITE", "ext4 mount count");
    end_scene();

    scene(false);
    refresh();
    stop();
    expect(loop, "UNCLEAN_SHUTDOWN", "");
    end_scene();

    scene(false);
    save_and_stop();
    CHECK(run("printf x | dd of=%s bs=1 seek=50000000 conv=fsync,notrunc", loop) == 0);
    expect(loop, "WRITE_BEFORE_ATTACH", "sectors written");
    end_scene();

    scene(false);
    save_and_stop();
    CHECK(run("truncate -s 352M disk.img && losetup -c %s", loop) == 0);
    expect(loop, "VOLUME_RESIZED", "655360 -> 720896");
    end_scene();

    scene(false);
    save_and_stop();
    attach_loop("disk.img", second);
    expect(loop, "AMBIGUOUS_IDENTITY", second);
    expect(second, "AMBIGUOUS_IDENTITY", loop);
    CHECK_OK(clear_dirtyflag(&instance, &fault), &fault);
    stop();
    CHECK(run("losetup -d %s", second) == 0);
    usleep(200000);
    expect(loop, "AMBIGUOUS_IDENTITY", "");     /* the boot between was not tracked under its name */
    end_scene();

    scene(false);
    save_and_stop();
    CHECK(run("chattr -i state/table && rm state/table") == 0);
    expect(loop, "TABLE_MISSING", "state/table");
    refresh();      /* makes a new one */
    CHECK(run("test -f state/table") == 0);
    end_scene();

    scene(false);
    save_and_stop();
    CHECK(run("chattr -i state/table && truncate -s 300000 state/table") == 0);
    expect(loop, "TABLE_CORRUPT", "");
    end_scene();

    scene(false);
    save_and_stop();
    CHECK(run("cp state/table table.old") == 0);
    expect(loop, "", "");
    work(loop, 1);
    save_and_stop();
    CHECK(run("chattr -i state/table && dd if=table.old of=state/table bs=1M conv=notrunc,fsync") == 0);
    expect(loop, "FOREIGN_WRITE", "mount count");
    end_scene();

    scene(true);        /* no fingerprint is asked for here: the sequence tells */
    save_and_stop();
    CHECK(run("cp state/table table.old") == 0);
    expect(loop, "", "");
    refresh();
    save_and_stop();
    CHECK(run("chattr -i state/table && dd if=table.old of=state/table bs=1M conv=notrunc,fsync") == 0);
    expect(loop, "TABLE_REPLACED", "old copy");
    end_scene();

    scene(false);
    save_and_stop();
    CHECK(run("chattr -i state/table && printf '\\377' | dd of=state/table bs=1 seek=270400 conv=notrunc,fsync") == 0);
    expect(loop, "TABLE_CORRUPT", "wrong checksum");
    end_scene();
}

/* The device reads from another place from now on, where a copy lies: no write, no other size, no other content to be found. */
static void move_what_lies_beneath(void)
{
    struct loop_info64 info;

    CHECK(run("truncate -s 640M disk.img && dd if=disk.img of=disk.img bs=1M count=320 seek=320 conv=notrunc,fsync") == 0);
    int fd = open(loop, O_RDWR | O_CLOEXEC);
    CHECK(fd >= 0 && ioctl(fd, LOOP_GET_STATUS64, &info) == 0);
    info.lo_offset = 320 << 20;
    CHECK(ioctl(fd, LOOP_SET_STATUS64, &info) == 0);
    close(fd);
}

/* Nobody asked between that and the save, and the next boot could not find it any more. */
static void the_last_save_audits(void)
{
    scene(false);
    move_what_lies_beneath();
    save_and_stop();
    expect(loop, "MAPPING_CHANGED", "");
    end_scene();
}

static enum { LIVE, BEFORE_UNLINK, AFTER_UNLINK } death;

int __real_unlink(const char *path);
int __wrap_unlink(const char *path)
{
    if (death == BEFORE_UNLINK)
        raise(SIGKILL);
    int result = __real_unlink(path);
    if (death == AFTER_UNLINK)
        raise(SIGKILL);
    return result;
}

/* The one step that can't be taken back is the old epoch's unlinking: on both sides of it the record is unknown. */
static void a_killed_new_series_is_still_unknown(void)
{
    for (int point = BEFORE_UNLINK; point <= AFTER_UNLINK; point++) {
        const uint8_t killed[CHANGE_ID_BYTES] = { (uint8_t)point }, again[CHANGE_ID_BYTES] = { (uint8_t)point, 1 };
        uint64_t marked, bits[MAX_WORDS];
        struct tracker *tracker;
        struct bt_meta meta;
        struct fault fault;
        int status;

        scene(false);
        pid_t child = fork();
        if (child == 0) {
            CHECK_OK(tracker_open(&tracker, &instance, false, &fault), &fault);
            tracker_distrust(tracker, 0, "AUDIT_MISMATCH", "made up");
            death = point;
            checkpoint_new_series(tracker, 0, killed, &fault);
            _exit(0);
        }
        CHECK(waitpid(child, &status, 0) == child && WIFSIGNALED(status));
        CHECK(look(loop, &meta, &marked, bits));
        CHECK(strcmp(meta.reason, "AUDIT_MISMATCH") == 0);
        CHECK_OK(tracker_open(&tracker, &instance, false, &fault), &fault);
        CHECK_OK(checkpoint_new_series(tracker, 0, again, &fault), &fault);
        CHECK(!tracker_meta(tracker, 0)->reason[0] && memcmp(tracker_meta(tracker, 0)->epoch, again, sizeof again) == 0);
        tracker_close(tracker);
        end_scene();
    }
}

/* What a program counts that saw a command, and marked the write that it is, or does not know it. */
static void count_a_command(uint32_t disk_index, bool marked)
{
    struct bt_counters *each = calloc((size_t)libbpf_num_possible_cpus(), sizeof *each);
    char pin[PATH_MAX];

    snprintf(pin, sizeof pin, "%s/counters", instance.pin_dir);
    int counters = bpf_obj_get(pin);
    CHECK(counters >= 0 && each && bpf_map_lookup_elem(counters, &disk_index, each) == 0);
    each->passthrough_seen++;
    each->passthrough_marked += marked;
    each->passthrough_unknown += !marked;
    CHECK(bpf_map_update_elem(counters, &disk_index, each, BPF_ANY) == 0);
    close(counters);
    free(each);
}

/* A passthrough write on this disk: no accounts tell that it is under way. */
static void make_up_a_command(struct tracker *tracker, uint64_t sector)
{
    struct bt_disk *disk = slot_disk(tracker, 0);

    CHECK(disk && disk->tag_count > 0);
    count_a_command(disk->index, true);
    tracker->tags[disk->tag_base] = sector << BT_HELD_BITS | 1;
}

static void a_command_under_way_is_carried(void)
{
    struct checkpoint_request request = { .change_id = { 1 }, .freeze = true };
    struct checkpoint_result result;
    uint64_t words[MAX_WORDS];
    struct tracker *tracker;
    struct fault fault;

    scene(false);
    CHECK_OK(tracker_open(&tracker, &instance, false, &fault), &fault);
    make_up_a_command(tracker, 100 * GRANULE_BYTES / SECTOR_BYTES);
    CHECK_OK(checkpoint_take(tracker, 0, &request, &result, &fault), &fault);
    CHECK_OK(read_live(tracker, 0, BT_DATA, words, &fault), &fault);
    CHECK(words[100 / 64] >> 100 % 64 & 1);
    tracker_close(tracker);
    end_scene();
}

/* What a helper leaves behind that was killed while it removed a volume: the next one goes on. */
static void a_volume_that_no_program_finds_is_none(void)
{
    struct tracker *tracker;
    struct fault fault;

    scene(false);
    CHECK_OK(tracker_open(&tracker, &instance, false, &fault), &fault);
    CHECK(tracker_meta(tracker, 0));
    slot_disk(tracker, 0)->first_volume = BT_NONE;
    tracker_close(tracker);
    CHECK_OK(tracker_open(&tracker, &instance, false, &fault), &fault);
    CHECK(!tracker_meta(tracker, 0));
    tracker_close(tracker);
    end_scene();
}

/* The bits that the table's pages hold, dirty as it is. */
static void table_bits(enum bt_kind kind, uint64_t words[MAX_WORDS])
{
    char path[300];
    struct medium *medium;
    struct table table;
    struct fault fault;

    store_path(&instance, path, sizeof path);
    CHECK_OK(medium_by_file(&medium, path, false, &fault), &fault);
    CHECK_OK(table_open(&table, medium, NULL, &fault), &fault);
    for (uint32_t index = 0; index < table.header.entry_count; index++) {
        const struct table_entry *entry = &table.entries[index];
        if (!(entry->flags & ENTRY_IN_USE))
            continue;
        uint64_t *data = page_alloc(entry->bitmap_bytes), *discard = page_alloc(entry->bitmap_bytes);
        CHECK_OK(table_read_bitmaps(&table, entry, data, discard, &fault), &fault);
        memcpy(words, kind == BT_DATA ? data : discard, MAX_WORDS * sizeof *words);
        free(data);
        free(discard);
    }
    table_close(&table);
    medium_close(medium);
}

static void mark_and_refresh(int word, bool new_epoch)
{
    uint64_t plain[MAX_WORDS] = { 0 }, id[2] = { (uint64_t)word, 1 }, pages;
    struct tracker *tracker;
    struct fault fault;

    plain[word] = 1;
    CHECK_OK(tracker_open(&tracker, &instance, false, &fault), &fault);
    if (new_epoch)
        CHECK_OK(checkpoint_new_series(tracker, 0, (const uint8_t *)id, &fault), &fault);
    CHECK_OK(merge_live(tracker, 0, BT_DATA, plain, &fault), &fault);
    CHECK_OK(table_refresh(tracker, &instance, &pages, &fault), &fault);
    tracker_close(tracker);
}

/* As many bits as before, but others: the count alone would not tell. */
static void a_checkpoint_between_two_refreshes(void)
{
    uint64_t bits[MAX_WORDS];

    scene(true);
    mark_and_refresh(70, true);
    table_bits(BT_DATA, bits);
    CHECK(bits[70] == 1);
    mark_and_refresh(71, true);
    table_bits(BT_DATA, bits);
    CHECK(bits[70] == 0 && bits[71] == 1);
    mark_and_refresh(72, false);
    table_bits(BT_DATA, bits);
    CHECK(bits[71] == 1 && bits[72] == 1);
    end_scene();
}

static bool table_has_discard(int megabyte)
{
    uint64_t bits[MAX_WORDS], granule = (uint64_t)megabyte * (1 << 20) / GRANULE_BYTES;

    table_bits(BT_DISCARD, bits);
    return bits[granule / 64] >> granule % 64 & 1;
}

static void discard(int megabyte)
{
    CHECK(run("blkdiscard -f -o %dM -l 1M %s", megabyte, loop) == 0);
}

/* A save looks at the discards only where the disk's counters say that there were some. */
static void no_discard_is_passed_over(void)
{
    scene(false);
    discard(200);
    save_and_stop();
    CHECK(table_has_discard(200));
    expect(loop, "", "");
    save_and_stop();
    CHECK(table_has_discard(200) && !table_has_discard(210));
    expect(loop, "", "");
    discard(210); /* the first since a start */
    refresh();
    CHECK(table_has_discard(200) && table_has_discard(210));
    work(loop, 1);
    refresh();
    discard(220); /* after a refresh that passed them over */
    save_and_stop();
    CHECK(table_has_discard(200) && table_has_discard(210) && table_has_discard(220));
    expect(loop, "", "");
    end_scene();
}

/* As where /var was moved and a start takes the table that lies hidden beneath it: the discards went to the other one. */
static void discards_that_another_copy_of_the_table_has_are_written(void)
{
    scene(false);
    refresh();
    CHECK(run("cp state/table table.old") == 0);
    discard(210);
    refresh();
    CHECK(table_has_discard(210));
    CHECK(run("chattr -i state/table; dd if=table.old of=state/table bs=1M conv=notrunc,fsync") == 0);
    CHECK(!table_has_discard(210));
    save_and_stop();
    CHECK(table_has_discard(210));
    end_scene();
}

static const char *boot_id;     /* NULL: the kernel's */

int __real_sysfs_text(char *value, size_t size, const char *format, ...);
int __wrap_sysfs_text(char *value, size_t size, const char *format, ...)
{
    char path[PATH_MAX];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(path, sizeof path, format, arguments);
    va_end(arguments);
    if (!boot_id || strcmp(path, "/proc/sys/kernel/random/boot_id") != 0)
        return __real_sysfs_text(value, size, "%s", path);
    return snprintf(value, size, "%s", boot_id);
}

/* What another boot has: its id, an empty run folder, and a device whose accounts begin at zero. */
static void reboot_as(const char *id)
{
    int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC), number = atoi(loop + strlen("/dev/loop"));

    boot_id = id;
    CHECK(run("rm -rf state/run; losetup -d %s", loop) == 0);
    usleep(200000);
    CHECK(control >= 0 && ioctl(control, LOOP_CTL_REMOVE, number) >= 0 && ioctl(control, LOOP_CTL_ADD, number) >= 0);
    close(control);
    CHECK(run("losetup %s disk.img", loop) == 0);
}

/* The table lies on a file system that is mounted read-write: whether another boot wrote to it can't be told, and nothing else would tell. */
static void without_a_known_home_nobody_is_trusted_while_offline(void)
{
    scene_on("mkfs.vfat", true);
    save_and_stop();
    reboot_as("00000000-0000-0000-0000-000000000002");
    expect(loop, "OFFLINE_WRITES_UNDETECTABLE", "perhaps the file system of the tracking table");
    boot_id = NULL;
    end_scene();
}

static void write_beneath(int megabyte)
{
    CHECK(run("printf x | dd of=%s bs=1 seek=%dM conv=fsync,notrunc", loop, megabyte) == 0);
}

static const char *vm_generation;   /* 16 characters; NULL: the kernel shows none, as without the module */

FILE *__real_fopen(const char *path, const char *mode);
FILE *__wrap_fopen(const char *path, const char *mode)
{
    static char blob[56];

    if (!vm_generation || strcmp(path, "/sys/firmware/qemu_fw_cfg/by_name/etc/vmgenid_guid/raw") != 0)
        return __real_fopen(path, mode);
    memcpy(blob + 40, vm_generation, 16);
    return fmemopen(blob, sizeof blob, "r");
}

/* The early boot may lack the module that shows it; where it has it, a machine that was set back is found. */
static void the_vm_generation_is_compared_where_both_sides_know_it(void)
{
    scene(false);
    vm_generation = "generation-one--";
    save_and_stop();            /* enabled in this boot: nobody knows yet what a start can read */
    vm_generation = NULL;
    expect(loop, "", "");
    end_scene();

    scene(false);
    save_and_stop();
    expect(loop, "", "");       /* a boot image without the module */
    vm_generation = "generation-one--";
    save_and_stop();
    vm_generation = NULL;
    expect(loop, "", "");
    save_and_stop();
    vm_generation = "generation-one--";
    expect(loop, "", "");       /* from here on with it */
    save_and_stop();
    expect(loop, "", "");
    save_and_stop();
    vm_generation = "generation-two--";
    expect(loop, "FOREIGN_WRITE", "vm generation id");
    vm_generation = NULL;
    end_scene();
}

static bool dies_at_the_attach;

int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to)
{
    if (dies_at_the_attach && strstr(to, "/fingerprints/"))
        raise(SIGKILL);
    return __real_rename(from, to);
}

/* What was found at an earlier attach in that slot says nothing about this one. */
static void a_start_that_was_killed_is_not_judged_by_the_one_before(void)
{
    struct fault fault;

    scene(false);
    save_and_stop();
    expect(loop, "", "");
    save_and_stop();
    write_beneath(200);
    dies_at_the_attach = true;
    CHECK(start(&fault) != 0);
    dies_at_the_attach = false;
    expect(loop, "START_FAILED", "fingerprint at the attach is not there");
    end_scene();
}

static void keep_accounts(int on)
{
    CHECK(run("echo %d >/sys/block/%s/queue/iostats", on, loop + strlen("/dev/")) == 0);
}

/* Of a volume without a fingerprint only the accounts could tell. */
static void a_blind_volume_without_accounts_is_unknown(void)
{
    scene_on("mkfs.vfat", true);
    save_and_stop();
    keep_accounts(0);
    write_beneath(200);
    expect(loop, "WRITE_BEFORE_ATTACH", "keeps no accounts");
    keep_accounts(1);
    end_scene();

    scene_on("mkfs.vfat", true);
    keep_accounts(0);
    save_and_stop();
    write_beneath(200);
    keep_accounts(1);
    expect(loop, "WRITE_BEFORE_ATTACH", "when it was saved");
    end_scene();

    scene_on("mkfs.vfat", true);
    save_and_stop();
    CHECK(run("rm -rf state/run") == 0);
    boot_id = "00000000-0000-0000-0000-000000000004";      /* the loop device's accounts go on from its earlier use */
    write_beneath(200);
    expect(loop, "WRITE_BEFORE_ATTACH", "sectors written 0 ->");
    boot_id = NULL;
    end_scene();
}

/* It is tracked, without a word on what it was when tracking began: the entry of the boot before must not stay as it is. */
static void what_could_not_be_looked_at_stays_unknown(void)
{
    struct fault fault;

    scene(false);
    save_and_stop();
    CHECK(run("rm -r state/run/fingerprints; touch state/run/fingerprints") == 0);
    expect(loop, "START_FAILED", "fingerprints");
    CHECK(run("rm state/run/fingerprints") == 0);
    write_beneath(200);
    CHECK_OK(clear_dirtyflag(&instance, &fault), &fault);
    stop();
    reboot_as("00000000-0000-0000-0000-000000000003");
    expect(loop, "START_FAILED", "fingerprints");
    boot_id = NULL;
    end_scene();
}

static void other_file_systems(void)
{
    static const char *const makers[] = { "mkfs.xfs -q", "mkfs.btrfs -q", "mkfs.ext2 -q -F" };

    for (size_t maker = 0; maker < sizeof makers / sizeof *makers; maker++) {
        printf("  %s\n", makers[maker]);
        scene_on(makers[maker], false);
        save_and_stop();
        expect(loop, "", "");
        work(loop, 2);
        save_and_stop();
        expect(loop, "", "");
        save_and_stop();
        work(loop, 1);
        expect(loop, "FOREIGN_WRITE", "");
        end_scene();
    }
    scene_on("mkfs.vfat", false);
    save_and_stop();
    expect(loop, "OFFLINE_WRITES_UNDETECTABLE", "fat");
    end_scene();
    scene_on("mkfs.vfat", true);
    save_and_stop();
    expect(loop, "", "");
    end_scene();
}

static void expect_writable(void)
{
    struct fault fault;

    CHECK(clear_dirtyflag(&instance, &fault) && strcmp(fault.name, "STILL_WRITABLE") == 0 && fault.status == STATUS_REFUSED);
    printf("  %s\n", fault.message);
}

/* As a container's mount: in a namespace of its own, on nobody else's list. Until it is killed. */
static pid_t mount_elsewhere(void)
{
    int ready[2];
    char told;

    CHECK(pipe(ready) == 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        if (unshare(CLONE_NEWNS) == 0 && run("mount %s mnt", loop) == 0 && write(ready[1], "!", 1) == 1)
            pause();
        _exit(1);
    }
    close(ready[1]);
    CHECK(read(ready[0], &told, 1) == 1);
    close(ready[0]);
    return child;
}

static void who_may_write_is_found(void)
{
    char above[32], other[32];

    scene(false);
    pid_t child = mount_elsewhere();
    expect_writable();
    CHECK(kill(child, SIGKILL) == 0 && waitpid(child, NULL, 0) == child);
    usleep(200000); /* the last process of a namespace takes its mounts along, in its own time */

    attach_loop(loop, above); /* which no mount of the volume's, and no holder, shows */
    CHECK(run("mount %s mnt", above) == 0);
    expect_writable();
    CHECK(run("umount mnt && losetup -d %s", above) == 0);

    CHECK(run("truncate -s 320M other.img") == 0);
    attach_loop("other.img", other);
    CHECK(run("mkfs.btrfs -q -f %s %s && mount %s mnt", other, loop, other) == 0);
    expect_writable();
    CHECK(run("umount mnt && losetup -d %s; rm -f other.img", other) == 0);
    end_scene();

    scene(false);
    int alone = open(loop, O_RDWR | O_EXCL | O_CLOEXEC);
    CHECK(alone >= 0);
    save_and_stop();
    close(alone);
    expect(loop, "STILL_WRITABLE", "for itself");
    end_scene();
}

static bool is_marked(int megabyte)
{
    uint64_t marked, words[MAX_WORDS], granule = (uint64_t)megabyte * (1 << 20) / GRANULE_BYTES;
    struct bt_meta meta;

    CHECK(look(loop, &meta, &marked, words));
    return words[granule / 64] >> granule % 64 & 1;
}

/* Written, and not submitted before somebody flushes: the page cache stays for as long as the device is open. */
static void write_to_page_cache(int fd, int megabyte)
{
    CHECK(fd >= 0 && pwrite(fd, "later", 5, (off_t)megabyte << 20) == 5);
}

static void what_waits_in_a_page_cache_is_saved(void)
{
    char above[32];

    scene(false);
    attach_loop(loop, above);
    int fd = open(loop, O_RDWR | O_CLOEXEC), fd_above = open(above, O_RDWR | O_CLOEXEC);
    write_to_page_cache(fd, 200);
    write_to_page_cache(fd_above, 210);
    CHECK(!is_marked(200) && !is_marked(210));
    struct fault fault;
    CHECK_OK(clear_dirtyflag(&instance, &fault), &fault);
    CHECK(is_marked(200) && is_marked(210));
    close(fd);
    close(fd_above);
    stop();
    CHECK(run("losetup -d %s", above) == 0);
    usleep(200000);
    expect(loop, "", "");
    CHECK(is_marked(200) && is_marked(210));
    end_scene();
}

/* What becomes of a save's flush: of the tracked volume's, or of the table's which come after it. */
static enum { ALL_GO_WELL, VOLUME_FAILS, COMMAND_AFTER_AUDIT, MARK_FAILS } flush;
static int table_flushes = -1;  /* since the volume's; negative: that has not come yet */

enum { OF_THE_ENTRIES = 1, OF_THE_CLEAN_MARK = 3 };

int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd)
{
    struct stat status, volume;
    bool is_volume = flush != ALL_GO_WELL && fstat(fd, &status) == 0 && stat(loop, &volume) == 0 && S_ISBLK(status.st_mode) && status.st_rdev == volume.st_rdev;
    int result = __real_fdatasync(fd);

    table_flushes = is_volume ? 0 : table_flushes < 0 ? table_flushes : table_flushes + 1;
    if (flush == COMMAND_AFTER_AUDIT && table_flushes == OF_THE_ENTRIES) {
        count_a_command(0, false);
        flush = ALL_GO_WELL;
    }
    if ((flush == VOLUME_FAILS && is_volume) || (flush == MARK_FAILS && table_flushes == OF_THE_CLEAN_MARK)) {
        errno = EIO;
        result = -1;
    }
    return result;
}

static void flushes_are(int what)
{
    flush = what;
    table_flushes = -1;
}

static void a_clean_mark_that_failed_is_taken_back(void)
{
    struct table_report report = { 0 };
    struct fault fault;

    scene(false);
    flushes_are(MARK_FAILS);
    CHECK(clear_dirtyflag(&instance, &fault) && strcmp(fault.name, "TABLE_WRITE_FAILED") == 0 && table_flushes >= OF_THE_CLEAN_MARK);
    flushes_are(ALL_GO_WELL);
    table_state(&instance, &report);
    CHECK(strcmp(report.state, "dirty") == 0);
    end_scene();
}

static void an_unknown_command_after_the_last_audit_is_found(void)
{
    scene(false);
    flushes_are(COMMAND_AFTER_AUDIT);
    save_and_stop();
    flushes_are(ALL_GO_WELL);
    expect(loop, "PASSTHROUGH_COMMAND", "passthrough commands");
    end_scene();
}

static void what_cannot_be_flushed_is_not_vouched_for(void)
{
    scene(false);
    flushes_are(VOLUME_FAILS);
    save_and_stop();
    flushes_are(ALL_GO_WELL);
    expect(loop, "VOLUME_MISSING", "may not be on the disk");
    end_scene();
}

static void a_late_volume_is_merged_by_the_next_start(void)
{
    struct bt_meta meta;
    uint64_t marked, bits[MAX_WORDS], before, bits_before[MAX_WORDS];
    struct fault fault;

    scene(false);
    CHECK(look(loop, &meta, &before, bits_before));
    save_and_stop();
    CHECK(run("losetup -d %s", loop) == 0);
    usleep(200000);
    CHECK_OK(start(&fault), &fault);
    attach_loop("disk.img", loop);
    expect(loop, "", "");
    CHECK(look(loop, &meta, &marked, bits));
    for (int word = 0; word < MAX_WORDS; word++)
        CHECK((bits_before[word] & ~bits[word]) == 0);
    end_scene();
}

/* A tracked file system with the table on it, mounted. */
static void scene_with_table_inside(void)
{
    struct fault fault;
    char state[PATH_MAX];

    CHECK(run("truncate -s 128M disk.img && mkfs.ext4 -q -F disk.img") == 0);
    attach_loop("disk.img", loop);
    CHECK(run("mount %s mnt && mkdir mnt/state", loop) == 0);
    snprintf(state, sizeof state, "%s/mnt/state", folder);
    CHECK_OK(instance_locate(&instance, state, &fault), &fault);
    snprintf(instance.run_dir, sizeof instance.run_dir, "%s/run", folder);
    CHECK_OK(enable(loop, false, &fault), &fault);
}

/* The table on the tracked file system itself, saved by address while that is read-only: a root volume. */
static void the_table_on_its_own_volume(void)
{
    struct bt_meta meta;
    struct fault fault;
    struct table_report report = { 0 };
    uint64_t marked, bits[MAX_WORDS], again, bits_again[MAX_WORDS];

    scene_with_table_inside();
    table_state(&instance, &report);
    CHECK(report.writable_by_address);
    CHECK(run("dd if=/dev/urandom of=mnt/f bs=1M count=3 conv=fsync") == 0);
    refresh();
    CHECK(run("mount -o remount,ro mnt") == 0);
    CHECK(look(loop, &meta, &marked, bits));
    CHECK_OK(clear_dirtyflag(&instance, &fault), &fault);
    table_state(&instance, &report);
    CHECK(strcmp(report.state, "clean") == 0);
    stop();
    expect(loop, "", "");
    CHECK(look(loop, &meta, &again, bits_again));
    for (int word = 0; word < MAX_WORDS; word++)
        CHECK((bits[word] & ~bits_again[word]) == 0);
    CHECK_OK(clear_dirtyflag(&instance, &fault), &fault);
    stop();
    /* Now as in the early boot: nothing mounted, early.conf leads. */
    CHECK(run("cp mnt/state/early.conf . && umount mnt && mkdir early && cp early.conf early/") == 0);
    struct instance mounted = instance;
    snprintf(instance.state_dir, sizeof instance.state_dir, "%s/early", folder);
    struct start_options options = { .early = true };
    CHECK_OK(start_tracking(&instance, &options, &fault), &fault);
    CHECK(look(loop, &meta, &again, bits_again));
    printf("  early: %s %s\n", meta.reason[0] ? meta.reason : "COMPLETE", meta.evidence);
    CHECK(meta.reason[0] == 0);
    for (int word = 0; word < MAX_WORDS; word++)
        CHECK((bits[word] & ~bits_again[word]) == 0);
    CHECK(run("mount %s mnt", loop) == 0);
    instance = mounted;
    table_state(&instance, &report);
    CHECK(strcmp(report.state, "dirty") == 0);
    refresh();
    CHECK(run("mount -o remount,ro mnt") == 0);
    CHECK_OK(clear_dirtyflag(&instance, &fault), &fault);
    stop();
    CHECK(run("umount mnt; mount %s mnt", loop) == 0);
    run("chattr -i mnt/state/table");
    end_scene();
    run("rm -rf early run early.conf");
}

/* As a file system would leave it that was resized offline: the header is where early.conf says, and an entry's place is somebody else's. */
static void what_is_no_entry_is_not_written_over(void)
{
    struct early *early = calloc(1, sizeof *early);
    char foreign[TABLE_ENTRY_BYTES], found[TABLE_ENTRY_BYTES];
    struct fault fault;

    scene_with_table_inside();
    CHECK_OK(early_read(&instance, early, &fault), &fault);
    stop();
    CHECK(run("cp mnt/state/early.conf . && umount mnt && mkdir early && cp early.conf early/") == 0);
    memset(foreign, 'F', sizeof foreign);
    off_t place = (off_t)(early->extents.extent[0].device_offset + TABLE_DIRECTORY_OFFSET + 3 * TABLE_ENTRY_BYTES);
    int fd = open(loop, O_RDWR | O_CLOEXEC);
    CHECK(fd >= 0 && pwrite(fd, foreign, sizeof foreign, place) == sizeof foreign && fsync(fd) == 0);
    close(fd);
    snprintf(instance.state_dir, sizeof instance.state_dir, "%s/early", folder);
    struct start_options options = { .early = true };
    CHECK(start_tracking(&instance, &options, &fault) && strcmp(fault.name, "TABLE_CORRUPT") == 0);
    printf("  %s\n", fault.message);
    fd = open(loop, O_RDONLY | O_CLOEXEC);
    CHECK(fd >= 0 && posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED) == 0 && pread(fd, found, sizeof found, place) == sizeof found);
    close(fd);
    CHECK(memcmp(foreign, found, sizeof found) == 0);
    free(early);
    end_scene();
    run("rm -rf early run early.conf");
}

static unsigned int file_system_is;     /* the magic number of one that this machine may not have; 0: as it is */

int __real_fstatfs(int fd, struct statfs *status);
int __wrap_fstatfs(int fd, struct statfs *status)
{
    int result = __real_fstatfs(fd, status);

    if (file_system_is)
        status->f_type = file_system_is;
    return result;
}

static void a_file_system_that_moves_blocks_is_not_written_by_address(void)
{
    struct table_report report = { 0 };

    file_system_is = F2FS_SUPER_MAGIC;
    scene(false);
    table_state(&instance, &report);
    printf("  %s\n", report.reason);
    CHECK(!report.writable_by_address && strstr(report.reason, "may move its blocks"));
    file_system_is = 0;
    end_scene();
}

static void the_table_grows(void)
{
    struct fault fault;
    char device[40][32];
    struct bt_meta meta;
    uint64_t marked, bits[MAX_WORDS];

    CHECK(run("mkdir state") == 0);
    char state[PATH_MAX];
    snprintf(state, sizeof state, "%s/state", folder);
    CHECK_OK(instance_locate(&instance, state, &fault), &fault);
    for (int index = 0; index < 20; index++) {
        char file[32];
        snprintf(file, sizeof file, "many%d.img", index);
        CHECK(run("truncate -s 16M %s && mkfs.ext4 -q -F %s", file, file) == 0);
        attach_loop(file, device[index]);
        CHECK_OK(enable(device[index], false, &fault), &fault);
        CHECK(run("mount %s mnt && dd if=/dev/urandom of=mnt/f bs=64k count=9 conv=fsync; umount mnt", device[index]) == 0);
    }
    save_and_stop();
    CHECK_OK(start(&fault), &fault);
    for (int index = 0; index < 20; index++) {
        CHECK(look(device[index], &meta, &marked, bits));
        CHECK(meta.reason[0] == 0 && marked >= 9);
    }
    for (int index = 0; index < 20; index++)
        run("losetup -d %s; rm many%d.img", device[index], index);
    snprintf(loop, sizeof loop, "none");
    end_scene();
}

static bool able(void)
{
    struct tracker *tracker;
    struct fault fault;
    char state[PATH_MAX];

    CHECK(run("mkdir probe mnt") == 0);
    snprintf(state, sizeof state, "%s/probe", folder);
    CHECK_OK(instance_locate(&instance, state, &fault), &fault);
    if (tracker_open(&tracker, &instance, true, &fault)) {
        printf("skipped: %s: %s\n", fault.name, fault.message);
        return false;
    }
    tracker_close(tracker);
    tracker_destroy(&instance, &fault);
    if (run("losetup -f") != 0) {
        printf("skipped: no loop devices\n");
        return false;
    }
    return true;
}

int main(void)
{
    CHECK(mkdtemp(folder));
    /* Mounts of our own: a copy of them in somebody's new namespace would keep the devices busy. */
    if (unshare(CLONE_NEWNS) == 0)
        CHECK(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (able()) {
        clean_stop_and_start_keep_every_bit();
        each_doubt_has_its_reason();
        the_last_save_audits();
        a_killed_new_series_is_still_unknown();
        a_command_under_way_is_carried();
        a_volume_that_no_program_finds_is_none();
        a_checkpoint_between_two_refreshes();
        no_discard_is_passed_over();
        discards_that_another_copy_of_the_table_has_are_written();
        without_a_known_home_nobody_is_trusted_while_offline();
        the_vm_generation_is_compared_where_both_sides_know_it();
        a_blind_volume_without_accounts_is_unknown();
        a_start_that_was_killed_is_not_judged_by_the_one_before();
        what_could_not_be_looked_at_stays_unknown();
        other_file_systems();
        who_may_write_is_found();
        what_waits_in_a_page_cache_is_saved();
        what_cannot_be_flushed_is_not_vouched_for();
        an_unknown_command_after_the_last_audit_is_found();
        a_clean_mark_that_failed_is_taken_back();
        a_late_volume_is_merged_by_the_next_start();
        the_table_on_its_own_volume();
        what_is_no_entry_is_not_written_over();
        a_file_system_that_moves_blocks_is_not_written_by_address();
        the_table_grows();
    }
    return run("rm -rf %s", folder);
}
