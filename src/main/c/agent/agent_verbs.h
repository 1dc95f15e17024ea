/* SPDX-License-Identifier: Apache-2.0 */
/* What the agent can do; one function a verb, found by name. */
#ifndef BLKTRACK_AGENT_VERBS_H
#define BLKTRACK_AGENT_VERBS_H

#include "agent/records.h"
#include "tracker/tracker.h"

struct agent {
    struct instance instance;
};

/* Writes the reply's records; a fault becomes an error reply. */
int agent_answer(struct agent *agent, const struct request_message *request, struct records *reply, struct fault *fault);

#endif
