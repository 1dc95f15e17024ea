/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each verb opens the tracker, does its work and closes it: the lock is never held between two requests, so that boot and
 * shutdown scripts get in at any time.
 */
#include "agent/agent_request.h"

#include <string.h>

static const struct {
    const char *verb;
    verb_function *function;
} verbs[] = {
    {"hello", verb_hello},
    {"support", verb_support},
    {"probe", verb_probe},
    {"enable", verb_enable},
    {"disable", verb_disable},
    {"withdraw", verb_withdraw},
    {"volumes", verb_volumes},
    {"checkpoint", verb_checkpoint},
    {"closed", verb_closed},
    {"peek", verb_peek},
    {"release", verb_release},
    {"audit", verb_audit},
    {"distrust", verb_distrust},
    {"new_series", verb_new_series},
    {"table_refresh", verb_table_refresh},
    {"table_state", verb_table_state},
};

int agent_answer(struct agent *agent, const struct request_message *request, struct records *reply, struct fault *fault)
{
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (strcmp(verbs[i].verb, request->verb) == 0)
            return verbs[i].function(agent, request, reply, fault);
    return fault_set(fault, STATUS_USAGE, "UNKNOWN_VERB", NULL, "the agent knows no verb %s", request->verb);
}
