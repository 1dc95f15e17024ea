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

#include "base/crc32c.h"
#include "table/page_sum.h"
#include "table/table.h"

#define WORD_BITS 64
#define MAX_GAP_PAGES 4     /* unchanged pages taken along, where two writes would cost more */
#define MAX_RUN_PAGES 512   /* 2 MiB a transfer: less pays for its turn too often, more is no faster */
#define CACHED_PAGES 48     /* looked at twice in a row: what the fastest cache but one still holds, a multiple of the pages summed side by side */
#define RUNS 3              /* one for the processor, two for the disk */

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

/* Buffers and their transfers, taken in turn. */
struct runs {
    struct medium *medium;
    uint64_t *memory;
    struct transfer transfers[RUNS];
};

static int runs_init(struct runs *runs, struct medium *medium, const struct table_entry *entry)
{
    size_t bytes = run_pages(entry) * PAGE_BYTES;

    *runs = (struct runs){ .medium = medium, .memory = page_alloc_unset(RUNS * bytes) };
    for (size_t run = 0; runs->memory && run < RUNS; run++)
        runs->transfers[run].data = runs->memory + run * bytes / sizeof(uint64_t);
    return runs->memory ? 0 : -1;
}

/* The first failure is the one that is told; nothing runs on. */
static int runs_end(struct runs *runs, struct fault *fault)
{
    int result = 0;
    struct fault later;

    for (size_t run = 0; run < RUNS; run++)
        if (medium_end(runs->medium, &runs->transfers[run], result ? &later : fault))
            result = -1;
    return result;
}

/* --- reading --- */

static bool tail_is_zero(const struct bitmap_place *place, size_t page, const uint64_t *words)
{
    for (uint64_t granule = place->granules, first = page * PAGE_BYTES * 8ull; granule < first + PAGE_BYTES * 8ull; granule++)
        if (words[(granule - first) / WORD_BITS] >> granule % WORD_BITS & 1)
            return false;
    return true;
}

static const char *page_flaw(const struct bitmap_place *place, size_t page, struct page_sum sum, const uint64_t *words)
{
    struct page_sum want = place->sums[page];

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

/* What is read at once: pages with set bits that adjoin, at most MAX_RUN_PAGES. */
struct run {
    size_t first, end;
};

/* Empty: there are no more. -1: a page without set bits has a checksum. */
static int next_run(const struct table *table, const struct table_entry *entry, const struct bitmap_place *place, struct run *run, struct fault *fault)
{
    run->first = run->end;
    for (; run->first < place->pages && place->sums[run->first].set_bits == 0; run->first++)
        if (place->sums[run->first].crc)
            return damaged_page(table, entry, place, run->first, "is empty, yet has a checksum", fault);
    run->end = run->first;
    while (run->end < place->pages && run->end - run->first < MAX_RUN_PAGES && place->sums[run->end].set_bits)
        run->end++;
    return 0;
}

static int take_run(const struct table *table, const struct table_entry *entry, const struct bitmap_place *place, const struct run *run,
                    const uint64_t *words, table_page_taker *take, void *context, struct fault *fault)
{
    struct page_sum sums[CACHED_PAGES];

    for (size_t page = run->first; page < run->end; page++, words += WORDS_A_PAGE) {
        size_t turn = (page - run->first) % CACHED_PAGES;
        if (turn == 0)
            page_sums(sums, NULL, words, run->end - page < CACHED_PAGES ? run->end - page : CACHED_PAGES);
        const char *flaw = page_flaw(place, page, sums[turn], words);
        if (flaw)
            return damaged_page(table, entry, place, page, flaw, fault);
        if (take(context, place->discard, page * WORDS_A_PAGE, words, fault))
            return -1;
    }
    return 0;
}

/* The next runs are on their way while one is taken. */
static int read_pages(struct table *table, const struct table_entry *entry, const struct bitmap_place *place, struct runs *runs,
                      table_page_taker *take, void *context, struct fault *fault)
{
    struct run ahead = { 0 }, begun[RUNS];
    size_t count = 0, taken = 0;

    for (;;) {
        for (; count - taken < RUNS; count++) {
            struct transfer *transfer = &runs->transfers[count % RUNS];
            if (next_run(table, entry, place, &ahead, fault))
                return -1;
            if (ahead.first == ahead.end)
                break;
            begun[count % RUNS] = ahead;
            transfer->write = false;
            transfer->offset_bytes = place->offset + ahead.first * PAGE_BYTES;
            transfer->length = (ahead.end - ahead.first) * PAGE_BYTES;
            medium_begin(table->medium, transfer);
        }
        if (taken == count)
            return 0;
        struct transfer *transfer = &runs->transfers[taken % RUNS];
        if (medium_end(table->medium, transfer, fault) ||
            take_run(table, entry, place, &begun[taken % RUNS], transfer->data, take, context, fault))
            return -1;
        taken++;
    }
}

int table_read_pages(struct table *table, const struct table_entry *entry, table_page_taker *take, void *context, struct fault *fault)
{
    struct page_sum *sums = page_alloc(sums_bytes(entry));
    struct runs runs;
    struct fault ignored;
    int result = -1;

    if (runs_init(&runs, table->medium, entry) || !sums) {
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
    result = read_pages(table, entry, &data, &runs, take, context, fault) || read_pages(table, entry, &discard, &runs, take, context, fault) ? -1 : 0;
out:
    runs_end(&runs, &ignored);
    free(sums);
    free(runs.memory);
    return result;
}

static int copy_page(void *context, bool discard, uint64_t first_word, const uint64_t *words, struct fault *fault)
{
    uint64_t *const *bitmaps = context;

    (void)fault;
    memcpy(bitmaps[discard] + first_word, words, PAGE_BYTES);
    return 0;
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
    struct runs runs;
    size_t turn;                        /* whose buffer is being filled */
    size_t first, copied, end;          /* pages [first, end) are to be written and not yet on their way, those before `copied` lie in the buffer */
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

/* Takes the copies that are missing, with their sums. Only the last page may end before its words do. */
static void copy_pages(struct page_run *run)
{
    uint64_t *buffer = run->runs.transfers[run->turn].data, *copies = buffer + (run->copied - run->first) * WORDS_A_PAGE;
    struct page_sum *sums = run->place->sums;
    size_t last = run->place->pages - 1, whole = (run->end > last ? last : run->end) - run->copied;

    if (run->copied == run->end)
        return;
    page_sums(sums + run->copied, copies, run->words + run->copied * WORDS_A_PAGE, whole);
    if (run->end > last)
        page_sums(sums + last, copies + whole * WORDS_A_PAGE, page_words(run, last), 1);
    run->copied = run->end;
}

/* Sends the run on its way, and waits for the buffer that comes next. */
static int write_run(struct page_run *run, struct table_page_counts *counts, struct fault *fault)
{
    struct transfer *transfer = &run->runs.transfers[run->turn];
    size_t pages = run->end - run->first;

    if (pages == 0)
        return 0;
    copy_pages(run);
    transfer->write = true;
    transfer->offset_bytes = run->place->offset + run->first * PAGE_BYTES;
    transfer->length = pages * PAGE_BYTES;
    medium_begin(run->table->medium, transfer);
    counts->pages_written += pages;
    run->first = run->copied = run->end;
    run->turn = (run->turn + 1) % RUNS;
    return medium_end(run->table->medium, &run->runs.transfers[run->turn], fault);
}

/* Sets the sums to what the words are, and writes the pages for which it wasn't so. */
static int write_pages(struct page_run *run, bool all, struct table_page_counts *counts, struct fault *fault)
{
    const struct bitmap_place *place = run->place;

    run->first = run->copied = run->end = 0;
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
            run->first = run->copied = page;
        run->end = page + 1;
        if (run->end - run->copied >= CACHED_PAGES)
            copy_pages(run);
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
    const char *new = (const char *)sums, *old = (const char *)before;
    size_t first = 0;

    /* Those that changed and adjoin go in one write: [first, at). */
    for (size_t at = 0; at <= sums_bytes(entry); at += PAGE_BYTES) {
        if (at < sums_bytes(entry) && memcmp(new + at, old + at, PAGE_BYTES) != 0)
            continue;
        if (at > first && medium_write(table->medium, entry->area_offset + first, new + first, at - first, fault))
            return -1;
        first = at + PAGE_BYTES;
    }
    return 0;
}

int table_write_bitmaps(struct table *table, struct table_entry *entry, const uint64_t *data, const uint64_t *discard, enum table_scope scope,
                        struct table_page_counts *counts, struct fault *fault)
{
    size_t pages = entry->bitmap_bytes / PAGE_BYTES;
    struct page_sum *sums = page_alloc(sums_bytes(entry)), *before = page_alloc(sums_bytes(entry));
    struct page_run run = { .table = table };
    struct fault ignored;
    int result = -1;

    if (runs_init(&run.runs, table->medium, entry) || !sums || !before) {
        fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot write the bitmaps of %s", entry->identity);
        goto out;
    }
    if (medium_read(table->medium, entry->area_offset, before, sums_bytes(entry), fault))
        goto out;
    /* Sums that are not those of the entry tell nothing: somebody was killed, or the medium forgot. */
    if (crc32c(before, sums_bytes(entry)) != entry->sums_crc) {
        if (scope == TABLE_CHANGED_DATA && !discard) {
            result = 1;
            goto out;
        }
        scope = TABLE_ALL;
    }
    memcpy(sums, before, 2 * pages * sizeof *sums);
    for (int kind = 0; kind < 2; kind++) {
        struct bitmap_place place = place_of(entry, kind, sums);
        run.place = &place;
        run.words = kind ? discard : data;
        if (kind == 1 && scope == TABLE_CHANGED_DATA)
            break;
        if (write_pages(&run, scope == TABLE_ALL, counts, fault))
            goto out;
    }
    if (runs_end(&run.runs, fault) || write_sums(table, entry, before, sums, fault))
        goto out;
    entry->sums_crc = crc32c(sums, sums_bytes(entry));
    counts->bits_set += sums_set_bits(sums, 2 * pages);
    result = 0;
out:
    runs_end(&run.runs, &ignored);
    free(sums);
    free(before);
    free(run.runs.memory);
    return result;
}
