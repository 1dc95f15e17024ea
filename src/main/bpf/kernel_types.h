/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The few kernel types the programs read, with only the fields they read: offsets come from the running
 * kernel's BTF (CO-RE). A ___suffix names another shape of the same type in some kernels.
 */
#ifndef BLKTRACK_KERNEL_TYPES_H
#define BLKTRACK_KERNEL_TYPES_H

typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef int __s32;
typedef unsigned long long __u64;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;

enum bpf_map_type {
    BPF_MAP_TYPE_HASH = 1,
    BPF_MAP_TYPE_ARRAY = 2,
    BPF_MAP_TYPE_PERCPU_ARRAY = 6,
    BPF_MAP_TYPE_ARRAY_OF_MAPS = 12,
    BPF_MAP_TYPE_TASK_STORAGE = 29,
};
enum { BPF_ANY = 0 };
enum { BPF_LOCAL_STORAGE_GET_F_CREATE = 1 };
enum { BPF_F_NO_PREALLOC = 1U << 0, BPF_F_MMAPABLE = 1U << 10, BPF_F_INNER_MAP = 1U << 12 };

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct gendisk {
    int major;
    int first_minor;
    char disk_name[32];
    __u64 diskseq;                /* since 5.15 */
};

struct block_device {
    struct gendisk *bd_disk;
    __u32 bd_dev;
};

struct block_device___partno {    /* before 6.10 */
    __u8 bd_partno;
};

typedef struct {
    int counter;
} atomic_t;

struct hd_struct;

struct block_device___part {      /* before 5.11 */
    struct hd_struct *bd_part;
};

struct block_device___start {     /* since 5.11 */
    __u64 bd_start_sect;
};

struct block_device___flags {     /* since 6.10 the partition number is the low byte of __bd_flags */
    atomic_t __bd_flags;
};

struct bvec_iter {
    __u64 bi_sector;
    __u32 bi_size;
};

struct bio {
    struct bio *bi_next;
    struct block_device *bi_bdev; /* since 5.12 */
    __u32 bi_opf;
    __u16 bi_flags;
    __u8 bi_status;
    struct bvec_iter bi_iter;
};

struct bio___disk {               /* before 5.12 */
    struct gendisk *bi_disk;
    __u8 bi_partno;
};

struct queue_limits {
    __u32 logical_block_size;
};

struct request_queue {
    struct gendisk *disk;         /* since 5.15 */
    struct queue_limits limits;
};

struct device {
    __u32 devt;
};

struct kobject {
    struct kobject *parent;
};

struct request_queue___kobject {  /* before 6.2: its folder lies in the disk's */
    struct kobject kobj;
};

enum mq_rq_state {
    MQ_RQ_IDLE,
};

struct blk_mq_hw_ctx {
    __u32 queue_num;
};

struct request {
    struct request_queue *q;
    struct blk_mq_hw_ctx *mq_hctx;
    __u32 cmd_flags;
    int tag;
    __u32 __data_len;
    __u64 __sector;
    struct bio *bio;
    enum mq_rq_state state;
};

struct hd_struct {                /* before 5.11; with a member, as libbpf finds no type for a mere name */
    __u64 start_sect;
    int partno;
};

struct request___disk {           /* before 5.17 */
    struct gendisk *rq_disk;
};

struct request___accounted {      /* before 5.11: passthrough is accounted where this is set */
    struct hd_struct *part;
};

#pragma clang attribute pop

#endif
