/* SPDX-License-Identifier: Apache-2.0 */
/* What only the table's start asks of the tracker: a volume that was attached first gets its saved ids later. */
#ifndef BLKTRACK_TRACKER_ADOPT_H
#define BLKTRACK_TRACKER_ADOPT_H

#include "tracker/tracker.h"

/* Series and id of the live epoch become the saved ones; its pin goes by the id, so it is renamed. */
int tracker_adopt(struct tracker *tracker, int slot, const uint8_t series[16], const uint8_t epoch[16], struct fault *fault);

#endif
