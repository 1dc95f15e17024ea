/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A release: one volume saved for good while the table stays dirty, because the system takes its device apart before the last save.
 * The argument stands in docs/design.md ("Volumes that go before the last save").
 */
#ifndef BLKTRACK_RELEASE_H
#define BLKTRACK_RELEASE_H

#include "table/record.h"

/*
 * Saves what is tracked on the disk of that name: a path, a device-mapper name or a kernel name. Nothing kept there, or its record unknown, or trusted
 * while it is offline (a release can't vouch for that), or root is on it: 0, and nothing is done. Faults: STILL_WRITABLE, STILL_WRITTEN, and those of a save.
 */
int release_volumes(const struct instance *instance, const char *name, struct fault *fault);

/* The marker that a service will release that disk at the shutdown; gone with the boot, and with the release. Fault BAD_NAME. */
int release_promise(const struct instance *instance, const char *name, struct fault *fault);
bool release_is_promised(const struct instance *instance, const char *disk_name);

/* The volume is gone, and what its release wrote is still all there is to say of it; if not, the evidence says why. */
bool release_holds(struct record_writer *writer, int slot, char *evidence, size_t size);

/* A device is there that is not the attached one and carries its identity: its release, if it had one, says nothing any more. */
void release_take_back(struct tracker *tracker, int slot, const char *device_name);

#endif
