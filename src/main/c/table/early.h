/* SPDX-License-Identifier: Apache-2.0 */
/*
 * early.conf: what the early boot has to know before any file system is mounted: where the table lies, and which volumes to attach.
 * A text of key=value lines, replaced by rename. /etc/blktrack/early.conf, or early.conf in another instance's state folder.
 * The boot image carries a copy; an old copy costs the record, never its truth, since the table's uuid is checked where it points.
 */
#ifndef BLKTRACK_EARLY_H
#define BLKTRACK_EARLY_H

#include "base/instance.h"
#include "table/extents.h"
#include "table/table_format.h"

struct early_volume {
    char identity[TABLE_IDENTITY_BYTES];
    uint32_t granule_bytes;
    uint32_t trust_offline;
};

struct early {
    uint8_t table_uuid[16];
    uint64_t table_bytes;
    char table_path[300];
    char table_device[TABLE_IDENTITY_BYTES];     /* identity; empty: none, the file alone leads to the table */
    struct extents extents;
    uint32_t volume_count;
    struct early_volume volume[TABLE_MAX_ENTRIES];
};

void early_path(const struct instance *instance, char *path, size_t size);
/* Fault NO_EARLY_CONF where there is none, EARLY_CONF_CORRUPT where it can't be read as one. */
int early_read(const struct instance *instance, struct early *early, struct fault *fault);
/* Writes only where something changed. */
int early_write(const struct instance *instance, const struct early *early, struct fault *fault);

#endif
