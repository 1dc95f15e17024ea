/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Setting marks. One write touches one word as a rule, and that path is inlined; everything longer goes
 * through a global function, which the verifier checks once for all callers.
 *
 * The cost of a mark is bounded: at most two runs of MAX_EDGE_WORDS words at the edges of a range, and one byte
 * for every BT_CHUNK_GRANULES granules between. A bio spans at most 4 GiB: 256 chunks at 4 KiB granules.
 *
 * The verifier follows a plain loop through every turn, which takes most of a start's time; the turns of bpf_loop it follows once.
 * The layout of bits stands for kernels that know callbacks, if not bpf_loop.
 */
#ifndef BLKTRACK_MARK_H
#define BLKTRACK_MARK_H

#define SECTORS_PER_BIO_MAX (1ULL << 23)
#define BYTE_ONES 0x0101010101010101ULL

static __always_inline __u32 granules_per_word_shift(enum bt_layout layout)
{
    return layout == BT_BITS ? 6 : 3;
}

/* Index of the first word of a kind's bitmap in the epoch map. */
static __always_inline __u32 bitmap_base(const struct bt_volume *volume, enum bt_kind kind)
{
    return kind == BT_DATA ? 0 : volume->bitmap_words + volume->chunk_words;
}

/* All marks of one word; a run of granules inside it is given by its first and last position. */
static __always_inline __u64 run_mask(enum bt_layout layout, __u32 first, __u32 last)
{
    if (layout == BT_BITS)
        return (~0ULL << (first & 63)) & (~0ULL >> (63 - (last & 63)));
    return BYTE_ONES & (~0ULL << ((first & 7) * 8)) & (~0ULL >> ((7 - (last & 7)) * 8));
}

static __always_inline void set_marks(enum bt_layout layout, __u64 *word, __u64 mask)
{
    /* Most writes go where something was written before: look before locking the cache line. */
    if ((*(volatile __u64 *)word & mask) == mask)
        return;
    if (layout == BT_BITS) {
        __sync_fetch_and_or(word, mask);
        return;
    }
    /* One byte a granule: stores of different granules can't undo each other. */
    volatile __u8 *bytes = (volatile __u8 *)word;
#pragma unroll
    for (int i = 0; i < 8; i++)
        if (mask & (1ULL << (i * 8)))
            bytes[i] = 1;
}

static __always_inline void *live_epoch(__u32 slot)
{
    return bpf_map_lookup_elem(&epochs, &slot);
}

/* Marks granules [first, last] that lie in one word. */
static __always_inline void mark_word(enum bt_layout layout, void *epoch, __u32 base, __u64 first, __u64 last)
{
    __u32 shift = granules_per_word_shift(layout);
    __u32 index = base + (__u32)(first >> shift);
    __u64 *word = bpf_map_lookup_elem(epoch, &index);

    if (word)
        set_marks(layout, word, run_mask(layout, (__u32)first, (__u32)last));
}

struct word_run {
    void *epoch;
    __u32 key, turns;
};

static long fill_word(__u32 turn, struct word_run *run)
{
    __u32 key = run->key + turn;
    __u64 *word = turn < run->turns ? bpf_map_lookup_elem(run->epoch, &key) : 0;

    if (word)
        *(volatile __u64 *)word = ~0ULL;
    return turn >= run->turns;
}

/*
 * Marks granules [first, last], fewer than two chunks of them. Whole words are stored, not ORed: nothing can be lost where
 * everything is set. The loop has no other branch, since the verifier of 5.10 follows each through every turn.
 */
static __always_inline void mark_words(enum bt_layout layout, void *epoch, __u32 base, __u64 first, __u64 last)
{
    __u32 shift = granules_per_word_shift(layout);
    __u32 max_words = 2 * BT_CHUNK_GRANULES >> shift;
    __u32 span = (1u << shift) - 1;
    __u32 index = (__u32)(first >> shift), last_index = (__u32)(last >> shift);

    if (index >= last_index) {
        mark_word(layout, epoch, base, first, last);
        return;
    }
    mark_word(layout, epoch, base, first, first | span);
    if (layout == BT_BITS && facts.has_loop) {
        struct word_run run = {.epoch = epoch, .key = base + index + 1, .turns = last_index - index - 1};
        bpf_loop(max_words, fill_word, &run, 0);
    } else {
        for (__u32 turn = 0; turn < max_words; turn++) {
            if (++index >= last_index)
                break;
            __u32 key = base + index;
            __u64 *word = bpf_map_lookup_elem(epoch, &key);
            if (word)
                *(volatile __u64 *)word = layout == BT_BITS ? ~0ULL : BYTE_ONES;
        }
    }
    mark_word(layout, epoch, base, last & ~(__u64)span, last);
}

struct chunk_run {
    void *epoch;
    __u32 base, first, last;
};

static __always_inline void fill_chunk(void *epoch, __u32 base, __u32 chunk)
{
    __u32 index = base + (chunk >> 3);
    __u64 *word = bpf_map_lookup_elem(epoch, &index);

    if (word)
        ((volatile __u8 *)word)[chunk & 7] = 1;
}

static long fill_next_chunk(__u32 turn, struct chunk_run *run)
{
    __u32 chunk = run->first + turn;

    if (chunk > run->last)
        return 1;
    fill_chunk(run->epoch, run->base, chunk);
    return 0;
}

#define MAX_CHUNKS (SECTORS_PER_BIO_MAX / 8 / BT_CHUNK_GRANULES + 1)

/* Marks whole chunks [first, last] by their bytes. */
static __always_inline void mark_chunks(enum bt_layout layout, void *epoch, __u32 base, __u32 first, __u32 last)
{
    if (layout == BT_BITS && facts.has_loop) {
        struct chunk_run run = {.epoch = epoch, .base = base, .first = first, .last = last};
        bpf_loop(MAX_CHUNKS, fill_next_chunk, &run, 0);
        return;
    }
    /* Kernels with bpf_loop read this too: a loop that is entered in its middle is an error for some of them. */
    for (__u32 turn = 0; turn < MAX_CHUNKS; turn++) {
        __u32 chunk = first + turn;
        if (chunk > last)
            break;
        fill_chunk(epoch, base, chunk);
    }
}

static __always_inline int mark_long(enum bt_layout layout, __u32 slot, __u32 kind, __u64 first, __u64 last)
{
    struct bt_volume *volume = bpf_map_lookup_elem(&volumes, &slot);
    void *epoch = live_epoch(slot);

    if (!volume || !epoch || first > last)
        return 0;
    __u32 base = bitmap_base(volume, kind == BT_DATA ? BT_DATA : BT_DISCARD);
    if (last - first < 2 * BT_CHUNK_GRANULES) {
        mark_words(layout, epoch, base, first, last);
        return 0;
    }
    __u64 first_chunk = (first + BT_CHUNK_GRANULES - 1) / BT_CHUNK_GRANULES;
    __u64 end_chunk = (last + 1) / BT_CHUNK_GRANULES;
    if (first < first_chunk * BT_CHUNK_GRANULES)
        mark_words(layout, epoch, base, first, first_chunk * BT_CHUNK_GRANULES - 1);
    mark_chunks(layout, epoch, base + volume->bitmap_words, (__u32)first_chunk, (__u32)end_chunk - 1);
    if (end_chunk * BT_CHUNK_GRANULES <= last)
        mark_words(layout, epoch, base, end_chunk * BT_CHUNK_GRANULES, last);
    return 0;
}

/* Global functions, so that each is verified once, with any arguments. */
__noinline int mark_long_bits(__u32 slot, __u32 kind, __u64 first, __u64 last)
{
    return mark_long(BT_BITS, slot, kind, first, last);
}

__noinline int mark_long_bytes(__u32 slot, __u32 kind, __u64 first, __u64 last)
{
    return mark_long(BT_BYTES, slot, kind, first, last);
}

static __always_inline void mark_granules(enum bt_layout layout, __u32 slot, const struct bt_volume *volume,
                                          enum bt_kind kind, __u64 first, __u64 last)
{
    __u32 shift = granules_per_word_shift(layout);

    if (first >> shift == last >> shift) {
        void *epoch = live_epoch(slot);
        if (epoch)
            mark_word(layout, epoch, bitmap_base(volume, kind), first, last);
    } else if (layout == BT_BITS) {
        mark_long_bits(slot, kind, first, last);
    } else {
        mark_long_bytes(slot, kind, first, last);
    }
}

/* A granule is discarded only if it lies wholly inside; the edges are changed data. */
static __always_inline void mark_discard_edges(enum bt_layout layout, __u32 slot, const struct bt_volume *volume, __u64 start, __u64 end)
{
    __u32 shift = volume->granule_shift;
    __u64 granule = 1ULL << shift;
    __u64 first = start >> shift, last = (end - 1) >> shift;
    __u64 inner_first = (start + granule - 1) >> shift;
    /* The last granule of a volume may be short: a discard up to the volume's end covers it. */
    __u64 inner_end = end == volume->end_sector - volume->start_sector ? last + 1 : end >> shift;

    if (inner_first > first)
        mark_granules(layout, slot, volume, BT_DATA, first, first);
    if (inner_end <= last && (last != first || inner_first == first))
        mark_granules(layout, slot, volume, BT_DATA, last, last);
}

/*
 * The edges are among the discards as well, where data goes before discard: a checkpoint that finds discards under way carries all that is there.
 * They are data before and behind: the epoch may be swapped in between, and neither may have them as discards alone.
 */
static __always_inline void mark_discard(enum bt_layout layout, __u32 slot, const struct bt_volume *volume, __u64 start, __u64 end)
{
    mark_discard_edges(layout, slot, volume, start, end);
    mark_granules(layout, slot, volume, BT_DISCARD, start >> volume->granule_shift, (end - 1) >> volume->granule_shift);
    mark_discard_edges(layout, slot, volume, start, end);
}

/* Marks what sectors [start, end) of the disk have in common with one volume; returns the next one's slot. */
static __always_inline __u32 mark_volume(enum bt_layout layout, __u32 slot, __u32 kind, __u64 start, __u64 end)
{
    struct bt_volume *volume = bpf_map_lookup_elem(&volumes, &slot);

    if (!volume)
        return BT_NONE;
    if (start < volume->end_sector && end > volume->start_sector) {
        __u64 from = start > volume->start_sector ? start - volume->start_sector : 0;
        __u64 to = (end < volume->end_sector ? end : volume->end_sector) - volume->start_sector;
        if (kind == BT_DISCARD)
            mark_discard(layout, slot, volume, from, to);
        else
            mark_granules(layout, slot, volume, BT_DATA, from >> volume->granule_shift, (to - 1) >> volume->granule_shift);
    }
    return volume->next_volume;
}

__noinline __u32 mark_volume_bits(__u32 slot, __u32 kind, __u64 start, __u64 end)
{
    return mark_volume(BT_BITS, slot, kind, start, end);
}

__noinline __u32 mark_volume_bytes(__u32 slot, __u32 kind, __u64 start, __u64 end)
{
    return mark_volume(BT_BYTES, slot, kind, start, end);
}

/* The common case, inlined: data, within one word of the only volume on the disk. */
static __always_inline bool mark_quickly(enum bt_layout layout, const struct bt_disk *disk, __u64 start, __u64 end)
{
    __u32 slot = disk->quick_slot;

    if (slot == BT_NONE || start < disk->quick_start || end > disk->quick_end)
        return false;
    __u64 first = (start - disk->quick_start) >> disk->quick_shift;
    __u64 last = (end - 1 - disk->quick_start) >> disk->quick_shift;
    __u32 shift = granules_per_word_shift(layout);
    if (first >> shift != last >> shift)
        return false;
    void *epoch = live_epoch(slot);
    if (epoch)
        mark_word(layout, epoch, 0, first, last);
    return true;
}

struct volume_run {
    __u64 start, end;
    __u32 slot, kind;
};

static long mark_next_volume(__u32 turn, struct volume_run *run)
{
    (void)turn;
    run->slot = mark_volume_bits(run->slot, run->kind, run->start, run->end);
    return run->slot == BT_NONE;
}

static __always_inline void mark_volumes(enum bt_layout layout, __u32 slot, enum bt_kind kind, __u64 start, __u64 end)
{
    if (layout == BT_BITS && facts.has_loop) {
        struct volume_run run = {.start = start, .end = end, .slot = slot, .kind = kind};
        if (slot != BT_NONE)
            bpf_loop(BT_MAX_VOLUMES, mark_next_volume, &run, 0);
        return;
    }
    for (int turn = 0; turn < BT_MAX_VOLUMES && slot != BT_NONE; turn++)
        slot = layout == BT_BITS ? mark_volume_bits(slot, kind, start, end) : mark_volume_bytes(slot, kind, start, end);
}

/* Marks sectors [start, end) of the disk in every volume on it. */
static __always_inline void mark_sectors(enum bt_layout layout, const struct bt_disk *disk, enum bt_kind kind, __u64 start, __u64 end)
{
    if (kind != BT_DATA || !mark_quickly(layout, disk, start, end))
        mark_volumes(layout, disk->first_volume, kind, start, end);
}

/* Global functions: they are called in a loop, which would multiply with the one in them. */
__noinline int mark_discarded_bits(__u32 first_volume, __u64 start, __u64 end)
{
    mark_volumes(BT_BITS, first_volume, BT_DISCARD, start, end);
    return 0;
}

__noinline int mark_discarded_bytes(__u32 first_volume, __u64 start, __u64 end)
{
    mark_volumes(BT_BYTES, first_volume, BT_DISCARD, start, end);
    return 0;
}

#endif
