/* SPDX-License-Identifier: Apache-2.0 */
#include "tracker/epoch.h"

#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define WORD_BITS 64
#define MERGE_WORDS 512     /* a page: small enough to stay in the cache between two looks */
#define CHUNK_PLAIN_WORDS (BT_CHUNK_GRANULES / WORD_BITS)

static uint64_t divide_up(uint64_t value, uint64_t by)
{
    return (value + by - 1) / by;
}

uint64_t epoch_plain_words(uint64_t granules)
{
    return divide_up(granules, WORD_BITS);
}

static uint64_t bitmap_words(enum bt_layout layout, uint64_t granules)
{
    return layout == BT_BITS ? divide_up(granules, WORD_BITS) : divide_up(granules, sizeof(uint64_t));
}

static uint64_t chunk_words(uint64_t granules)
{
    return divide_up(divide_up(granules, BT_CHUNK_GRANULES), sizeof(uint64_t));
}

void epoch_geometry(struct bt_volume *volume, enum bt_layout layout, uint64_t granules)
{
    volume->bitmap_words = (uint32_t)bitmap_words(layout, granules);
    volume->chunk_words = (uint32_t)chunk_words(granules);
}

static uint64_t map_words(uint64_t bitmap_words, uint64_t chunk_words)
{
    return 2 * (bitmap_words + chunk_words);
}

uint64_t epoch_map_bytes(enum bt_layout layout, uint64_t granules)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

    /* A map that can be mapped takes whole pages, and one for its head. */
    return (1 + divide_up(map_words(bitmap_words(layout, granules), chunk_words(granules)) * sizeof(uint64_t), page)) * page;
}

int epoch_create(const struct bt_volume *volume, struct fault *fault)
{
    LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_MMAPABLE | BPF_F_INNER_MAP);
    uint64_t words = map_words(volume->bitmap_words, volume->chunk_words);
    int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "bt_epoch", sizeof(uint32_t), sizeof(uint64_t), (uint32_t)words, &options);

    if (fd < 0)
        return fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot make a map of %llu KiB for the volume's marks",
                           (unsigned long long)words * sizeof(uint64_t) / 1024);
    return fd;
}

void epoch_init(struct epoch *epoch, int fd, enum bt_layout layout, const struct bt_volume *volume, uint64_t granules)
{
    *epoch = (struct epoch){.fd = fd, .layout = layout, .granules = granules, .bitmap_words = volume->bitmap_words, .chunk_words = volume->chunk_words};
}

int epoch_map(struct epoch *epoch, enum bt_kind kind, struct fault *fault)
{
    struct epoch_part *part = &epoch->part[kind];
    size_t page = (size_t)sysconf(_SC_PAGESIZE), half = ((size_t)epoch->bitmap_words + epoch->chunk_words) * sizeof(uint64_t);
    size_t first = kind == BT_DATA ? 0 : half, before = first % page;

    if (part->pages)
        return 0;
    part->bytes = divide_up(before + half, page) * page;
    part->pages = mmap(NULL, part->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, epoch->fd, (off_t)(first - before));
    if (part->pages == MAP_FAILED) {
        part->pages = NULL;
        return fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot map the volume's marks");
    }
    part->words = (uint64_t *)((char *)part->pages + before);
    return 0;
}

void epoch_unmap(struct epoch *epoch)
{
    for (enum bt_kind kind = BT_DATA; kind <= BT_DISCARD; kind++) {
        if (epoch->part[kind].pages)
            munmap(epoch->part[kind].pages, epoch->part[kind].bytes);
        epoch->part[kind].pages = NULL;
    }
}

void epoch_close(struct epoch *epoch)
{
    epoch_unmap(epoch);
    close(epoch->fd);
}

static uint64_t *bitmap(const struct epoch *epoch, enum bt_kind kind)
{
    return epoch->part[kind].words;
}

bool epoch_has_marks(const struct epoch *epoch, enum bt_kind kind)
{
    const uint64_t *words = bitmap(epoch, kind);

    for (size_t word = 0; word < (size_t)epoch->bitmap_words + epoch->chunk_words; word++)
        if (words[word])
            return true;
    return false;
}

static void set_granule(struct epoch *epoch, uint64_t granule)
{
    uint64_t *words = bitmap(epoch, BT_DATA);

    if (epoch->layout == BT_BITS)
        __atomic_fetch_or(&words[granule / WORD_BITS], 1ULL << granule % WORD_BITS, __ATOMIC_RELAXED);
    else
        __atomic_store_n((uint8_t *)words + granule, 1, __ATOMIC_RELAXED);
}

void epoch_mark(struct epoch *epoch, uint64_t first, uint64_t last)
{
    if (last >= epoch->granules)
        last = epoch->granules - 1;
    for (uint64_t granule = first; granule <= last; granule++)
        set_granule(epoch, granule);
}

/* Gathers the low bit of each of eight bytes. */
static uint8_t gather(uint64_t bytes)
{
    return (uint8_t)((bytes & 0x0101010101010101ULL) * 0x0102040810204080ULL >> 56);
}

static void read_bitmap(const struct epoch *epoch, enum bt_kind kind, uint64_t *plain)
{
    const uint64_t *words = bitmap(epoch, kind);
    uint64_t plain_words = epoch_plain_words(epoch->granules);

    if (epoch->layout == BT_BITS) {
        memcpy(plain, words, plain_words * sizeof *plain);
        return;
    }
    memset(plain, 0, plain_words * sizeof *plain);
    for (uint64_t i = 0; i < epoch->bitmap_words; i++)
        plain[i / 8] |= (uint64_t)gather(words[i]) << i % 8 * 8;
}

void epoch_read(const struct epoch *epoch, enum bt_kind kind, uint64_t *plain)
{
    const uint8_t *chunks = (const uint8_t *)(bitmap(epoch, kind) + epoch->bitmap_words);
    uint64_t plain_words = epoch_plain_words(epoch->granules);

    read_bitmap(epoch, kind, plain);
    for (uint64_t chunk = 0; chunk * BT_CHUNK_GRANULES < epoch->granules; chunk++) {
        if (!chunks[chunk])
            continue;
        uint64_t first = chunk * CHUNK_PLAIN_WORDS;
        uint64_t count = plain_words - first < CHUNK_PLAIN_WORDS ? plain_words - first : CHUNK_PLAIN_WORDS;
        memset(plain + first, 0xff, count * sizeof *plain);
    }
    /* Bits behind the last granule mean nothing and stay clear. */
    if (epoch->granules % WORD_BITS)
        plain[plain_words - 1] &= ~0ULL >> (WORD_BITS - epoch->granules % WORD_BITS);
}

const uint64_t *epoch_plain(const struct epoch *epoch, enum bt_kind kind)
{
    const uint64_t *words = bitmap(epoch, kind), *chunks = words + epoch->bitmap_words;

    if (epoch->layout != BT_BITS)
        return NULL;
    for (uint32_t word = 0; word < epoch->chunk_words; word++)
        if (__atomic_load_n(&chunks[word], __ATOMIC_RELAXED))
            return NULL;
    return words;
}

static void merge_bits(uint64_t *words, const uint64_t *plain, uint64_t count)
{
    uint64_t any = 0, missing = 0;

    for (uint64_t i = 0; i < count; i++)
        any |= plain[i];
    /* Loads wait for memory side by side, atomic ORs one after another: so all loads first. */
    for (uint64_t i = 0; any && i < count; i++)
        missing |= plain[i] & ~__atomic_load_n(&words[i], __ATOMIC_RELAXED);
    for (uint64_t i = 0; missing && i < count; i++)
        if (plain[i] & ~__atomic_load_n(&words[i], __ATOMIC_RELAXED))
            __atomic_fetch_or(&words[i], plain[i], __ATOMIC_RELAXED);
}

void epoch_merge(struct epoch *epoch, enum bt_kind kind, uint64_t first_word, const uint64_t *plain, uint64_t count)
{
    uint64_t *words = bitmap(epoch, kind);
    uint64_t plain_words = epoch_plain_words(epoch->granules);

    if (first_word >= plain_words)
        return;
    if (count > plain_words - first_word)
        count = plain_words - first_word;
    for (uint64_t done = 0; epoch->layout == BT_BITS && done < count; done += MERGE_WORDS)
        merge_bits(words + first_word + done, plain + done, count - done < MERGE_WORDS ? count - done : MERGE_WORDS);
    for (uint64_t i = 0; epoch->layout != BT_BITS && i < count; i++)
        for (uint64_t left = plain[i]; left; left &= left - 1)
            __atomic_store_n((uint8_t *)words + (first_word + i) * WORD_BITS + (uint64_t)__builtin_ctzll(left), 1, __ATOMIC_RELAXED);
}

int epoch_copy_marks(const struct epoch *from, enum bt_kind kind, struct epoch *to, enum bt_kind as, struct fault *fault)
{
    uint64_t words = epoch_plain_words(from->granules), *plain = malloc(words * sizeof *plain);

    if (!plain)
        return fault_errno(fault, STATUS_FAILED, "NO_MEMORY", "cannot carry marks from one epoch to another");
    epoch_read(from, kind, plain);
    epoch_merge(to, as, 0, plain, words);
    free(plain);
    return 0;
}
