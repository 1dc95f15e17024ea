/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon's way to the kernel: requests and replies on a stream socket; the protocol stands in docs/design.md. */
#ifndef BLKTRACK_AGENT_H
#define BLKTRACK_AGENT_H

#include "base/instance.h"

/* Serves until the other side closes. `connect_to` NULL: the socket is standard input. */
int agent_run(const struct instance *instance, const char *connect_to, struct fault *fault);

#endif
