/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bitmaps and their sum pages. A page without a set bit has an empty sum and is neither read nor written, so that a nearly clean
 * volume of many TiB costs next to nothing at a start.
 *
 * Which pages must be written is decided by the number of set bits, never by a checksum: within one epoch bits are only ever added, so a page with
 * as many bits as before has the very bits that it had before. docs/table-format.md has the argument; the caller says whether it may be used.
 */
#include <stdlib.h>
#include <string.h>

#include "crc32c.h"
#include "page_sum.h"
#include "table.h"

#define WORD_BITS 64
#define MAX_GAP_PAGES 4     /* unchanged pages taken along, where two writes would cost more */
#define MAX_RUN_PAGES 256   /* 1 MiB a transfer: a disk wants no more, and the processor's cache holds it */

static uint64_t sums_bytes(const struct table_entry *entry)
{
    return entry->area_bytes - 2 * entry->bitmap_bytes;
}

uint64_t table_granules(const struct table_entry *entry)
{
    uint64_t sectors = entry->granule_bytes / SECTOR_BYTES;

    return (entry->sector_count + sectors - 1) / sectors;
}


/* Which of the entry's two bitmaps, and where it lies. */
struct bitmap_place {
    bool discard;
    uint64_t offset;            /* in the file */
    struct page_sum *sums;
    size_t pages;
    uint64_t granules;
};

static struct bitmap_place place_of(const struct table_entry *entry, bool discard, struct page_sum *sums)
{
    size_t pages = entry->bitmap_bytes / PAGE_BYTES;

    return (struct bitmap_place){ .discard = discard, .offset = entry->area_offset + sums_bytes(entry) + (discard ? entry->bitmap_bytes : 0),
                                  .sums = sums + (discard ? pages : 0), .pages = pages, .granules = table_granules(entry) };
}

/* Pages in one transfer: a small volume needs no large buffer. */
static size_t run_pages(const struct table_entry *entry)
{
    size_t pages = entry->bitmap_bytes / PAGE_BYTES;

    return pages < MAX_RUN_PAGES ? pages : MAX_RUN_PAGES;
}

/* --- reading --- */

static bool tail_is_zero(const struct bitmap_place *place, size_t page, const uint64_t *words)
{
    for (uint64_t granule = place->granules, first = page * PAGE_BYTES * 8ull; granule < first + PAGE_BYTES * 8ull; granule++)
        if (words[(granule - first) / WORD_BITS] >> granule % WORD_BITS & 1)
            return false;
    return true;
}

static const char *page_flaw(const struct bitmap_place *place, size_t page, const uint64_t *words)
{
    struct page_sum sum = page_sum(words), want = place->sums[page];

    if (sum.crc != want.crc)
        return "has a wrong checksum";
    if (sum.set_bits != want.set_bits)
        return "has another number of set bits than its sum says";
    if (page + 1 == place->pages && !tail_is_zero(place, page, words))
        return "marks blocks behind the end of the volume";
    return NULL;
}

static int damaged_page(const struct table *table, const struct table_entry *entry, const struct bitmap_place *place, size_t page, const char *flaw,
                        struct fault *fault)
{
    return fault_set(fault, STATUS_STATE_CORRUPT, "TABLE_CORRUPT", NULL, "page %zu of the %s bitmap of %s in %s (offset %llu) %s", page,
                     place->discard ? "discard" : "data", entry->identity, table->medium->name,
                     (unsigned long long)(place->offset + page * PAGE_BYTES), flaw);
}

static int read_pages(struct table *table, const struct table_entry *entry, const struct bitmap_place *place, uint64_t *run, table_page_taker *take,
                      void *context, struct fault *fault)
{
    for (size_t first = 0, end; first < place->pages; first = end) {
        for (end = first; end < place->pages && end - first < MAX_RUN_PAGES && place->sums[end].set_bits; end++)
            ;
        if (end == first) {
            if (place->sums[first].crc)
                return damaged_page(table, entry, place, first, "is empty, yet has a checksum", fault);
            end++;
            continue;
        }
        if (medium_read(table->medium, place->offset + first * PAGE_BYTES, run, (end - first) * PAGE_BYTES, fault))
            return -1;
        for (size_t page = first; page < end; page++) {
            const uint64_t *words = run + (page - first) * WORDS_A_PAGE;
            const char *flaw = page_flaw(place, page, words);
            if (flaw)
                return damaged_page(table, entry, place, page, flaw, fault);
            take(context, place->discard, page * WORDS_A_PAGE, words);
        }
    }
    return 0;
}

int table_read_pages(struct table *table, const struct table_entry *entry, table_page_taker *take, void *context, struct fault *fault)
{
    struct page_sum *sums = page_alloc(sums_bytes(entry));
    uint64_t *run = page_alloc(run_pages(entry) * PAGE_BYTES);
    int result = -1;

    if (!sums || !run) {
        fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot read the bitmaps of %s", entry->identity);
        goto out;
    }
    if (medium_read(table->medium, entry->area_offset, sums, sums_bytes(entry), fault))
        goto out;
    if (crc32c(sums, sums_bytes(entry)) != entry->sums_crc) {
        fault_set(fault, STATUS_STATE_CORRUPT, "TABLE_CORRUPT", NULL, "the sum pages of %s in %s (offset %llu) have a wrong checksum",
                  entry->identity, table->medium->name, (unsigned long long)entry->area_offset);
        goto out;
    }
    struct bitmap_place data = place_of(entry, false, sums), discard = place_of(entry, true, sums);
    result = read_pages(table, entry, &data, run, take, context, fault) || read_pages(table, entry, &discard, run, take, context, fault) ? -1 : 0;
out:
    free(sums);
    free(run);
    return result;
}

static void copy_page(void *context, bool discard, uint64_t first_word, const uint64_t *words)
{
    uint64_t *const *bitmaps = context;

    memcpy(bitmaps[discard] + first_word, words, PAGE_BYTES);
}

int table_read_bitmaps(struct table *table, const struct table_entry *entry, uint64_t *data, uint64_t *discard, struct fault *fault)
{
    uint64_t *bitmaps[] = { data, discard };

    memset(data, 0, entry->bitmap_bytes);
    memset(discard, 0, entry->bitmap_bytes);
    return table_read_pages(table, entry, copy_page, bitmaps, fault);
}

/* --- writing --- */

/* Pages on their way out. They are copied, because the live words change while a disk reads them. */
struct page_run {
    struct table *table;
    const struct bitmap_place *place;
    const uint64_t *words;              /* may be gaining bits */
    uint64_t *copies;
    size_t first, end;                  /* pages [first, end) are copied and not yet written */
    uint64_t last_page[WORDS_A_PAGE];   /* the last page's bits as far as there are granules, zeros behind */
};

static const uint64_t *page_words(struct page_run *run, size_t page)
{
    const uint64_t *words = run->words + page * WORDS_A_PAGE;
    uint64_t first = page * PAGE_BYTES * 8ull, inside = run->place->granules - first;

    if (inside >= PAGE_BYTES * 8ull)
        return words;
    memset(run->last_page, 0, PAGE_BYTES);
    for (uint64_t word = 0; word * WORD_BITS < inside; word++)
        run->last_page[word] = __atomic_load_n(&words[word], __ATOMIC_RELAXED);
    if (inside % WORD_BITS)
        run->last_page[inside / WORD_BITS] &= ~0ull >> (WORD_BITS - inside % WORD_BITS);
    return run->last_page;
}

static int write_run(struct page_run *run, struct table_page_counts *counts, struct fault *fault)
{
    size_t pages = run->end - run->first;

    if (pages && medium_write(run->table->medium, run->place->offset + run->first * PAGE_BYTES, run->copies, pages * PAGE_BYTES, fault))
        return -1;
    counts->pages_written += pages;
    run->first = run->end;
    return 0;
}

/* The page is the run's next one. */
static void add_page(struct page_run *run, size_t page)
{
    run->place->sums[page] = page_sum_copy(run->copies + (page - run->first) * WORDS_A_PAGE, page_words(run, page));
    run->end = page + 1;
}

/* Sets the sums to what the words are, and writes the pages for which it wasn't so. */
static int write_pages(struct page_run *run, bool all, struct table_page_counts *counts, struct fault *fault)
{
    const struct bitmap_place *place = run->place;

    run->first = run->end = 0;
    for (size_t page = 0; page < place->pages; page++) {
        uint64_t bits = bits_count(page_words(run, page), WORDS_A_PAGE);
        if (!all && bits == place->sums[page].set_bits)
            continue;
        if (bits == 0) {
            place->sums[page] = (struct page_sum){ 0 };
            continue;
        }
        if ((page - run->end > MAX_GAP_PAGES || page - run->first >= MAX_RUN_PAGES) && write_run(run, counts, fault))
            return -1;
        if (run->first == run->end)
            run->first = run->end = page;
        for (size_t next = run->end; next <= page; next++)
            add_page(run, next);
        counts->pages_changed++;
    }
    return write_run(run, counts, fault);
}

static uint64_t sums_set_bits(const struct page_sum *sums, size_t count)
{
    uint64_t bits = 0;

    for (size_t page = 0; page < count; page++)
        bits += sums[page].set_bits;
    return bits;
}

static int write_sums(struct table *table, const struct table_entry *entry, const struct page_sum *before, const struct page_sum *sums,
                      struct fault *fault)
{
    for (size_t at = 0; at < sums_bytes(entry); at += PAGE_BYTES)
        if (memcmp((const char *)sums + at, (const char *)before + at, PAGE_BYTES) != 0 &&
            medium_write(table->medium, entry->area_offset + at, (const char *)sums + at, PAGE_BYTES, fault))
            return -1;
    return 0;
}

int table_write_bitmaps(struct table *table, struct table_entry *entry, const uint64_t *data, const uint64_t *discard, bool all,
                        struct table_page_counts *counts, struct fault *fault)
{
    size_t pages = entry->bitmap_bytes / PAGE_BYTES;
    struct page_sum *sums = page_alloc(sums_bytes(entry)), *before = page_alloc(sums_bytes(entry));
    struct page_run run = { .table = table, .copies = page_alloc(run_pages(entry) * PAGE_BYTES) };
    int result = -1;

    if (!sums || !before || !run.copies) {
        fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot write the bitmaps of %s", entry->identity);
        goto out;
    }
    if (medium_read(table->medium, entry->area_offset, before, sums_bytes(entry), fault))
        goto out;
    /* Sums that are not those of the entry tell nothing: somebody was killed, or the medium forgot. */
    all |= crc32c(before, sums_bytes(entry)) != entry->sums_crc;
    memcpy(sums, before, 2 * pages * sizeof *sums);
    for (int kind = 0; kind < 2; kind++) {
        struct bitmap_place place = place_of(entry, kind, sums);
        run.place = &place;
        run.words = kind ? discard : data;
        if (write_pages(&run, all, counts, fault))
            goto out;
    }
    if (write_sums(table, entry, before, sums, fault))
        goto out;
    entry->sums_crc = crc32c(sums, sums_bytes(entry));
    counts->bits_set += sums_set_bits(sums, 2 * pages);
    result = 0;
out:
    free(sums);
    free(before);
    free(run.copies);
    return result;
}
