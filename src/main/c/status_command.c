/* SPDX-License-Identifier: Apache-2.0 */
#include "status_command.h"

#include <string.h>

#include "tracker/tracker.h"

int status_print(const struct instance *instance, FILE *to, struct fault *fault)
{
    struct tracker *tracker;

    if (tracker_open(&tracker, instance, false, fault)) {
        if (strcmp(fault->name, "NOT_TRACKING") != 0)
            return -1;
        fputs("tracking is not started\n", to);
        return 0;
    }
    for (int slot = 0; slot < BT_MAX_VOLUMES; slot++) {
        const struct bt_meta *meta = tracker_meta(tracker, slot);
        if (meta)
            fprintf(to, "%s %s%s granule=%uKiB persistent=%s identity=%s\n", meta->device, meta->reason[0] ? "UNKNOWN:" : "COMPLETE",
                    meta->reason, meta->granule_bytes / 1024, meta->persistent ? "yes" : "no", meta->identity[0] ? meta->identity : "-");
    }
    tracker_close(tracker);
    return 0;
}
