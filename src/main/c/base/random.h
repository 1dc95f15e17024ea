/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BLKTRACK_RANDOM_H
#define BLKTRACK_RANDOM_H

#include <stddef.h>

#include "base/fault.h"

/* For ids: unlike others, not secret. Fault NO_RANDOM. */
int random_bytes(void *data, size_t length, struct fault *fault);

#endif
