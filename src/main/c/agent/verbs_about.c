/* SPDX-License-Identifier: Apache-2.0 */
/* Verbs: about this machine, a device, and the table. */
#include "agent/agent_request.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "agent/support.h"
#include "base/sysfs.h"
#include "base/text.h"
#include "table/persistence.h"
#include "tracker/audit.h"
#include "volume/mounts.h"

static const char *kind_of(const char *disk_name)
{
    static const struct { const char *prefix, *kind; } kinds[] = {
        {"loop", "loop"}, {"zram", "zram"}, {"dm-", "dm"}, {"md", "md"}, {"sd", "scsi"}, {"sr", "scsi"}, {"nvme", "nvme"}, {"vd", "virtio"},
        {"xvd", "xen"}, {"mmcblk", "mmc"}, {"bcache", "bcache"}, {"nbd", "nbd"}, {"ram", "ram"}, {"pmem", "pmem"},
    };

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (has_prefix(disk_name, kinds[i].prefix))
            return kinds[i].kind;
    return "other";
}

void put_device(struct records *reply, const struct device *device)
{
    records_put(reply, "device", "%s", device->path);
    records_put(reply, "disk", "%s", device->disk_name);
    records_put(reply, "dev", "%u:%u", DEV_MAJOR(device->dev), DEV_MINOR(device->dev));
    records_put(reply, "diskseq", "%llu", (unsigned long long)device->diskseq);
    records_put(reply, "sectors", "%llu", (unsigned long long)device->sector_count);
    records_put(reply, "start_sector", "%llu", (unsigned long long)device->start_sector);
    records_put(reply, "grade", "%s", grade_name(disk_grade(device->disk_name)));
    records_put(reply, "kind", "%s", kind_of(device->disk_name));
}

int verb_hello(struct agent *agent, const struct request_message *request, struct records *reply, struct fault *fault)
{
    struct kernel kernel;
    struct utsname name;
    char boot_id[64] = "";

    (void)request;
    uname(&name);
    sysfs_text(boot_id, sizeof boot_id, "/proc/sys/kernel/random/boot_id");
    int opened = kernel_open(&kernel, agent->instance.pin_dir, fault);
    if (opened < 0)
        return -1;
    records_put(reply, "protocol", "1");
    records_put(reply, "pin_dir", "%s", agent->instance.pin_dir);
    records_put(reply, "run_dir", "%s", agent->instance.run_dir);
    records_put(reply, "state_dir", "%s", agent->instance.state_dir);
    records_put(reply, "attached", "%d", opened == 0);
    records_put(reply, "boot_id", "%s", boot_id);
    records_put(reply, "kernel", "%s", name.release);
    if (opened == 0) {
        records_put(reply, "layout", "%s", kernel.layout == BT_BITS ? "bits" : "bytes");
        kernel_close(&kernel);
    }
    return 0;
}

int verb_support(struct agent *agent, const struct request_message *request, struct records *reply, struct fault *fault)
{
    (void)request;
    (void)fault;
    support_report(&agent->instance, reply);
    return 0;
}

int verb_probe(struct agent *agent, const struct request_message *request, struct records *reply, struct fault *fault)
{
    struct device device;
    struct mounts mounts;
    const char *path;
    char identity[IDENTITY_BYTES], text[2048] = "";
    struct fault ambiguous;

    (void)agent;
    if (request_need(request, "device", &path, fault) || device_open(&device, path, fault) || mounts_of(&mounts, device.dev, fault))
        return -1;
    put_device(reply, &device);
    if (volume_identity(identity, &device, &ambiguous))
        identity[0] = 0;
    records_put(reply, "identity", "%s", identity);
    records_put(reply, "zoned", "%s", device.zoned ? "yes" : "no");
    for (int i = 0; i < mounts.count; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i ? "\n" : "", mounts.at[i].path);
    records_put(reply, "mounts", "%s", text);
    return 0;
}

int verb_table_refresh(struct agent *agent, const struct request_message *request, struct records *reply, struct fault *fault)
{
    struct tracker *tracker;
    uint64_t pages = 0;

    (void)request;
    if (tracker_open(&tracker, &agent->instance, false, fault))
        return strcmp(fault->name, "NOT_TRACKING") == 0 ? 0 : -1;
    int failed = table_refresh(tracker, &agent->instance, &pages, fault);
    tracker_close(tracker);
    if (failed)
        return -1;
    records_put(reply, "pages_written", "%llu", (unsigned long long)pages);
    records_put(reply, "bytes", "%llu", (unsigned long long)pages * 4096);
    return 0;
}

int verb_table_state(struct agent *agent, const struct request_message *request, struct records *reply, struct fault *fault)
{
    struct table_report report = {0};

    (void)request;
    (void)fault;
    table_state(&agent->instance, &report);
    records_put(reply, "state", "%s", report.state);
    records_put(reply, "path", "%s", report.path);
    records_put(reply, "uuid", "%s", report.uuid);
    records_put(reply, "writable_by_address", "%s", report.writable_by_address ? "yes" : "no");
    records_put(reply, "reason", "%s", report.reason);
    return 0;
}
