/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table as a codec: what was saved comes back bit for bit, and a damaged table is refused or, where the damage lies
 * in bytes that nothing looks at, still gives exactly the saved bits.
 */
#include <stdbool.h>
#include <string.h>

#include "check.h"
#include "base/crc32c.h"
#include "memory_medium.h"
#include "table/page_sum.h"
#include "table/table.h"

#define TABLE_BYTES (512 * 1024)
#define ENTRIES 4
#define MUTATIONS 100000

static const uint8_t uuid[16] = "table-uuid-0001";
static const uint8_t boot_id[16] = "boot-id-0000001";

struct bitmaps { uint64_t *data, *discard; };

static struct bitmaps bitmaps_new(const struct table_entry *entry)
{
    return (struct bitmaps){ page_alloc(entry->bitmap_bytes), page_alloc(entry->bitmap_bytes) };
}

static void bitmaps_free(struct bitmaps *bitmaps)
{
    free(bitmaps->data);
    free(bitmaps->discard);
}

static void set_random_bits(uint64_t *words, uint64_t granules, int count, uint64_t *seed)
{
    while (count-- > 0) {
        uint64_t granule = random_next(seed) % granules;
        words[granule / 64] |= 1ull << granule % 64;
    }
}

static void checksum_is_castagnoli(void)
{
    uint64_t seed = 7;
    uint8_t bytes[1000];

    CHECK(crc32c("123456789", 9) == 0xe3069283u);
    for (size_t at = 0; at < sizeof bytes; at++)
        bytes[at] = (uint8_t)random_next(&seed);
    for (size_t length = 0; length < sizeof bytes; length++)
        CHECK(crc32c(bytes, length) == crc32c_portable(0, bytes, length));
    CHECK(crc32c_more(crc32c(bytes, 333), bytes + 333, 667) == crc32c(bytes, 1000));
}

static void sums_are_the_same_with_and_without_the_processors_help(void)
{
    enum { PAGES = 8 };     /* more than go side by side, and a rest */
    static uint64_t pages[PAGES * WORDS_A_PAGE], copies[2][PAGES * WORDS_A_PAGE];
    struct page_sum sums[PAGES], copied[PAGES], portable[PAGES];
    uint64_t seed = 8;

    for (int turn = 0; turn < 200; turn++) {
        size_t count = (size_t)turn % PAGES + 1;
        memset(pages, 0, sizeof pages);
        set_random_bits(pages, count * PAGE_BYTES * 8, turn, &seed);
        page_sums(sums, NULL, pages, count);
        page_sums(copied, copies[0], pages, count);
        page_sums_portable(portable, copies[1], pages, count);
        CHECK(memcmp(sums, copied, count * sizeof *sums) == 0 && memcmp(sums, portable, count * sizeof *sums) == 0);
        CHECK(memcmp(copies[0], pages, count * PAGE_BYTES) == 0 && memcmp(copies[1], pages, count * PAGE_BYTES) == 0);
        uint64_t bits = 0;
        for (size_t page = 0; page < count; page++) {
            bits += sums[page].set_bits;
            CHECK(sums[page].crc == (sums[page].set_bits ? crc32c(pages + page * WORDS_A_PAGE, PAGE_BYTES) : 0));
        }
        CHECK(bits == bits_count(pages, count * WORDS_A_PAGE) && (bits == 0) == (turn == 0));
        for (size_t words = 0; words < 20; words++)
            CHECK(bits_count(pages + 3, words) == bits_count_portable(pages + 3, words));
    }
}

/* Two volumes, saved clean; gives back what was saved. */
static void make_clean(struct memory_medium *memory, struct bitmaps saved[2], uint64_t *seed)
{
    static const uint64_t sectors[2] = { 10 * 2048, 3000017 };
    static const uint32_t granules[2] = { 4096, 65536 };
    struct table_page_counts counts = { 0 };
    struct table table;
    struct fault fault;

    memory_medium_init(memory, TABLE_BYTES);
    CHECK_OK(table_create(&memory->medium, uuid, ENTRIES, boot_id, &fault), &fault);
    CHECK_OK(table_open(&table, &memory->medium, uuid, &fault), &fault);
    CHECK(!table_is_clean(&table));
    for (int index = 0; index < 2; index++) {
        struct table_entry *entry;
        char identity[32];
        snprintf(identity, sizeof identity, "wwn:0x%d", index);
        CHECK_OK(table_place(&table, identity, sectors[index], granules[index], &entry, &fault), &fault);
        saved[index] = bitmaps_new(entry);
        uint64_t count = (sectors[index] * 512 + granules[index] - 1) / granules[index];
        set_random_bits(saved[index].data, count, 40, seed);
        set_random_bits(saved[index].discard, count, index ? 0 : 3, seed);
        entry->fingerprint_bytes = (uint32_t)snprintf(entry->fingerprint, 100, "sectors=%llu\n", (unsigned long long)sectors[index]);
        CHECK_OK(table_write_bitmaps(&table, entry, saved[index].data, saved[index].discard, TABLE_ALL, &counts, &fault), &fault);
    }
    CHECK_OK(table_write_directory(&table, &fault), &fault);
    CHECK_OK(table_mark_clean(&table, boot_id, 0, &fault), &fault);
    table_close(&table);
}

/* True: clean, and then every bit is as saved. */
static bool accepted(struct memory_medium *memory, struct bitmaps saved[2], bool *lost)
{
    struct table table;
    struct fault fault;
    bool whole = true;

    *lost = false;
    if (table_open(&table, &memory->medium, uuid, &fault))
        return false;
    if (!table_is_clean(&table)) {
        table_close(&table);
        return false;
    }
    for (int index = 0; index < 2; index++) {
        char identity[32];
        snprintf(identity, sizeof identity, "wwn:0x%d", index);
        const struct table_entry *entry = table_find(&table, identity);
        CHECK(entry);
        struct bitmaps read = bitmaps_new(entry);
        if (table_read_bitmaps(&table, entry, read.data, read.discard, &fault))
            whole = false;
        else if (memcmp(read.data, saved[index].data, entry->bitmap_bytes) || memcmp(read.discard, saved[index].discard, entry->bitmap_bytes))
            *lost = true;
        bitmaps_free(&read);
    }
    table_close(&table);
    return whole;
}

static void saved_comes_back(void)
{
    struct memory_medium memory;
    struct bitmaps saved[2];
    uint64_t seed = 1;
    bool lost;

    make_clean(&memory, saved, &seed);
    CHECK(accepted(&memory, saved, &lost) && !lost);
    for (int index = 0; index < 2; index++)
        bitmaps_free(&saved[index]);
    memory_medium_free(&memory);
}

/* Pages go in runs and in turns of 48: a volume that ends with a turn, with a run, and one page to each side of it. */
static void volumes_of_every_length_come_back(void)
{
    static const size_t pages[] = { 1, 2, 3, 47, 48, 49, 95, 96, 97, 144, 479, 480, 481, 511, 512, 513, 528, 560, 1023, 1024, 1025 };
    uint64_t seed = 9;

    for (size_t i = 0; i < 2 * sizeof pages / sizeof *pages; i++) {
        uint64_t granules = pages[i / 2] * PAGE_BYTES * 8 - (i % 2 ? 5 : 0);
        struct table_page_counts counts = { 0 };
        struct memory_medium memory;
        struct table table;
        struct table_entry *entry;
        struct fault fault;

        memory_medium_init(&memory, 16u << 20);
        CHECK_OK(table_create(&memory.medium, uuid, ENTRIES, boot_id, &fault), &fault);
        CHECK_OK(table_open(&table, &memory.medium, uuid, &fault), &fault);
        CHECK_OK(table_place(&table, "wwn:0x0", granules * 8, 4096, &entry, &fault), &fault);
        struct bitmaps saved = bitmaps_new(entry), read = bitmaps_new(entry);
        for (int round = 0; round < 3; round++) {
            /* All pages; then few; then all again. */
            for (uint64_t page = 0; page < pages[i / 2]; page += round == 1 ? 7 : 1)
                saved.data[page * WORDS_A_PAGE + (uint64_t)round] |= random_next(&seed) | 1;
            CHECK_OK(table_write_bitmaps(&table, entry, saved.data, saved.discard, round ? TABLE_CHANGED : TABLE_ALL, &counts, &fault), &fault);
            CHECK_OK(table_read_bitmaps(&table, entry, read.data, read.discard, &fault), &fault);
            CHECK(memcmp(read.data, saved.data, entry->bitmap_bytes) == 0);
        }
        bitmaps_free(&saved);
        bitmaps_free(&read);
        table_close(&table);
        memory_medium_free(&memory);
    }
}

static void only_changed_pages_are_written(void)
{
    struct memory_medium memory;
    struct bitmaps saved[2];
    struct table_page_counts counts = { 0 };
    struct table table;
    struct fault fault;
    uint64_t seed = 2;
    bool lost;

    make_clean(&memory, saved, &seed);
    CHECK_OK(table_open(&table, &memory.medium, uuid, &fault), &fault);
    CHECK_OK(table_mark_dirty(&table, TABLE_IN_USE, true, boot_id, &fault), &fault);
    CHECK(table.header.starts == 1);
    struct table_entry *entry = table_find(&table, "wwn:0x0");
    CHECK_OK(table_write_bitmaps(&table, entry, saved[0].data, saved[0].discard, TABLE_CHANGED, &counts, &fault), &fault);
    CHECK(counts.pages_written == 0);
    saved[0].discard[0] |= 1;
    CHECK_OK(table_write_bitmaps(&table, entry, saved[0].data, saved[0].discard, TABLE_CHANGED, &counts, &fault), &fault);
    CHECK(counts.pages_written <= 1);
    memset(saved[0].data, 0, entry->bitmap_bytes);
    /* Without the discards nothing is written over sums that are not the entry's. */
    entry->sums_crc ^= 1;
    counts = (struct table_page_counts){ 0 };
    CHECK(table_write_bitmaps(&table, entry, saved[0].data, NULL, TABLE_CHANGED_DATA, &counts, &fault) == 1);
    CHECK(counts.pages_written == 0);
    entry->sums_crc ^= 1;
    CHECK_OK(table_write_bitmaps(&table, entry, saved[0].data, NULL, TABLE_CHANGED_DATA, &counts, &fault), &fault);
    CHECK_OK(table_write_directory(&table, &fault), &fault);
    CHECK_OK(table_mark_clean(&table, boot_id, 0, &fault), &fault);
    table_close(&table);
    CHECK(accepted(&memory, saved, &lost) && !lost);
    for (int index = 0; index < 2; index++)
        bitmaps_free(&saved[index]);
    memory_medium_free(&memory);
}

/*
 * A multiple of the checksum's polynomial, 33 bits long: a page has the same CRC32C with these bits flipped. Where they were clear, flipping them is what
 * writes to a volume may do.
 */
static void flip_without_trace(void *page, size_t at)
{
    uint64_t bits = 1 | 0x82f63b78ull << 1;
    uint8_t *byte = page;

    for (size_t index = 0; index < 5; index++)
        byte[at + index] ^= (uint8_t)(bits >> 8 * index);
}

static void a_change_that_the_checksum_does_not_show_is_written(void)
{
    struct memory_medium memory;
    struct bitmaps saved[2];
    struct table_page_counts counts = { 0 };
    struct table table;
    struct fault fault;
    uint64_t seed = 4;
    bool lost;

    make_clean(&memory, saved, &seed);
    CHECK_OK(table_open(&table, &memory.medium, uuid, &fault), &fault);
    CHECK_OK(table_mark_dirty(&table, TABLE_IN_USE, true, boot_id, &fault), &fault);
    struct table_entry *entry = table_find(&table, "wwn:0x0");
    memset(saved[0].data + 8, 0, 64);
    CHECK_OK(table_write_bitmaps(&table, entry, saved[0].data, saved[0].discard, TABLE_ALL, &counts, &fault), &fault);
    uint32_t before = crc32c(saved[0].data, PAGE_BYTES);
    counts = (struct table_page_counts){ 0 };
    flip_without_trace(saved[0].data + 8, 0);
    CHECK(crc32c(saved[0].data, PAGE_BYTES) == before);
    CHECK_OK(table_write_bitmaps(&table, entry, saved[0].data, saved[0].discard, TABLE_CHANGED, &counts, &fault), &fault);
    CHECK(counts.pages_changed == 1);
    CHECK_OK(table_write_directory(&table, &fault), &fault);
    CHECK_OK(table_mark_clean(&table, boot_id, 0, &fault), &fault);
    table_close(&table);
    CHECK(accepted(&memory, saved, &lost) && !lost);
    for (int index = 0; index < 2; index++)
        bitmaps_free(&saved[index]);
    memory_medium_free(&memory);
}

/* The checksums are all right, up to the newest header; the number of set bits is not. */
static void a_count_that_does_not_fit_is_refused(void)
{
    for (int what = 0; what < 3; what++) {
        struct memory_medium memory;
        struct bitmaps saved[2];
        struct table table;
        struct fault fault;
        uint64_t seed = 5;
        bool lost;

        make_clean(&memory, saved, &seed);
        CHECK_OK(table_open(&table, &memory.medium, uuid, &fault), &fault);
        CHECK_OK(table_mark_dirty(&table, TABLE_IN_USE, true, boot_id, &fault), &fault);
        struct table_entry *entry = table_find(&table, "wwn:0x0");
        uint64_t sums_bytes = entry->area_bytes - 2 * entry->bitmap_bytes;
        struct page_sum *sums = (struct page_sum *)(memory.cached + entry->area_offset);
        if (what == 0)
            sums[0].set_bits++;
        else if (what == 1)
            sums[0].set_bits = 0;       /* empty, says the count; not empty, the checksum */
        else
            flip_without_trace(memory.cached + entry->area_offset + sums_bytes, 64);
        entry->sums_crc = crc32c(sums, sums_bytes);
        CHECK_OK(table_write_directory(&table, &fault), &fault);
        CHECK_OK(table_mark_clean(&table, boot_id, 0, &fault), &fault);
        table_close(&table);
        CHECK(!accepted(&memory, saved, &lost) && !lost);
        for (int index = 0; index < 2; index++)
            bitmaps_free(&saved[index]);
        memory_medium_free(&memory);
    }
}

/* Another epoch in the place: as many bits, other ones. */
static void in_another_epoch_nothing_is_compared(void)
{
    struct memory_medium memory;
    struct bitmaps saved[2];
    struct table_page_counts counts = { 0 };
    struct table table;
    struct fault fault;
    uint64_t seed = 6;
    bool lost;

    make_clean(&memory, saved, &seed);
    CHECK_OK(table_open(&table, &memory.medium, uuid, &fault), &fault);
    CHECK_OK(table_mark_dirty(&table, TABLE_IN_USE, true, boot_id, &fault), &fault);
    struct table_entry *entry = table_find(&table, "wwn:0x0");
    for (uint64_t word = 0; word < 40; word++)
        saved[0].data[word] = ~saved[0].data[word] & (1ull << word);
    memset(saved[0].data + 40, 0, entry->bitmap_bytes - 40 * sizeof(uint64_t));
    memset(saved[0].discard, 0, entry->bitmap_bytes);
    CHECK_OK(table_write_bitmaps(&table, entry, saved[0].data, saved[0].discard, TABLE_ALL, &counts, &fault), &fault);
    CHECK(counts.bits_set == bits_count(saved[0].data, entry->bitmap_bytes / 8) && counts.pages_written == 1);
    CHECK_OK(table_write_directory(&table, &fault), &fault);
    CHECK_OK(table_mark_clean(&table, boot_id, 0, &fault), &fault);
    table_close(&table);
    CHECK(accepted(&memory, saved, &lost) && !lost);
    for (int index = 0; index < 2; index++)
        bitmaps_free(&saved[index]);
    memory_medium_free(&memory);
}

static void full_table_and_foreign_table_are_refused(void)
{
    struct memory_medium memory;
    struct table table;
    struct table_entry *entry;
    struct fault fault;

    memory_medium_init(&memory, TABLE_BYTES);
    CHECK(table_open(&table, &memory.medium, uuid, &fault) && strcmp(fault.name, "TABLE_MISSING") == 0);
    CHECK_OK(table_create(&memory.medium, uuid, ENTRIES, boot_id, &fault), &fault);
    CHECK(table_open(&table, &memory.medium, (const uint8_t *)"another-uuid-001", &fault) && strcmp(fault.name, "TABLE_REPLACED") == 0);
    CHECK_OK(table_open(&table, &memory.medium, NULL, &fault), &fault);
    CHECK(table_place(&table, "wwn:big", 1ull << 35, 4096, &entry, &fault) && strcmp(fault.name, "TABLE_FULL") == 0);
    for (int index = 0; index < ENTRIES; index++) {
        char identity[32];
        snprintf(identity, sizeof identity, "wwn:%d", index);
        CHECK_OK(table_place(&table, identity, 2048, 4096, &entry, &fault), &fault);
    }
    CHECK(table_place(&table, "wwn:more", 2048, 4096, &entry, &fault) && strcmp(fault.name, "TABLE_FULL") == 0);
    table_close(&table);
    memory_medium_free(&memory);
}

/* Flips bits, overwrites, moves, swaps and cuts; sometimes repairs nothing, sometimes hits a header on purpose. */
static void mutate(struct memory_medium *memory, uint64_t *seed)
{
    uint8_t *bytes = memory->cached;
    uint64_t used = 2 * PAGE_BYTES + ENTRIES * TABLE_ENTRY_BYTES + 16 * PAGE_BYTES;
    uint64_t offset = random_next(seed) % (random_next(seed) % 3 ? used : random_next(seed) % 2 ? 512 : TABLE_BYTES);
    uint64_t other = random_next(seed) % used;
    size_t length = 1 + random_next(seed) % 64;

    if (random_next(seed) % 4 == 0)
        offset += PAGE_BYTES;
    if (offset + PAGE_BYTES > TABLE_BYTES)
        offset = TABLE_BYTES - PAGE_BYTES;
    switch (random_next(seed) % 6) {
    case 0:
        bytes[offset] ^= (uint8_t)(1u << random_next(seed) % 8);
        break;
    case 1:
        bytes[offset] = (uint8_t)random_next(seed);
        break;
    case 2:
        memset(bytes + offset, (int)(random_next(seed) % 256), length);
        break;
    case 3:
        memmove(bytes + offset, bytes + other, length);
        break;
    case 4:
        memmove(bytes + offset / PAGE_BYTES * PAGE_BYTES, bytes + other / PAGE_BYTES * PAGE_BYTES, PAGE_BYTES);
        break;
    default:
        memset(bytes + offset / 512 * 512, 0, 512);
    }
}

static void damage_is_never_accepted_with_a_bit_lost(long mutations)
{
    struct memory_medium memory;
    struct bitmaps saved[2];
    uint64_t seed = 3;
    long refused = 0;

    make_clean(&memory, saved, &seed);
    for (long turn = 0; turn < mutations; turn++) {
        bool lost;
        for (uint64_t count = 1 + random_next(&seed) % 3; count > 0; count--)
            mutate(&memory, &seed);
        if (turn % 16 == 0)     /* cut off as well */
            memory.medium.size_bytes = random_next(&seed) % (TABLE_BYTES / PAGE_BYTES) * PAGE_BYTES;
        refused += !accepted(&memory, saved, &lost);
        CHECK(!lost);
        memory.medium.size_bytes = TABLE_BYTES;
        memcpy(memory.cached, memory.durable, TABLE_BYTES);
    }
    printf("table fuzz: %ld mutations, %ld refused, the rest harmless\n", mutations, refused);
    CHECK(refused > mutations / 2);
    for (int index = 0; index < 2; index++)
        bitmaps_free(&saved[index]);
    memory_medium_free(&memory);
}

int main(int argc, char **argv)
{
    checksum_is_castagnoli();
    saved_comes_back();
    sums_are_the_same_with_and_without_the_processors_help();
    volumes_of_every_length_come_back();
    only_changed_pages_are_written();
    a_change_that_the_checksum_does_not_show_is_written();
    a_count_that_does_not_fit_is_refused();
    in_another_epoch_nothing_is_compared();
    full_table_and_foreign_table_are_refused();
    damage_is_never_accepted_with_a_bit_lost(argc > 1 ? atol(argv[1]) : MUTATIONS);
    return 0;
}
