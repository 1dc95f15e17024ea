/* SPDX-License-Identifier: Apache-2.0 */
#include "table/medium.h"

#include <stdlib.h>
#include <string.h>

static int check_range(const struct medium *medium, const char *action, uint64_t offset_bytes, size_t length, struct fault *fault)
{
    if (offset_bytes % PAGE_BYTES || length % PAGE_BYTES || offset_bytes > medium->size_bytes ||
        length > medium->size_bytes - offset_bytes)
        return fault_set(fault, STATUS_STATE_CORRUPT, "TABLE_CORRUPT", NULL,
                         "cannot %s %zu bytes at offset %llu of %s: that is not in its %llu bytes", action, length,
                         (unsigned long long)offset_bytes, medium->name, (unsigned long long)medium->size_bytes);
    return 0;
}

int medium_read(struct medium *medium, uint64_t offset_bytes, void *data, size_t length, struct fault *fault)
{
    if (check_range(medium, "read", offset_bytes, length, fault))
        return -1;
    return medium->read(medium, offset_bytes, data, length, fault);
}

int medium_write(struct medium *medium, uint64_t offset_bytes, const void *data, size_t length, struct fault *fault)
{
    if (check_range(medium, "write", offset_bytes, length, fault))
        return -1;
    __atomic_fetch_add(&medium->written_bytes, length, __ATOMIC_RELAXED);
    return medium->write(medium, offset_bytes, data, length, fault);
}

void medium_begin(struct medium *medium, struct transfer *transfer)
{
    transfer->running = true;
    transfer->queued = false;
    transfer->result = 0;
    if (!medium->begin) {
        transfer->result = transfer->write
            ? medium_write(medium, transfer->offset_bytes, transfer->data, transfer->length, &transfer->fault)
            : medium_read(medium, transfer->offset_bytes, transfer->data, transfer->length, &transfer->fault);
    } else if (check_range(medium, transfer->write ? "write" : "read", transfer->offset_bytes, transfer->length, &transfer->fault)) {
        transfer->result = -1;
    } else {
        __atomic_fetch_add(&medium->written_bytes, transfer->write ? transfer->length : 0, __ATOMIC_RELAXED);
        medium->begin(medium, transfer);
    }
}

int medium_end(struct medium *medium, struct transfer *transfer, struct fault *fault)
{
    if (!transfer->running)
        return 0;
    if (transfer->queued)
        medium->wait(transfer);
    transfer->running = false;
    if (transfer->result)
        *fault = transfer->fault;
    return transfer->result;
}

int medium_flush(struct medium *medium, struct fault *fault)
{
    return medium->flush(medium, fault);
}

void medium_close(struct medium *medium)
{
    if (medium && medium->close)
        medium->close(medium);
}

int bitmap_buffers_fit(struct bitmap_buffers *buffers, uint64_t bytes, struct fault *fault)
{
    if (buffers->bytes >= bytes)
        return 0;
    bitmap_buffers_free(buffers);
    buffers->data = page_alloc(bytes);
    buffers->discard = page_alloc(bytes);
    if (!buffers->data || !buffers->discard)
        return fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot get %llu bytes for bitmaps", (unsigned long long)(2 * bytes));
    buffers->bytes = bytes;
    return 0;
}

void bitmap_buffers_free(struct bitmap_buffers *buffers)
{
    free(buffers->data);
    free(buffers->discard);
    *buffers = (struct bitmap_buffers){ 0 };
}
