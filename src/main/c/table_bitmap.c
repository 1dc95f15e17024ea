/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bitmaps and their CRC pages. A page without a set bit is entered as PAGE_EMPTY and neither read nor written, so
 * that a nearly clean volume of many TiB costs next to nothing at a start.
 */
#include <stdlib.h>
#include <string.h>

#include "crc32c.h"
#include "table.h"

#define WORDS_A_PAGE (PAGE_BYTES / sizeof(uint64_t))
#define SECTOR_BYTES 512u
#define MAX_GAP_PAGES 4     /* unchanged pages taken along, where two writes would cost more */
#define MAX_RUN_PAGES 1024  /* 4 MiB a transfer */

static uint64_t crc_bytes(const struct table_entry *entry)
{
    return entry->area_bytes - 2 * entry->bitmap_bytes;
}

static uint32_t page_crc(const uint64_t *page)
{
    uint64_t any = 0;

    for (size_t word = 0; word < WORDS_A_PAGE; word++)
        any |= page[word];
    if (!any)
        return PAGE_EMPTY;
    uint32_t crc = crc32c(page, PAGE_BYTES);
    return crc == PAGE_EMPTY ? PAGE_CRC_OF_ZERO : crc;
}

static int read_pages(struct table *table, const struct table_entry *entry, uint64_t offset, const uint32_t *crcs, uint64_t *words,
                      const char *kind, struct fault *fault)
{
    size_t pages = entry->bitmap_bytes / PAGE_BYTES;

    for (size_t first = 0; first < pages;) {
        if (crcs[first] == PAGE_EMPTY) {
            memset(words + first++ * WORDS_A_PAGE, 0, PAGE_BYTES);
            continue;
        }
        size_t end = first + 1;
        while (end < pages && crcs[end] != PAGE_EMPTY && end - first < MAX_RUN_PAGES)
            end++;
        if (medium_read(table->medium, offset + first * PAGE_BYTES, words + first * WORDS_A_PAGE, (end - first) * PAGE_BYTES, fault))
            return -1;
        for (; first < end; first++)
            if (page_crc(words + first * WORDS_A_PAGE) != crcs[first])
                return fault_set(fault, STATUS_STATE_CORRUPT, "TABLE_CORRUPT", NULL,
                                 "page %zu of the %s bitmap of %s in %s (offset %llu) has a wrong checksum", first, kind, entry->identity,
                                 table->medium->name, (unsigned long long)(offset + first * PAGE_BYTES));
    }
    return 0;
}

static bool tail_is_zero(const struct table_entry *entry, const uint64_t *words)
{
    uint64_t sectors = entry->granule_bytes / SECTOR_BYTES;
    uint64_t granules = (entry->sector_count + sectors - 1) / sectors;

    for (uint64_t granule = granules; granule < entry->bitmap_bytes * 8; granule++)
        if (words[granule / 64] >> granule % 64 & 1)
            return false;
    return true;
}

int table_read_bitmaps(struct table *table, const struct table_entry *entry, uint64_t *data, uint64_t *discard, struct fault *fault)
{
    uint32_t *crcs = page_alloc(crc_bytes(entry));
    uint64_t offset = entry->area_offset + crc_bytes(entry);
    int result = -1;

    if (!crcs)
        return fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot read the bitmaps of %s", entry->identity);
    if (medium_read(table->medium, entry->area_offset, crcs, crc_bytes(entry), fault))
        goto out;
    if (crc32c(crcs, crc_bytes(entry)) != entry->crcs_crc) {
        fault_set(fault, STATUS_STATE_CORRUPT, "TABLE_CORRUPT", NULL, "the CRC pages of %s in %s (offset %llu) have a wrong checksum",
                  entry->identity, table->medium->name, (unsigned long long)entry->area_offset);
        goto out;
    }
    if (read_pages(table, entry, offset, crcs, data, "data", fault) ||
        read_pages(table, entry, offset + entry->bitmap_bytes, crcs + entry->bitmap_bytes / PAGE_BYTES, discard, "discard", fault))
        goto out;
    if (!tail_is_zero(entry, data) || !tail_is_zero(entry, discard))
        fault_set(fault, STATUS_STATE_CORRUPT, "TABLE_CORRUPT", NULL, "a bitmap of %s in %s marks blocks behind the end of the volume",
                  entry->identity, table->medium->name);
    else
        result = 0;
out:
    free(crcs);
    return result;
}

/* Sets crcs to what the words are and writes the pages for which it wasn't so. */
static int write_pages(struct table *table, const struct table_entry *entry, uint64_t offset, uint32_t *crcs, const uint64_t *words, bool all,
                       struct table_page_counts *counts, struct fault *fault)
{
    size_t pages = entry->bitmap_bytes / PAGE_BYTES, first = 0, end = 0;

    for (size_t page = 0; page <= pages; page++) {
        bool write = false;
        if (page < pages) {
            uint32_t crc = page_crc(words + page * WORDS_A_PAGE);
            write = crc != PAGE_EMPTY && (all || crc != crcs[page]);
            counts->pages_changed += write;
            crcs[page] = crc;
        }
        bool close = end > first && (page == pages || page - end >= MAX_GAP_PAGES || page + 1 - first > MAX_RUN_PAGES);
        if (close) {
            if (medium_write(table->medium, offset + first * PAGE_BYTES, words + first * WORDS_A_PAGE, (end - first) * PAGE_BYTES, fault))
                return -1;
            counts->pages_written += end - first;
            first = end = page;
        }
        if (write) {
            if (end == first)
                first = page;
            end = page + 1;
        }
    }
    return 0;
}

int table_write_bitmaps(struct table *table, struct table_entry *entry, const uint64_t *data, const uint64_t *discard, bool all,
                        struct table_page_counts *counts, struct fault *fault)
{
    size_t pages = entry->bitmap_bytes / PAGE_BYTES;
    uint64_t offset = entry->area_offset + crc_bytes(entry);
    uint32_t *crcs = page_alloc(crc_bytes(entry)), *before = page_alloc(crc_bytes(entry));
    int result = -1;

    if (!crcs || !before) {
        fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot write the bitmaps of %s", entry->identity);
        goto out;
    }
    if (medium_read(table->medium, entry->area_offset, before, crc_bytes(entry), fault))
        goto out;
    memcpy(crcs, before, 2 * pages * sizeof *crcs);
    if (write_pages(table, entry, offset, crcs, data, all, counts, fault) ||
        write_pages(table, entry, offset + entry->bitmap_bytes, crcs + pages, discard, all, counts, fault))
        goto out;
    for (size_t at = 0; at < crc_bytes(entry); at += PAGE_BYTES)
        if (memcmp((char *)crcs + at, (char *)before + at, PAGE_BYTES) != 0 &&
            medium_write(table->medium, entry->area_offset + at, (char *)crcs + at, PAGE_BYTES, fault))
            goto out;
    entry->crcs_crc = crc32c(crcs, crc_bytes(entry));
    result = 0;
out:
    free(crcs);
    free(before);
    return result;
}
