/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fingerprints of real file systems and headers, made by their own tools on files: what a mount changes must show, what
 * nobody touched must not. Needs root and loop devices for the mounts; without them those checks are reported as skipped.
 */
#include <fcntl.h>
#include <stdarg.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "volume/fingerprint.h"

static char folder[] = "/var/tmp/blktrack-fingerprint-XXXXXX";
static char image[128];

__attribute__((format(printf, 1, 2))) static int run(const char *format, ...)
{
    char command[1024];
    va_list arguments;

    va_start(arguments, format);
    int length = snprintf(command, sizeof command, "exec >/dev/null 2>&1; ");
    vsnprintf(command + length, sizeof command - (size_t)length, format, arguments);
    va_end(arguments);
        int status = system(command);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool have(const char *tool)
{
    bool there = run("command -v %s", tool) == 0;

    if (!there)
        printf("skipped: %s is not installed\n", tool);
    return there;
}

static struct fingerprint *take(void)
{
    struct fingerprint *fingerprint = malloc(sizeof *fingerprint);
    struct fault fault;
    int fd = open(image, O_RDONLY | O_DIRECT);

    CHECK(fd >= 0);
    CHECK_OK(fingerprint_take(fingerprint, fd, (uint64_t)lseek(fd, 0, SEEK_END), 0, "test:1", &fault), &fault);
    close(fd);
    return fingerprint;
}

static void new_image(const char *size)
{
    unlink(image);
    CHECK(run("truncate -s %s %s", size, image) == 0);
}

/* Compares, says the evidence, and frees both. */
static int compare(struct fingerprint *before, struct fingerprint *after, const char *what)
{
    char evidence[512];
    int differs = fingerprint_compare(before->text, before->length, after->text, after->length, evidence, sizeof evidence);

    printf("  %s: %s\n", what, differs ? evidence : "the same");
    free(before);
    free(after);
    return differs;
}

static bool can_mount(void)
{
    static int able = -1;

    if (able < 0) {
        new_image("16M");
        able = run("mkfs.ext2 -q %s", image) == 0 && run("mount -o loop,ro %s %s/mnt", image, folder) == 0;
        if (able)
            CHECK(run("umount %s/mnt", folder) == 0);
        else
            printf("skipped: mounts (no root, or no loop devices)\n");
    }
    return able;
}

static void mount_once(const char *options, const char *work)
{
    CHECK(run("mount -o loop,%s %s %s/mnt", options, image, folder) == 0);
    CHECK(run("cd %s/mnt && %s; cd /; sync; umount %s/mnt", folder, work, folder) == 0);
}

static void file_system(const char *kind, const char *make, const char *size, bool rw_mount_alone_writes)
{
    new_image(size);
    if (!have(make))
        return;
    CHECK(run("%s -q %s", make, image) == 0);
    printf("%s\n", kind);
    struct fingerprint *first = take();
    CHECK(first->opaque[0] == 0 && first->changed_count > 0);
    CHECK(compare(first, take(), "untouched") == 0);
    if (!can_mount())
        return;
    new_image(size);
    CHECK(run("%s -q %s", make, image) == 0);
    first = take();
    mount_once("rw", "true");
    int differs = compare(first, take(), "mounted read-write");
    CHECK(differs || !rw_mount_alone_writes);
    first = take();
    mount_once("rw", "dd if=/dev/urandom of=file bs=64k count=9 conv=fsync");
    CHECK(compare(first, take(), "written") == 1);
    first = take();
    mount_once("rw", "dd if=/dev/urandom of=file bs=4k count=1 conv=notrunc,fsync");
    CHECK(compare(first, take(), "written again, one block in place") == 1);
    first = take();
    CHECK(run("cp --sparse=always %s %s.before", image, image) == 0);
    mount_once("ro", "true");
    bool written = run("cmp %s %s.before", image, image) != 0;      /* XFS may write its log and superblock: kernels differ */
    CHECK(compare(first, take(), written ? "mounted read-only, which wrote" : "mounted read-only") == written);
    CHECK(run("rm %s.before", image) == 0);
    CHECK(compare(take(), take(), "untouched") == 0);
}

static void opaque_kind(const char *kind, const char *tool, const char *command)
{
    if (!have(tool))
        return;
    new_image("64M");
    CHECK(run(command, image) == 0);
    struct fingerprint *fingerprint = take();
    printf("%s: opaque: %s\n", kind, fingerprint->opaque);
    CHECK(strcmp(fingerprint->opaque, kind) == 0);
    free(fingerprint);
}

static void partition_table(const char *label)
{
    char script[400];

    if (!have("sfdisk"))
        return;
    new_image("200M");
    snprintf(script, sizeof script, "printf 'label: %s\\nstart=2048,size=100000\\nstart=120000,size=20000\\n' | sfdisk -q %%s", label);
    CHECK(run(script, image) == 0);
    printf("%s\n", label);
    struct fingerprint *fingerprint = take();
    CHECK(strcmp(fingerprint->opaque, "partition 1 (unknown content)") == 0 || strstr(fingerprint->opaque, "partition 2"));
    free(fingerprint);
    CHECK(run("mkfs.ext4 -q -F -E offset=$((2048*512)) %s 50000k", image) == 0);
    CHECK(run("mkfs.ext4 -q -F -E offset=$((120000*512)) %s 10000k", image) == 0);
    struct fingerprint *before = take();
    CHECK(before->opaque[0] == 0);
    if (can_mount()) {
        CHECK(run("mount -o loop,offset=$((120000*512)),sizelimit=$((20000*512)) %s %s/mnt && umount %s/mnt", image, folder, folder) == 0);
        CHECK(compare(before, take(), "second partition mounted") == 1);
        before = take();
    }
    CHECK(run("printf x | dd of=%s bs=1 seek=300 conv=notrunc", image) == 0);
    CHECK(compare(before, take(), "boot code written") == 1);
    before = take();
    snprintf(script, sizeof script, "printf 'start=150000,size=4096\\n' | sfdisk -q -a %%s");
    CHECK(run(script, image) == 0);
    CHECK(compare(before, take(), "partition added") == 1);
}

static void put(uint64_t offset, const void *data, size_t length)
{
    int fd = open(image, O_WRONLY);

    CHECK(fd >= 0 && pwrite(fd, data, length, (off_t)offset) == (ssize_t)length);
    close(fd);
}

static void put_number(uint64_t offset, uint64_t value, size_t length)
{
    put(offset, &value, length);    /* little-endian */
}

/* Made by hand from the layouts, since their tools want device-mapper and md in the kernel. */
static void md_and_lvm_headers(void)
{
    static const uint64_t super = 4096, sector = 512, area = 4096;

    new_image("64M");
    put_number(super, 0xa92b4efc, 4);
    put_number(super + 4, 1, 4);
    put_number(super + 72, 1, 4);
    put_number(super + 144, super / 512, 8);
    put_number(super + 200, 17, 8);
    struct fingerprint *before = take();
    CHECK(before->opaque[0] == 0);
    put_number(super + 200, 18, 8);
    CHECK(compare(before, take(), "md raid1 assembled") == 1);
    put_number(super + 72, 0, 4);
    before = take();
    CHECK(strcmp(before->opaque, "md without redundancy") == 0);
    free(before);

    new_image("64M");
    put(sector, "LABELONE", 8);
    put_number(sector + 20, 32, 4);
    put(sector + 24, "LVM2 001", 8);
    put(sector + 32, "abcdefghijklmnopqrstuvwxyz012345", 32);
    put_number(sector + 72, 1 << 20, 8);            /* one data area, the list's end, one metadata area */
    put_number(sector + 104, area, 8);
    put_number(sector + 112, (1 << 20) - area, 8);
    put(area + 4, " LVM2 x[5A%r0N*>", 16);
    put_number(area + 32, (1 << 20) - area, 8);
    put_number(area + 40, 512, 8);
    put_number(area + 48, 25, 8);
    put(area + 512, "vg {\nid = \"x\"\nseqno = 12\n", 25);
    before = take();
    CHECK(strcmp(before->opaque, "lvm") == 0 && before->changed_count == 2);
    put(area + 512, "vg {\nid = \"x\"\nseqno = 13\n", 25);
    CHECK(compare(before, take(), "lvm metadata written") == 1);
}

/* Structures that claim more than there is must neither crash nor be taken for what they claim. */
static void nothing_points_outside(long turns)
{
    uint64_t seed = 11;
    uint8_t head[65536 + 4096], damaged[sizeof head];
    static const char *const makers[] = { "mkfs.ext4 -q %s", "mkfs.xfs -q -f %s", "mkfs.btrfs -q -f %s", "printf 'label: gpt\\nsize=9000\\nsize=9000\\n' | sfdisk -q %s",
                                          "pvcreate -ff -y --config 'devices{scan=\"/none\"}' %s", "printf 'label: dos\\nsize=9000\\ntype=5\\nsize=900\\nsize=900\\n' | sfdisk -q %s" };

    for (size_t maker = 0; maker < sizeof makers / sizeof *makers; maker++) {
        new_image("400M");
        if (run(makers[maker], image) != 0)
            continue;
        int fd = open(image, O_RDWR);
        CHECK(pread(fd, head, sizeof head, 0) == sizeof head);
        for (long turn = 0; turn < turns; turn++) {
            struct fingerprint *fingerprint = malloc(sizeof *fingerprint);
            struct fault fault;
            memcpy(damaged, head, sizeof head);
            for (uint64_t count = 1 + random_next(&seed) % 8; count > 0; count--) {
                uint64_t at = random_next(&seed) % (random_next(&seed) % 2 ? 4096 : sizeof head);
                damaged[at] = random_next(&seed) % 3 ? (uint8_t)random_next(&seed) : 0xff;
            }
            CHECK(pwrite(fd, damaged, sizeof damaged, 0) == sizeof damaged);
            fingerprint_take(fingerprint, fd, (400u << 20) - (turn % 5 ? 0 : 512 * (random_next(&seed) % 800000)), 0, "x", &fault);
            CHECK(fingerprint->length <= sizeof fingerprint->text);
            free(fingerprint);
        }
        close(fd);
    }
}

int main(int argc, char **argv)
{
    CHECK(mkdtemp(folder));
    /* Mounts of our own: a copy of them in somebody's new namespace would keep the devices busy. */
    if (unshare(CLONE_NEWNS) == 0)
        CHECK(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
    snprintf(image, sizeof image, "%s/image", folder);
    CHECK(run("mkdir %s/mnt", folder) == 0);
    can_mount();
    file_system("ext2", "mkfs.ext2", "64M", true);
    file_system("ext3", "mkfs.ext3", "64M", true);
    file_system("ext4", "mkfs.ext4", "64M", true);
    file_system("xfs", "mkfs.xfs", "320M", true);
    file_system("btrfs", "mkfs.btrfs", "128M", false);
    partition_table("gpt");
    partition_table("dos");
    opaque_kind("fat", "mkfs.vfat", "mkfs.vfat %s");
    opaque_kind("swap", "mkswap", "mkswap %s");
    opaque_kind("luks", "cryptsetup", "printf secret | cryptsetup luksFormat -q --type luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 1000 %s -");
    opaque_kind("luks", "cryptsetup", "printf secret | cryptsetup luksFormat -q --type luks1 --pbkdf-force-iterations 1000 %s -");
    md_and_lvm_headers();
    nothing_points_outside(argc > 1 ? atol(argv[1]) : 200);
    CHECK(run("rm -rf %s", folder) == 0);
    return 0;
}
