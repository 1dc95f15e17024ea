/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Byte offsets of the tracking table; docs/table-format.md explains them and argues why a crash at any point is safe.
 * Little-endian throughout. The structures have no padding, which the assertions below hold.
 */
#ifndef BLKTRACK_TABLE_FORMAT_H
#define BLKTRACK_TABLE_FORMAT_H

#include <assert.h>
#include <stdint.h>

#include "table/medium.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the table is little-endian, and so far only little-endian machines write it"
#endif

#define TABLE_MAGIC "BLKTRKT1"
#define TABLE_MAGIC_BYTES 8
#define TABLE_VERSION 2
#define TABLE_SLOTS 2
#define TABLE_DIRECTORY_OFFSET (TABLE_SLOTS * PAGE_BYTES)
#define TABLE_MAX_ENTRIES 256

/* The states differ in every byte, so that no single flipped byte turns one into the other. */
#define TABLE_DIRTY 0x54524944u   /* "DIRT" */
#define TABLE_CLEAN 0x4e4c4b43u   /* "CKLN" */

/* Why a table is dirty, for the reason that the next start gives. */
enum table_cause { TABLE_IN_USE = 0, TABLE_VETOED = 1, TABLE_START_FAILED = 2 };

/* All fields that count lie in the slot's first 512 bytes: one sector, which a disk writes whole or not at all. */
struct table_header {
    uint8_t magic[TABLE_MAGIC_BYTES];
    uint32_t version;
    uint32_t header_crc;           /* CRC32C of the whole slot's 4096 bytes with this field zero */
    uint8_t uuid[16];
    uint64_t sequence;
    uint32_t state;
    uint32_t cause;                /* enum table_cause; 0 in a clean one */
    uint64_t size_bytes;           /* of the file */
    uint32_t entry_count;          /* places in the directory */
    uint32_t directory_crc;        /* CRC32C of the whole directory; 0 in a dirty one */
    uint64_t area_offset;          /* first byte behind the directory */
    uint64_t starts;               /* how often a start took the table over */
    uint8_t boot_id[16];           /* the kernel's, of the boot that wrote this */
    uint64_t written_at;           /* seconds since 1970, for people: nothing is decided by it */
    uint64_t home_digest;          /* of the file system that the table lies on, see home.h; 0: not known, and in a dirty one */
    uint8_t zero[PAGE_BYTES - 112];
};
static_assert(sizeof(struct table_header) == PAGE_BYTES, "a header slot is one page");

#define TABLE_ENTRY_BYTES 16384
#define TABLE_IDENTITY_BYTES 192
#define TABLE_FINGERPRINT_OFFSET 1024
#define TABLE_FINGERPRINT_BYTES (TABLE_ENTRY_BYTES - TABLE_FINGERPRINT_OFFSET)

#define ENTRY_IN_USE 1u
#define ENTRY_TRUST_OFFLINE 2u
#define ENTRY_STAT_VALID 4u
#define ENTRY_FLAGS 7u

struct table_entry {
    uint32_t entry_crc;            /* CRC32C of the entry's 16384 bytes with this field zero */
    uint32_t flags;                /* a free entry is all zero */
    uint64_t sector_count;
    uint32_t granule_bytes;
    uint32_t fingerprint_bytes;
    uint64_t area_offset;          /* of the volume's sum pages, data bitmap, discard bitmap, in this order */
    uint64_t area_bytes;
    uint64_t bitmap_bytes;         /* of one bitmap, whole pages */
    uint32_t sums_crc;             /* CRC32C of the sum pages */
    uint32_t reserved;
    uint8_t series[16];
    uint8_t epoch[16];
    uint64_t diskseq;              /* at the last save; the next four are in sectors, of /sys/…/stat */
    uint64_t stat_written;
    uint64_t stat_discarded;
    uint64_t stat_rest_written;    /* through the whole disk, beside its partitions */
    uint64_t stat_rest_discarded;
    char identity[TABLE_IDENTITY_BYTES];
    char device[64];
    char reason[40];               /* empty: COMPLETE */
    char evidence[512];
    uint8_t stat_boot_id[16];      /* the boot whose accounts the stat fields are; zero before the first save */
    uint8_t zero[TABLE_FINGERPRINT_OFFSET - 952];
    char fingerprint[TABLE_FINGERPRINT_BYTES];
};
static_assert(sizeof(struct table_entry) == TABLE_ENTRY_BYTES, "an entry is four pages");

/*
 * Sum pages: one sum a bitmap page, first the data bitmap's, then the discard bitmap's, filled up with zeros. A sum of zero says that all bits of the page
 * are clear, and what lies in its place is never looked at. The CRC tells whether a page is whole, the count whether it has changed.
 */
struct page_sum {
    uint32_t crc;                  /* CRC32C of the page; 0 where no bit is set */
    uint32_t set_bits;
};
static_assert(sizeof(struct page_sum) == 8, "512 sums a page");

#endif
