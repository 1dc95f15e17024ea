/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/support.h"

#include <bpf/btf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/sysfs.h"
#include "kernel/kernel.h"
#include "kernel/kernel_facts.h"

static void row(struct records *records, const char *check, const char *ok, const char *detail, const char *remedy)
{
    records_next(records);
    records_put(records, "check", "%s", check);
    records_put(records, "ok", "%s", ok);
    records_put(records, "detail", "%s", detail);
    records_put(records, "remedy", "%s", remedy);
}

static void check_marks(struct records *records, const struct btf *btf)
{
    if (geteuid() != 0)
        row(records, "marks", "warn", "only root can ask the kernel how it marks", "Run as root.");
    else if (kernel_layout(btf) == BT_BITS)
        row(records, "marks", "yes", "one bit a granule", "");
    else
        row(records, "marks", "warn", "one byte a granule: this kernel (before 5.13) lacks what BPF programs need to set single bits", "A newer kernel needs an eighth of the memory.");
}

/* Asks what is attached, where tracking goes on; else what could be. */
static void check_sizes(const struct instance *instance, struct records *records, const struct btf *btf)
{
    bool loaded = access(instance->pin_dir, F_OK) == 0;

    if (geteuid() != 0)
        row(records, "sizes", "warn", "only root can ask the kernel whether programs may watch its functions", "Run as root.");
    else if (loaded ? kernel_sees_sizes(instance->pin_dir) : kernel_watches_functions(btf))
        row(records, "sizes", "yes", "a disk that shrinks and grows again at once is noticed", "");
    else
        row(records, "sizes", "warn", "no program can watch the kernel's functions here: a disk that shrinks and grows again between two audits is not noticed",
            "Make a full backup after such a change. A newer kernel may do it (on ARM from 6.4 or so).");
}

static void check_btf(const struct instance *instance, struct records *records)
{
    struct bt_facts facts;
    struct fault fault;
    struct btf *btf = btf__load_vmlinux_btf();

    if (!btf) {
        row(records, "btf", "no", "the kernel carries no BTF (/sys/kernel/btf/vmlinux)", "Use a kernel built with CONFIG_DEBUG_INFO_BTF=y.");
        return;
    }
    if (kernel_facts_read(&facts, btf, &fault))
        row(records, "btf", "no", fault.message, fault.remedy);
    else if (kernel_argument(btf, "block_bio_queue", "bio") < 0 || kernel_argument(btf, "block_rq_issue", "request") < 0)
        row(records, "btf", "no", "the block layer's tracepoints are not described", "Please report the kernel's version.");
    else
        row(records, "btf", "yes", "the block layer's tracepoints and operations are described", "");
    check_marks(records, btf);
    check_sizes(instance, records, btf);
    btf__free(btf);
}

static void check_lockdown(struct records *records)
{
    char text[64];

    if (sysfs_text(text, sizeof text, "/sys/kernel/security/lockdown") < 0)
        row(records, "lockdown", "yes", "the kernel has no lockdown, or securityfs is not mounted", "");
    else if (strstr(text, "[confidentiality]"))
        row(records, "lockdown", "no", "lockdown=confidentiality forbids BPF programs that read kernel memory", "Boot with lockdown=integrity.");
    else
        row(records, "lockdown", "yes", text, "");
}

static void check_bpffs(struct records *records)
{
    struct statfs status;

    if (statfs("/sys/fs/bpf", &status) == 0 && (unsigned long)status.f_type == BPF_FS_MAGIC)
        row(records, "bpffs", "yes", "mounted on /sys/fs/bpf", "");
    else
        row(records, "bpffs", "warn", "the BPF file system is not mounted on /sys/fs/bpf", "blktrack mounts it when tracking starts.");
}

/* Opens the root file system's device as the last save will have to; what keeps it from that, or 0. */
static int open_root_device(void)
{
    char path[300], text[4096] = "";
    const char *name;
    struct stat root;

    if (stat("/", &root) || major(root.st_dev) == 0)
        return 0;       /* btrfs, overlay: the table finds its own place, and 'status' says which */
    snprintf(path, sizeof path, "/sys/dev/block/%u:%u/uevent", major(root.st_dev), minor(root.st_dev));
    if (sysfs_text(text, sizeof text, "%s", path) <= 0 || !(name = strstr(text, "DEVNAME=")))
        return 0;
    snprintf(path, sizeof path, "/dev/%.*s", (int)strcspn(name + 8, "\n"), name + 8);
    int fd = open(path, O_RDWR | O_DIRECT | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? 0 : errno;
    close(fd);
    return 0;
}

static void check_raw_writes(struct records *records)
{
    char text[4096];
    int cause = geteuid() == 0 ? open_root_device() : 0;

    if (sysfs_text(text, sizeof text, "/proc/cmdline") > 0 && strstr(text, "bdev_allow_write_mounted=0"))
        row(records, "table_by_address", "no", "bdev_allow_write_mounted=0: a mounted device can't be written by address", "Put the table on a partition of its own.");
    else if (cause) {
        snprintf(text, sizeof text, "the root file system's device can't be opened for writing: %s", strerror(cause));
        row(records, "table_by_address", cause == EBUSY ? "no" : "warn", text,
            cause == EBUSY ? "Put the table on a partition of its own." : "Run it where nothing, such as a container's rules, keeps it from that device.");
    } else
        row(records, "table_by_address", "yes", "a mounted device may be written by address", "");
}

void support_report(const struct instance *instance, struct records *records)
{
    struct utsname kernel;
    char text[256];

    uname(&kernel);
    snprintf(text, sizeof text, "%.64s %.64s", kernel.sysname, kernel.release);
    row(records, "kernel", "yes", text, "");
    row(records, "privilege", geteuid() == 0 ? "yes" : "no", geteuid() == 0 ? "root" : "not root", geteuid() == 0 ? "" : "Run as root.");
    check_btf(instance, records);
    check_bpffs(records);
    check_lockdown(records);
    check_raw_writes(records);
}
