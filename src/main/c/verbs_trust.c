/* SPDX-License-Identifier: Apache-2.0 */
/* Verbs: the audit, and what its caller found out. */
#include "agent_request.h"

#include <string.h>

#include "audit.h"

static void put_audit(int slot, const struct audit *audit, struct records *reply)
{
    const struct accounting *accounting = &audit->accounting;

    records_next(reply);
    records_put(reply, "slot", "%d", slot);
    records_put(reply, "grade", "%s", grade_name(accounting->grade));
    records_put(reply, "stat_written", "%llu", (unsigned long long)accounting->stat_written);
    records_put(reply, "counted_written", "%llu", (unsigned long long)accounting->counted_written);
    records_put(reply, "stat_discarded", "%llu", (unsigned long long)accounting->stat_discarded);
    records_put(reply, "counted_discarded", "%llu", (unsigned long long)accounting->counted_discarded);
    records_put(reply, "in_flight", "%llu", (unsigned long long)accounting->in_flight);
    records_put(reply, "skipped", "%lld", (long long)audit->skipped);
    records_put(reply, "passthrough_unknown", "%llu", (unsigned long long)audit->passthrough_unknown);
    records_put(reply, "zone_commands", "%llu", (unsigned long long)audit->zone_commands);
    records_put(reply, "diskseq_now", "%llu", (unsigned long long)audit->diskseq_now);
    records_put(reply, "sectors_now", "%llu", (unsigned long long)audit->sectors_now);
    records_put(reply, "mapping_now", "%016llx", (unsigned long long)audit->mapping_now);
    records_put(reply, "verdict", "%s", audit->verdict);
    records_put(reply, "evidence", "%s", audit->evidence);
}

int verb_audit(struct agent *agent, const struct request_message *request, struct records *reply, struct fault *fault)
{
    struct tracker *tracker;
    struct audit result;

    (void)request;
    if (tracker_open(&tracker, &agent->instance, false, fault))
        return strcmp(fault->name, "NOT_TRACKING") == 0 ? 0 : -1;
    for (int slot = 0; slot < BT_MAX_VOLUMES; slot++) {
        if (!tracker_meta(tracker, slot))
            continue;
        if (audit_volume(tracker, slot, &result, fault)) {
            tracker_close(tracker);
            return -1;
        }
        if (result.verdict[0])
            tracker_distrust(tracker, slot, result.verdict, result.evidence); /* stands until a new series begins */
        put_audit(slot, &result, reply);
    }
    tracker_close(tracker);
    return 0;
}

int verb_distrust(struct agent *agent, const struct request_message *request, struct records *reply, struct fault *fault)
{
    struct tracker *tracker;
    const char *reason, *evidence = request_get(request, "evidence");
    int slot;

    (void)reply;
    if (request_need(request, "reason", &reason, fault) || request_slot(agent, request, &tracker, &slot, fault))
        return -1;
    tracker_distrust(tracker, slot, reason, evidence ? evidence : "");
    tracker_close(tracker);
    return 0;
}
