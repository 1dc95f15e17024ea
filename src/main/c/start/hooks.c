/* SPDX-License-Identifier: Apache-2.0 */
#include "start/hooks.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

bool hooks_in_place(const struct instance *instance)
{
    return strcmp(instance->state_dir, DEFAULT_STATE_DIR) != 0 || access(RECEIPT, F_OK) == 0 || has_marker(RED_HAT_SCRIPT);
}
