/* SPDX-License-Identifier: Apache-2.0 */
#include "tracker/tracker_adopt.h"

#include <stdio.h>
#include <string.h>

#include "tracker/tracker_internal.h"

int tracker_adopt(struct tracker *tracker, int slot, const uint8_t series[16], const uint8_t epoch[16], struct fault *fault)
{
    struct bt_meta *meta = &tracker->meta[slot];
    char from[256], to[256];

    epoch_pin_path(from, sizeof from, tracker, slot, meta->epoch);
    epoch_pin_path(to, sizeof to, tracker, slot, epoch);
    if (strcmp(from, to) != 0 && rename(from, to))
        return fault_errno(fault, STATUS_FAILED, "PIN", "cannot rename %s", from);
    memcpy(meta->series, series, sizeof meta->series);
    memcpy(meta->epoch, epoch, sizeof meta->epoch);
    return 0;
}
