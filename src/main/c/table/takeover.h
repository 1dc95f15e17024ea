/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this boot knows of the table, in the run folder (gone with the boot): that it took the table over from a clean state, which volumes
 * are still waited for, and of which epoch the bitmap pages on disk are.
 */
#ifndef BLKTRACK_TAKEOVER_H
#define BLKTRACK_TAKEOVER_H

#include <stdbool.h>

#include "table/store.h"

struct takeover {
    bool valid;                 /* of this boot and this table */
    char witness[TABLE_IDENTITY_BYTES];     /* a volume that was written while tracking was off; empty: none was seen */
    uint32_t waiting_count;
    char waiting[TABLE_MAX_ENTRIES][TABLE_IDENTITY_BYTES];     /* entries untouched since the clean save */
};

void takeover_read(const struct instance *instance, const struct table_header *header, const uint8_t boot_id[16], struct takeover *takeover);
int takeover_write(const struct instance *instance, const struct table_header *header, const uint8_t boot_id[16],
                   const struct takeover *takeover, struct fault *fault);
void takeover_forget(const struct instance *instance);
bool takeover_waits_for(const struct takeover *takeover, const char *identity);

/*
 * The highest sequence that this instance has seen, kept in the state folder: a table that lies behind it is an old copy. For volumes with a
 * fingerprint that shows anyway; for the others nothing else would tell. Not readable (early boot): nothing is said.
 */
bool sequence_contradicts(const struct instance *instance, const struct table_header *header);
void sequence_note(const struct instance *instance, const struct table_header *header);

/*
 * The marker that lets pages be compared by their number of set bits: this boot wrote or read them whole, for this volume, in this place, and in the epoch
 * that the entry names. Away while pages are written. A checkpoint gives the volume another epoch, and then no marker fits.
 */
bool pages_known(const struct instance *instance, const struct table *table, const struct table_entry *entry, const uint8_t epoch[16]);
/* Known: in the entry's epoch. */
void pages_set_known(const struct instance *instance, const struct table *table, const struct table_entry *entry, bool known);

/* Reasons that start_tracking leaves for a volume whose saved record has not been read. */
#define PENDING_REASON "START_FAILED"
#define PENDING_EVIDENCE "the tracking table has not been read yet"

#endif
