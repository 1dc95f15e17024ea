/* SPDX-License-Identifier: Apache-2.0 */
#include "agent_request.h"

#include <stdlib.h>
#include <string.h>

int request_need(const struct request_message *request, const char *key, const char **value, struct fault *fault)
{
    *value = request_get(request, key);
    return *value ? 0 : fault_set(fault, STATUS_USAGE, "BAD_MESSAGE", NULL, "the request %s lacks %s", request->verb, key);
}

int request_need_id(const struct request_message *request, const char *key, uint8_t id[CHANGE_ID_BYTES], struct fault *fault)
{
    const char *text;

    if (request_need(request, key, &text, fault))
        return -1;
    return change_id_parse(id, text) ? fault_set(fault, STATUS_USAGE, "BAD_MESSAGE", NULL, "%s is no change id", text) : 0;
}

bool request_flag(const struct request_message *request, const char *key)
{
    const char *value = request_get(request, key);

    return value && strcmp(value, "1") == 0;
}

int request_slot(struct agent *agent, const struct request_message *request, struct tracker **tracker, int *slot, struct fault *fault)
{
    const char *text;

    if (request_need(request, "slot", &text, fault) || tracker_open(tracker, &agent->instance, false, fault))
        return -1;
    *slot = atoi(text);
    if (tracker_meta(*tracker, *slot))
        return 0;
    tracker_close(*tracker);
    return fault_set(fault, STATUS_FAILED, "NO_SLOT", NULL, "slot %s is not in use", text);
}
