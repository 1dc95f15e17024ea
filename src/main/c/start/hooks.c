/* SPDX-License-Identifier: Apache-2.0 */
#include "start/hooks.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

const char *reboot_obstacle(const struct instance *instance)
{
    struct table_report report = { 0 };

    if (strcmp(instance->state_dir, DEFAULT_STATE_DIR) != 0)
        return "";
    if (access(RECEIPT, F_OK) && !has_marker(RED_HAT_SCRIPT))
        return "HOOKS_MISSING";
    table_state(instance, &report);
    return report.writable_by_address ? "" : "TABLE_NOT_WRITABLE";
}
