/* SPDX-License-Identifier: Apache-2.0 */
/* Verbs: an epoch is closed, listed, looked into and released. */
#include "agent_request.h"

#include <stdlib.h>
#include <string.h>

#include "checkpoint.h"

int verb_checkpoint(struct agent *agent, const struct request_message *request, struct records *reply, struct fault *fault)
{
    struct checkpoint_request wanted;
    struct checkpoint_result result;
    struct tracker *tracker;
    const char *consistency, *timeout = request_get(request, "timeout_ms");
    int slot;

    if (request_need_id(request, "change_id", wanted.change_id, fault) || request_need(request, "consistency", &consistency, fault))
        return -1;
    wanted.freeze = strcmp(consistency, "freeze") == 0;
    wanted.timeout_ms = timeout ? (unsigned int)atoi(timeout) : 0;
    if (request_slot(agent, request, &tracker, &slot, fault))
        return -1;
    int failed = checkpoint_take(tracker, slot, &wanted, &result, fault);
    tracker_close(tracker);
    if (failed)
        return -1;
    records_put(reply, "pin", "%s", result.pin);
    records_put(reply, "words", "%llu", (unsigned long long)result.words);
    records_put(reply, "frozen_us", "%llu", (unsigned long long)result.frozen_us);
    records_put(reply, "swap_us", "%llu", (unsigned long long)result.swap_us);
    records_put(reply, "rest", "%s", !result.frozen ? "none" : result.expired ? "expired" : "frozen");
    records_put(reply, "carried", "%s", result.carried_all ? "all" : "in_flight");
    return 0;
}

static int put_closed(int slot, const char *epoch_id, const char *pin, uint64_t words, void *context)
{
    struct records *reply = context;

    records_next(reply);
    records_put(reply, "slot", "%d", slot);
    records_put(reply, "epoch", "%s", epoch_id);
    records_put(reply, "pin", "%s", pin);
    records_put(reply, "words", "%llu", (unsigned long long)words);
    return 0;
}

int verb_closed(struct agent *agent, const struct request_message *request, struct records *reply, struct fault *fault)
{
    struct tracker *tracker;

    (void)request;
    if (tracker_open(&tracker, &agent->instance, false, fault))
        return strcmp(fault->name, "NOT_TRACKING") == 0 ? 0 : -1;
    int failed = checkpoint_closed(tracker, put_closed, reply, fault);
    tracker_close(tracker);
    return failed;
}

int verb_peek(struct agent *agent, const struct request_message *request, struct records *reply, struct fault *fault)
{
    struct tracker *tracker;
    char pin[256];
    uint64_t words;
    int slot;

    if (request_slot(agent, request, &tracker, &slot, fault))
        return -1;
    int failed = checkpoint_peek(tracker, slot, pin, sizeof pin, &words, fault);
    tracker_close(tracker);
    if (failed)
        return -1;
    records_put(reply, "pin", "%s", pin);
    records_put(reply, "words", "%llu", (unsigned long long)words);
    return 0;
}

int verb_release(struct agent *agent, const struct request_message *request, struct records *reply, struct fault *fault)
{
    struct tracker *tracker;
    const char *pin;

    (void)reply;
    if (request_need(request, "pin", &pin, fault) || tracker_open(&tracker, &agent->instance, false, fault))
        return -1;
    int failed = checkpoint_release(tracker, pin, fault);
    tracker_close(tracker);
    return failed;
}
