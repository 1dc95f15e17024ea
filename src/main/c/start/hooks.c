/* SPDX-License-Identifier: Apache-2.0 */
#include "start/hooks.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/sysfs.h"
#include "base/text.h"
#include "table/last_look.h"
#include "table/persistence.h"
#include "table/release.h"

#define RECEIPT DEFAULT_STATE_DIR "/boot.json"
#define RED_HAT_SCRIPT "/etc/rc.d/rc.sysinit"
#define MARKER "# blktrack begin"

static bool has_marker(const char *path)
{
    char line[512];
    bool found = false;
    FILE *script = fopen(path, "re");

    while (script && !found && fgets(line, sizeof line, script))
        found = has_prefix(line, MARKER);
    if (script)
        fclose(script);
    return found;
}

/* The receipt is written before the hooks, and says of itself whether they all came to stand. */
static bool receipt_is_complete(void)
{
    static const char key[] = "\"complete\":";
    char text[1 << 16];
    FILE *receipt = fopen(RECEIPT, "re");
    size_t length = receipt ? fread(text, 1, sizeof text - 1, receipt) : 0;

    if (receipt)
        fclose(receipt);
    text[length] = 0;
    const char *at = strstr(text, key);
    return at && has_prefix(at + strlen(key) + strspn(at + strlen(key), " "), "true");
}

const char *reboot_obstacle(const struct instance *instance)
{
    struct table_report report = { 0 };

    if (strcmp(instance->state_dir, DEFAULT_STATE_DIR) != 0)
        return "";
    if (!receipt_is_complete() && !has_marker(RED_HAT_SCRIPT))
        return "HOOKS_MISSING";
    table_state(instance, &report);
    return report.writable_by_address ? "" : "TABLE_NOT_WRITABLE";
}

static bool is_encrypted(const char *disk_name)
{
    char uuid[160];

    return sysfs_text(uuid, sizeof uuid, "/sys/block/%s/dm/uuid", disk_name) > 0 && has_prefix(uuid, "CRYPT-");
}

static bool is_network_disk(const char *disk_name)
{
    char path[64], real[PATH_MAX];

    snprintf(path, sizeof path, "/sys/block/%.40s", disk_name);
    return has_prefix(disk_name, "nbd") || (realpath(path, real) && strstr(real, "/session"));
}

const char *volume_obstacle(const struct instance *instance, const struct device *device, const struct bt_meta *meta)
{
    const char *disk = device->disk_name;
    bool by_systemd = access("/run/systemd/system", F_OK) == 0 && (has_prefix(disk, "dm-") || has_prefix(disk, "md") || has_prefix(disk, "loop"));

    if (strcmp(instance->state_dir, DEFAULT_STATE_DIR) != 0 || !(by_systemd || is_encrypted(disk) || is_network_disk(disk)))
        return "";
    if (carries_root(device->dev))
        return "";
    bool of_its_own = has_prefix(meta->identity, "dm:") || has_prefix(meta->identity, "md:");
    return by_systemd && !is_network_disk(disk) && of_its_own && !meta->trust_offline && release_is_promised(instance, disk) ? "" : "DETACHED_EARLY";
}
