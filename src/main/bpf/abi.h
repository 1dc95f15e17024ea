/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/*
 * What the BPF programs and the helper agree on: the values of the pinned maps.
 *
 * A volume is a range of sectors on one whole disk. Bios and requests carry absolute sectors once the
 * partition remap is done, so a program goes from the disk to its volumes and never looks at partitions.
 *
 * An epoch is one ARRAY map of 64-bit words, reached through the map in map "epochs" by volume slot:
 *
 *     [data bitmap | data chunks | discard bitmap | discard chunks]
 *
 * so that a checkpoint swaps writes and discards in one atomic update. A bitmap has a bit a granule
 * (layout BT_BITS), or a byte a granule (BT_BYTES) on kernels that have no atomic OR for BPF. A chunk is
 * one byte that stands for BT_CHUNK_GRANULES granules: a discard of gigabytes sets chunks, whole, and bits
 * only at its two edges, so every program's work is bounded. What is marked is the union of bits and chunks.
 */
#ifndef BLKTRACK_ABI_H
#define BLKTRACK_ABI_H

#define BT_ABI_VERSION 5

/* What the helper learned from the running kernel's BTF, set before loading. Absent things are ~0. */
struct bt_facts {
    __u32 op_mask;               /* bits of bi_opf and cmd_flags that hold the operation */
    __u32 op_discard;
    __u32 op_passthrough_first;  /* SCSI_IN where it exists, else DRV_IN: nothing but passthrough lies above */
    __u32 op_zone_append;
    __u32 op_zone_first;         /* zone open, close, finish, reset lie in [first, last] */
    __u32 op_zone_last;
    __u32 bio_traced_bit;        /* number of BIO_TRACE_COMPLETION in bi_flags */
    __u32 bio_remapped_bit;      /* number of BIO_REMAPPED */
    __u32 request_idle;          /* MQ_RQ_IDLE */
    __u32 request_bytes;         /* sizeof(struct request): the driver's own data lie behind it */
    __u32 has_loop;              /* bpf_loop, since 5.17 */
    __u32 may_lose_processor;    /* programs on tracepoints run preemptibly, since 7.0 */
    __u32 page_sectors;
};

/* Map "about": ARRAY[1], mapped: what pinned this tree of maps, and what the programs ask first. */
struct bt_about {
    __u32 abi_version;
    __u32 layout;
    __u32 bio_based_disks;   /* 0: plain writes are of no interest before they are requests */
    __u32 stray_commands;    /* that may have changed some NVMe volume: of an admin queue, or to a path of a multipath head */
    __u32 hibernations;      /* images of the memory that were made: what is written after that, no image knows */
    __u32 single_pages;      /* 1: drivers may take single pages without a bio, before 6.3 */
    __u32 sizes_given;       /* to disks in the map "sizes" */
    __u32 hurried;           /* 1: the helper may have made all grace periods short, and not yet taken it back; see grace_period.h */
};
#define BT_MAX_VOLUMES 256
#define BT_MAX_DISKS 256
#define BT_DISK_BUCKETS 1024   /* open addressing on the disk's device number */
#define BT_MAX_PROBES 16       /* the helper places no disk farther than this from its own bucket */
#define BT_CHUNK_GRANULES 4096
#define BT_NONE 0xffffffffu

enum bt_layout { BT_BITS, BT_BYTES };
enum bt_kind { BT_DATA, BT_DISCARD };

/*
 * Map "disks": ARRAY[BT_DISK_BUCKETS], mapped; one cache line each. `dev` is stored last and cleared first. Where a disk
 * has one volume only, the line holds all that marking a write needs; `quick_slot` is stored last and cleared first, each
 * a grace period apart from the other quick fields.
 */
struct bt_disk {
    __u32 dev;             /* kernel encoding: major << 20 | minor; 0: free bucket */
    __u32 index;           /* of the disk's counters */
    __u64 diskseq;         /* 0 where the kernel has none */
    __u32 first_volume;    /* slot, or BT_NONE */
    __u32 request_based;   /* 1: counted and held by request tag; 0: counted at bio submission */
    __u32 tag_depth;       /* tags a hardware queue, for the index into the tag table */
    __u32 commands;        /* BT_COMMANDS_..., and above BT_COMMANDS_BITS where in its request the command lies, bytes */
    __u64 quick_start;     /* the only volume's sectors, end exclusive */
    __u64 quick_end;
    __u32 quick_slot;      /* BT_NONE: go by first_volume */
    __u32 quick_shift;     /* its granule_shift */
    __u32 tag_base;        /* the disk's part of the map "tags": queue * tag_depth + tag, from here on */
    __u32 tag_count;
};

/* How a disk's passthrough commands are read. */
#define BT_COMMANDS_BITS 8
enum bt_commands {
    BT_COMMANDS_UNKNOWN,
    BT_COMMANDS_ASK,           /* the driver's own DRV_IN commands only ask (virtio: the serial number) */
    BT_COMMANDS_SCSI,          /* a CDB lies there */
    BT_COMMANDS_SCSI_POINTER,  /* the address of one does, before 5.18 */
    BT_COMMANDS_NVME_POINTER,  /* the address of an NVMe command */
};

/* Map "volumes": ARRAY[BT_MAX_VOLUMES], mapped. */
struct bt_volume {
    __u64 start_sector;    /* on the whole disk */
    __u64 end_sector;      /* exclusive */
    __u32 granule_shift;   /* log2 of sectors a granule */
    __u32 next_volume;     /* next slot on the same disk, or BT_NONE */
    __u32 bitmap_words;    /* words of one bitmap, as the layout has them */
    __u32 chunk_words;     /* words of one row of chunks */
};

/* Map "counters": PERCPU_ARRAY[BT_MAX_DISKS]; sectors where not said otherwise. */
struct bt_counters {
    __u64 queued_written;      /* bios, write-zeroes among them */
    __u64 queued_discarded;
    __u64 issued_written;      /* requests */
    __u64 issued_discarded;
    __u64 requeued_written;    /* issued, then taken back: they are issued again */
    __u64 requeued_discarded;
    __u64 passthrough_seen;    /* commands */
    __u64 passthrough_harmless;
    __u64 passthrough_marked;  /* known writes, marked */
    __u64 passthrough_unknown; /* may have changed the media: a reason */
    __u64 untracked_in_flight; /* events: a write the in-flight table had no room for */
    __u64 refused;             /* of queued: turned away, as the writer did not want to wait; may or may not be accounted */
    __u64 zone_commands;       /* commands */
};

/* Map "sizes": HASH by device number, as in bt_disk: disks that volumes lie on, and those beneath, as far as the kernel tells of sizes. */
#define BT_MAX_SIZES 4096
struct bt_size {
    __u64 sectors;  /* last seen */
    __u64 shrunk;   /* times that it was given fewer, and not none; of a loop device, any number */
    __u64 emptied;  /* given none: as it goes, or as its medium can't be asked */
};

/* Map "made_up": PERCPU_ARRAY[BT_IN_TURNS]: of the programs that come in several instances. */
enum bt_in_turns { BT_ON_QUEUE, BT_ON_REMAP, BT_ON_ISSUE, BT_IN_TURNS };
struct bt_made_up {
    __u64 runs;      /* of a later instance that none had preceded */
    __u64 unnoted;   /* of any, which it could not tell the next of */
};

/*
 * The in-flight tables hold, at every instant, a superset of the writes that are under way.
 *
 * Request-based disks: map "tags", ARRAY[BT_MAX_TAGS] of 64-bit words, mapped; each disk has a part of it with a word a
 * tag and hardware queue. A request in flight owns its tag, so the last write issued under each tag is all that can be in
 * flight. A word is the first sector, shifted left by BT_HELD_BITS, and the number of BT_HELD_UNIT sectors, rounded up.
 *
 * Bio-based disks: HASH "bios" keyed by the bio's address, deleted at completion; a lost completion
 * leaves an entry behind, which reports too much, never too little.
 */
#define BT_MAX_TAGS (1 << 18)
#define BT_HELD_BITS 20
#define BT_HELD_UNIT 8u    /* sectors: the smallest granule */
#define BT_HELD_MAX (((1u << BT_HELD_BITS) - 1) * BT_HELD_UNIT)

struct bt_inflight {
    __u64 sector;
    __u32 sector_count;
    __u32 disk_index;
};

/* Map "meta": ARRAY[BT_MAX_VOLUMES], mapped: what outlives the daemon and the helper, not the boot. */
#define BT_IDENTITY_BYTES 192
#define BT_REASON_BYTES 40
#define BT_EVIDENCE_BYTES 512
struct bt_meta {
    __u32 in_use;
    __u32 checkpoint_running;  /* 1 from before the swap until the new epoch is whole; see checkpoint.c */
    __u32 granule_bytes;
    __u32 trust_offline;
    __u64 sector_count;
    __u64 attached_boottime_ns;
    __u32 dev;                 /* of the volume itself, kernel encoding */
    __u32 disk_dev;
    __u64 diskseq;
    __u32 persistent;          /* 1: has a place in the tracking table */
    __u32 base_known;          /* 1: a moment without writes in flight was seen since the attach */
    __u64 base_written;        /* stat minus counted at that moment, sectors, as unsigned difference */
    __u64 base_discarded;
    __u64 settled_untracked;   /* bt_counters.untracked_in_flight that are known to be done */
    __u64 settled_skipped;     /* programs skipped before this series */
    __u64 base_skipped;        /* programs skipped before the base was fixed: it hides what they lost */
    __u64 settled_passthrough; /* unknown passthrough commands before this series */
    __u64 settled_zone_commands;
    __u64 settled_sizes;       /* sizes_changed() of its disks before this series, */
    __u64 settled_shrunk;      /* bt_size.shrunk of its own, */
    __u64 settled_unseen;      /* and runs that were skipped of the programs that see sizes */
    __u64 settled_stray;       /* stray_commands before this series */
    __u64 settled_hibernations;
    __u64 excess_since_ns;     /* boot time at which the audit first saw more counted than accounted; 0: it does not */
    __u64 excess_figures;      /* what it saw then: a sum of them, for they only grow */
    struct bt_counters recorded; /* of the disk, from before the reading of the live marks that the table holds, */
    __u8 recorded_epoch[16];     /* in this epoch; another: not known */
    __u32 counted_from_attach;   /* 1: the disk's counters began at zero when this volume came */
    __u32 held_frozen;           /* file systems on it that the helper may have frozen and not yet thawed; see freeze.h */
    __u8 series[16];
    __u8 epoch[16];            /* change id that opened the live epoch */
    __u8 closing_epoch[16];    /* while checkpoint_running: the epoch that is being closed, */
    __u8 opening_epoch[16];    /* and the one that is to follow */
    char identity[BT_IDENTITY_BYTES];
    char device[64];           /* /dev path at attach, for people */
    char persistent_reason[BT_REASON_BYTES]; /* why it has none */
    char reason[BT_REASON_BYTES];     /* empty: COMPLETE */
    char evidence[BT_EVIDENCE_BYTES];
    __u64 disk_node;           /* its disk's inode in sysfs at attach; see device.h */
    __u64 mapping_digest;      /* of what lies beneath (dm table, loop backing file, md geometry) at attach */
    __u32 released;            /* 1: saved for good before it is taken apart, and `recorded` is of that moment; see release.c */
    __u32 unused;
    __u64 last_accounted;      /* sectors that the disk's accounts showed at the last audit, written and discarded: they never go back */
};

#endif
