/* SPDX-License-Identifier: Apache-2.0 */
/* What the agent's verbs share: reading a request, and the records more than one of them writes. */
#ifndef BLKTRACK_AGENT_REQUEST_H
#define BLKTRACK_AGENT_REQUEST_H

#include "agent/agent_verbs.h"
#include "tracker/tracker_internal.h"

/* A key that must be there: fault BAD_MESSAGE. */
int request_need(const struct request_message *request, const char *key, const char **value, struct fault *fault);
int request_need_id(const struct request_message *request, const char *key, uint8_t id[CHANGE_ID_BYTES], struct fault *fault);
bool request_flag(const struct request_message *request, const char *key);
/* Opens the tracker and looks the request's slot up. */
int request_slot(struct agent *agent, const struct request_message *request, struct tracker **tracker, int *slot, struct fault *fault);

void put_device(struct records *reply, const struct device *device);

typedef int verb_function(struct agent *agent, const struct request_message *request, struct records *reply, struct fault *fault);
verb_function verb_enable;
verb_function verb_disable;
verb_function verb_withdraw;
verb_function verb_volumes;
verb_function verb_new_series;
verb_function verb_checkpoint;
verb_function verb_closed;
verb_function verb_peek;
verb_function verb_release;
verb_function verb_audit;
verb_function verb_distrust;
verb_function verb_hello;
verb_function verb_support;
verb_function verb_probe;
verb_function verb_table_refresh;
verb_function verb_table_state;

#endif
