/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The golden tables that the Java reader is tested with: this program makes them anew and holds them against the files in
 * src/test/resources/table. With --write it replaces the files: after a change of the format, and then the Java test must be changed too.
 * The clock is taken out at link time (--wrap=time).
 */
#include <string.h>
#include <time.h>

#include "check.h"
#include "memory_medium.h"
#include "table/table.h"

#define PLACES 2
#define TABLE_BYTES (TABLE_DIRECTORY_OFFSET + PLACES * TABLE_ENTRY_BYTES + 8 * PAGE_BYTES)
#define WRITTEN_AT 1795000000

time_t __wrap_time(time_t *result);
time_t __wrap_time(time_t *result)
{
    if (result)
        *result = WRITTEN_AT;
    return WRITTEN_AT;
}

static struct memory_medium memory;
static const char *folder;
static bool writes;

static void fill(struct table *table, const char *identity, uint64_t sectors, uint32_t granule_bytes, bool unknown)
{
    struct table_page_counts counts = { 0 };
    struct table_entry *entry;
    struct fault fault;

    CHECK_OK(table_place(table, identity, sectors, granule_bytes, &entry, &fault), &fault);
    uint64_t *data = page_alloc(entry->bitmap_bytes), *discard = page_alloc(entry->bitmap_bytes);
    data[0] = 0x8000000000000005;           /* granules 0, 2, 63 */
    data[2] = 1;
    if (!unknown)
        discard[1] = 0xff;
    for (int byte = 0; byte < 16; byte++) {
        entry->series[byte] = (uint8_t)byte;
        entry->epoch[byte] = (uint8_t)(0xf0 | byte);
    }
    snprintf(entry->device, sizeof entry->device, "/dev/sda2");
    if (unknown) {
        entry->flags |= ENTRY_TRUST_OFFLINE;
        snprintf(entry->reason, sizeof entry->reason, "AUDIT_MISMATCH");
        snprintf(entry->evidence, sizeof entry->evidence, "8 sectors were never counted");
    }
    entry->fingerprint_bytes = (uint32_t)snprintf(entry->fingerprint, 200, "sectors=%llu\nidentity=%s\next4.mount_count=3\n",
                                                  (unsigned long long)sectors, identity);
    CHECK_OK(table_write_bitmaps(table, entry, data, discard, TABLE_ALL, &counts, &fault), &fault);
    free(data);
    free(discard);
}

static void compare(const char *name)
{
    char path[512];
    uint8_t *there = malloc(TABLE_BYTES);

    snprintf(path, sizeof path, "%s/%s.table", folder, name);
    FILE *file = fopen(path, writes ? "we" : "re");
    CHECK(file);
    if (writes) {
        CHECK(fwrite(memory.cached, 1, TABLE_BYTES, file) == TABLE_BYTES);
    } else {
        CHECK(fread(there, 1, TABLE_BYTES, file) == TABLE_BYTES);
        CHECK(memcmp(there, memory.cached, TABLE_BYTES) == 0);
    }
    CHECK(fclose(file) == 0);
    free(there);
}

int main(int count, char **words)
{
    static const uint8_t uuid[16] = "golden-uuid-0001", boot_id[16] = "golden-boot-0001";
    struct table table;
    struct fault fault;

    writes = count == 3 && strcmp(words[1], "--write") == 0;
    folder = writes ? words[2] : count == 2 ? words[1] : "../resources/table";
    memory_medium_init(&memory, TABLE_BYTES);
    CHECK_OK(table_create(&memory.medium, uuid, PLACES, boot_id, &fault), &fault);
    CHECK_OK(table_open(&table, &memory.medium, uuid, &fault), &fault);
    CHECK_OK(table_mark_dirty(&table, TABLE_IN_USE, true, boot_id, &fault), &fault);
    fill(&table, "partuuid:11112222333344445555666677778888", 204800, 65536, false);
    fill(&table, "serial:disk-1", 20480 + 3, 4096, true);
    CHECK_OK(table_write_directory(&table, &fault), &fault);
    compare("dirty");
    CHECK_OK(table_mark_clean(&table, boot_id, 0, &fault), &fault);
    compare("clean");
    table_close(&table);
    memory_medium_free(&memory);
    return 0;
}
