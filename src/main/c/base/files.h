/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BLKTRACK_FILES_H
#define BLKTRACK_FILES_H

#include <stddef.h>

#include "base/fault.h"

/* New content in place of the old, durable, never in between. */
int file_replace(const char *path, const void *content, size_t length, struct fault *fault);
/* -1 with errno. */
int make_folders(const char *path);

#endif
