/* SPDX-License-Identifier: Apache-2.0 */
#include "table/takeover.h"
#include "base/files.h"
#include "base/fnv1a.h"
#include "base/text.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ID_TEXT 33
#define WITNESS "witness "
#define PAGES_LINE (3 * ID_TEXT + 32 + TABLE_IDENTITY_BYTES)

static void hex(char text[ID_TEXT], const uint8_t id[16])
{
    for (int byte = 0; byte < 16; byte++)
        snprintf(text + 2 * byte, 3, "%02x", id[byte]);
}

static void first_line(char *line, size_t size, const struct table_header *header, const uint8_t boot_id[16])
{
    char uuid[ID_TEXT], boot[ID_TEXT];

    hex(uuid, header->uuid);
    hex(boot, boot_id);
    snprintf(line, size, "table %s boot %s\n", uuid, boot);
}

void takeover_read(const struct instance *instance, const struct table_header *header, const uint8_t boot_id[16], struct takeover *takeover)
{
    char path[PATH_MAX], line[256], want[256];

    memset(takeover, 0, sizeof *takeover);
    snprintf(path, sizeof path, "%s/takeover", instance->run_dir);
    FILE *file = fopen(path, "re");
    if (!file)
        return;
    first_line(want, sizeof want, header, boot_id);
    takeover->valid = fgets(line, sizeof line, file) && strcmp(line, want) == 0 && fgets(line, sizeof line, file) && has_prefix(line, WITNESS);
    if (takeover->valid) {
        line[strcspn(line, "\n")] = 0;
        snprintf(takeover->witness, sizeof takeover->witness, "%.191s", line + strlen(WITNESS));
    }
    while (takeover->valid && fgets(line, sizeof line, file) && takeover->waiting_count < TABLE_MAX_ENTRIES) {
        line[strcspn(line, "\n")] = 0;
        snprintf(takeover->waiting[takeover->waiting_count++], TABLE_IDENTITY_BYTES, "%.191s", line);
    }
    fclose(file);
}

int takeover_write(const struct instance *instance, const struct table_header *header, const uint8_t boot_id[16],
                   const struct takeover *takeover, struct fault *fault)
{
    size_t size = 512 + takeover->waiting_count * (TABLE_IDENTITY_BYTES + 1);
    char path[PATH_MAX], *text = malloc(size);

    if (!text)
        return fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot note the take-over");
    first_line(text, size, header, boot_id);
    size_t length = strlen(text);
    length += (size_t)snprintf(text + length, size - length, WITNESS "%s\n", takeover->witness);
    for (uint32_t index = 0; index < takeover->waiting_count; index++)
        length += (size_t)snprintf(text + length, size - length, "%s\n", takeover->waiting[index]);
    snprintf(path, sizeof path, "%s/takeover", instance->run_dir);
    int result = file_replace(path, text, length, fault);
    free(text);
    return result;
}

void takeover_forget(const struct instance *instance)
{
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s/takeover", instance->run_dir);
    unlink(path);
}

bool takeover_waits_for(const struct takeover *takeover, const char *identity)
{
    for (uint32_t index = 0; takeover->valid && index < takeover->waiting_count; index++)
        if (strcmp(takeover->waiting[index], identity) == 0)
            return true;
    return false;
}

/* One a volume: it is then of the table that was written last, as the volume's `recorded` is. */
static void pages_path(char *path, size_t size, const struct instance *instance, const struct table_entry *entry)
{
    snprintf(path, size, "%s/pages-%016llx", instance->run_dir, (unsigned long long)fnv1a_text(entry->identity));
}

/* The sums' CRC tells a copy of the table that holds an earlier reading from the one that was written. */
static void pages_line(char *line, size_t size, const struct table *table, const struct table_entry *entry)
{
    char boot[ID_TEXT], uuid[ID_TEXT], epoch[ID_TEXT];
    uint8_t boot_id[16];

    read_boot_id(boot_id);
    hex(boot, boot_id);
    hex(uuid, table->header.uuid);
    hex(epoch, entry->epoch);
    snprintf(line, size, "%s %s %s %llu %08x %s", boot, uuid, epoch, (unsigned long long)entry->area_offset, entry->sums_crc, entry->identity);
}

bool pages_known(const struct instance *instance, const struct table *table, const struct table_entry *entry, const uint8_t epoch[16])
{
    char path[PATH_MAX], line[PAGES_LINE], want[PAGES_LINE];

    if (memcmp(entry->epoch, epoch, sizeof entry->epoch) != 0)
        return false;
    pages_line(want, sizeof want, table, entry);
    pages_path(path, sizeof path, instance, entry);
    FILE *file = fopen(path, "re");
    bool known = file && fgets(line, sizeof line, file) && strcmp(line, want) == 0;
    if (file)
        fclose(file);
    return known;
}

/* A marker that can't be written is missing, and missing means: write every page. */
void pages_set_known(const struct instance *instance, const struct table *table, const struct table_entry *entry, bool known)
{
    char path[PATH_MAX], line[PAGES_LINE];

    pages_path(path, sizeof path, instance, entry);
    if (!known) {
        unlink(path);
        return;
    }
    pages_line(line, sizeof line, table, entry);
    FILE *file = fopen(path, "we");
    if (file) {
        fputs(line, file);
        fclose(file);
    }
}

static void sequence_path(char *path, size_t size, const struct instance *instance)
{
    snprintf(path, size, "%s/table.sequence", instance->state_dir);
}

bool sequence_contradicts(const struct instance *instance, const struct table_header *header)
{
    char path[PATH_MAX], uuid[ID_TEXT], boot[ID_TEXT], seen_uuid[ID_TEXT], seen_boot[ID_TEXT];
    unsigned long long sequence;

    sequence_path(path, sizeof path, instance);
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    bool whole = fscanf(file, "%32s %32s %llu", seen_uuid, seen_boot, &sequence) == 3;
    fclose(file);
    hex(uuid, header->uuid);
    hex(boot, header->boot_id);
    return whole && strcmp(uuid, seen_uuid) == 0 && (header->sequence < sequence || (header->sequence == sequence && strcmp(boot, seen_boot) != 0));
}

void sequence_note(const struct instance *instance, const struct table_header *header)
{
    char path[PATH_MAX], uuid[ID_TEXT], boot[ID_TEXT], text[128], there[128] = "";
    struct fault ignored;

    hex(uuid, header->uuid);
    hex(boot, header->boot_id);
    snprintf(text, sizeof text, "%s %s %llu\n", uuid, boot, (unsigned long long)header->sequence);
    sequence_path(path, sizeof path, instance);
    FILE *file = fopen(path, "re");
    if (file) {
        if (!fgets(there, sizeof there, file))
            there[0] = 0;
        fclose(file);
    }
    if (strcmp(text, there) != 0)
        (void)file_replace(path, text, strlen(text), &ignored);
}
