/* SPDX-License-Identifier: Apache-2.0 */
/* Closing an epoch: freeze, swap, carry what is in flight, thaw, and hand out a plain copy. */
#ifndef BLKTRACK_CHECKPOINT_H
#define BLKTRACK_CHECKPOINT_H

#include "tracker/tracker.h"

struct checkpoint_request {
    uint8_t change_id[16];
    bool freeze;                /* false: crash-consistent */
    unsigned int timeout_ms;    /* of the freeze; at most 1000 */
};

struct checkpoint_result {
    char pin[256];
    uint64_t words;
    uint64_t frozen_us, swap_us;
    bool frozen, expired, carried_all;
};

int checkpoint_take(struct tracker *tracker, int slot, const struct checkpoint_request *request, struct checkpoint_result *result,
                    struct fault *fault);

/* Calls `each` for every closed epoch that nobody released; a nonzero return ends it. */
typedef int closed_visitor(int slot, const char *epoch_id, const char *pin, uint64_t words, void *context);
int checkpoint_closed(struct tracker *tracker, closed_visitor *each, void *context, struct fault *fault);

/* A plain copy of the live epoch, pinned. */
int checkpoint_peek(struct tracker *tracker, int slot, char *pin, size_t size, uint64_t *words, struct fault *fault);
int checkpoint_release(struct tracker *tracker, const char *pin, struct fault *fault);

/* Drops the live epoch and what is closed, and starts anew under `change_id`, trusted, once a moment of rest was seen. */
int checkpoint_new_series(struct tracker *tracker, int slot, const uint8_t change_id[16], struct fault *fault);

#endif
