/* SPDX-License-Identifier: Apache-2.0 */
/* What this machine supports: a row a check, for `blktrack doctor`. Changes nothing. */
#ifndef BLKTRACK_SUPPORT_H
#define BLKTRACK_SUPPORT_H

#include "agent/records.h"
#include "base/instance.h"

void support_report(const struct instance *instance, struct records *records);

#endif
