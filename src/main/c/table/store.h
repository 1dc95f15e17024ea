/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The instance's table, found and opened: through its file's extents while its file system is mounted, by what early.conf
 * says before that.
 */
#ifndef BLKTRACK_STORE_H
#define BLKTRACK_STORE_H

#include "table/early.h"
#include "table/table.h"
#include "volume/identity.h"

struct store {
    struct medium *medium;
    struct table table;
    bool by_address;
    char why_not[200];          /* by address, where it is not */
    char device[32];            /* kernel name; empty: not known */
    char device_identity[TABLE_IDENTITY_BYTES];
    char path[300];
    struct extents extents;
    uint8_t boot_id[16];
};

/*
 * early: NULL when there is none. scan: NULL makes one where it is needed. Faults beside those of table_open: TABLE_DEVICE_MISSING,
 * AMBIGUOUS_IDENTITY, NOT_WRITABLE_BY_ADDRESS.
 */
int store_open(struct store *store, const struct instance *instance, const struct early *early, const struct identity_scan *scan,
               bool writable, struct fault *fault);
void store_close(struct store *store);
/* Where the instance's table is, or would be made. */
void store_path(const struct instance *instance, char *path, size_t size);
/* Makes early.conf say what the open table says. */
int store_publish(struct store *store, const struct instance *instance, struct fault *fault);
/* Where it can't be read, one that no other boot has, nor this one twice: nothing then passes for the same boot's. */
void read_boot_id(uint8_t boot_id[16]);

#endif
