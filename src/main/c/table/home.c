/* SPDX-License-Identifier: Apache-2.0 */
#include "table/home.h"

#include <stdlib.h>

#include "base/fnv1a.h"
#include "volume/mounts.h"
#include "volume/volume.h"

static bool is_written(const struct device *device)
{
    struct mounts *mounts = malloc(sizeof *mounts);
    struct fault ignored;
    bool written = !mounts || mounts_of(mounts, device->dev, &ignored);

    for (int i = 0; !written && i < mounts->count; i++)
        written = !mounts->at[i].read_only;
    free(mounts);
    return written;
}

uint64_t home_digest(const struct store *store)
{
    struct fingerprint *fingerprint = calloc(1, sizeof *fingerprint);
    struct device device = { 0 };
    struct fault ignored;
    uint64_t digest = 0;

    if (fingerprint && store->device[0] && volume_device(&device, store->device, &ignored) == 0 && !is_written(&device) &&
        volume_fingerprint(fingerprint, &device, "", &ignored) == 0) {
        fingerprint_forget(fingerprint, VM_GENERATION);     /* not the file system's, and the early boot may not see it */
        digest = fnv1a(FNV1A_START, fingerprint->text, fingerprint->length);
        digest = fnv1a(digest, &fingerprint->overflow_digest, sizeof fingerprint->overflow_digest);
        digest += digest == 0;
    }
    free(fingerprint);
    return digest;
}

bool home_is_asked(const struct table *table)
{
    for (uint32_t index = 0; index < table->header.entry_count; index++)
        if ((table->entries[index].flags & ENTRY_IN_USE) && (table->entries[index].flags & ENTRY_TRUST_OFFLINE))
            return true;
    return false;
}
