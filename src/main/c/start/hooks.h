/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether the boot and shutdown hooks are there, so that what the table keeps is taken up again: a look at what
 * `blktrack boot install` and `modupdate` leave behind. `blktrack boot verify` looks closer. An instance with a state folder of
 * its own is started and saved by whoever made it.
 */
#ifndef BLKTRACK_HOOKS_H
#define BLKTRACK_HOOKS_H

#include <stdbool.h>

#include "base/instance.h"

bool hooks_in_place(const struct instance *instance);

#endif
