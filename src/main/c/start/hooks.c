/* SPDX-License-Identifier: Apache-2.0 */
#include "start/hooks.h"

#include <stdio.h>
#include <string.h>

#include "table/persistence.h"

#define RECEIPT DEFAULT_STATE_DIR "/boot.json"
#define RED_HAT_SCRIPT "/etc/rc.d/rc.sysinit"
#define MARKER "# blktrack begin"

static bool has_marker(const char *path)
{
    char line[512];
    bool found = false;
    FILE *script = fopen(path, "re");

    while (script && !found && fgets(line, sizeof line, script))
        found = strncmp(line, MARKER, strlen(MARKER)) == 0;
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
    return at && strncmp(at + strlen(key) + strspn(at + strlen(key), " "), "true", 4) == 0;
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
