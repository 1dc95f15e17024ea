/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Judging passthrough commands (SG_IO, bsg, NVMe ioctl, uring_cmd, and what drivers send by themselves): a request tells
 * neither sector nor direction that can be trusted, so the command itself is read. Harmless: it can't change the media.
 * Marked: a write whose range it tells. All others count as unknown, which ends the series.
 *
 * The command lies behind its request: blk-mq puts the driver's own data there, and drivers fill it in before they issue. So
 * block_rq_issue serves, which every request passes: plain I/O pays nothing, a driver that is loaded later is seen too, and
 * no module's tracepoint has to be there (5.10 has no BTF of them). Where in that data the command lies, the helper
 * learns from BTF when a disk is added (command_set.c).
 */
#ifndef BLKTRACK_PASSTHROUGH_H
#define BLKTRACK_PASSTHROUGH_H

#define SCSI_COMMAND_BYTES 16
#define NVME_COMMAND_BYTES 64

enum judgement { COMMAND_UNKNOWN, COMMAND_HARMLESS, COMMAND_WRITES };

/* What a known write touches, in logical blocks. */
struct command_range {
    __u64 block;
    __u64 blocks;
};

static __always_inline __u64 big_endian(const __u8 *bytes, int count)
{
    __u64 value = 0;

#pragma unroll
    for (int i = 0; i < count; i++)
        value = value << 8 | bytes[i];
    return value;
}

/* SAT: ATA commands inside of SCSI ones. Only what tools and daemons ask a healthy disk all the time. */
static __always_inline enum judgement judge_ata(__u8 command)
{
    switch (command) {
    case 0x2f: /* READ LOG EXT */
    case 0x47: /* READ LOG DMA EXT */
    case 0xa1: /* IDENTIFY PACKET DEVICE */
    case 0xb0: /* SMART */
    case 0xe0: case 0xe1: case 0xe2: case 0xe3: /* STANDBY, IDLE */
    case 0xe5: /* CHECK POWER MODE */
    case 0xe7: case 0xea: /* FLUSH CACHE */
    case 0xec: /* IDENTIFY DEVICE */
        return COMMAND_HARMLESS;
    default:
        return COMMAND_UNKNOWN;
    }
}

static __always_inline enum judgement judge_scsi(const __u8 *cdb, struct command_range *range)
{
    switch (cdb[0]) {
    case 0x00: case 0x03: case 0x12: case 0x1c: /* TEST UNIT READY, REQUEST SENSE, INQUIRY, RECEIVE DIAGNOSTIC RESULTS */
    case 0x08: case 0x28: case 0xa8: case 0x88: /* READ */
    case 0x2f: case 0xaf: case 0x8f:            /* VERIFY */
    case 0x34: case 0x90:                       /* PRE-FETCH */
    case 0x35: case 0x91:                       /* SYNCHRONIZE CACHE */
    case 0x1a: case 0x5a: case 0x4d:            /* MODE SENSE, LOG SENSE */
    case 0x1b: case 0x1e:                       /* START STOP UNIT, PREVENT ALLOW MEDIUM REMOVAL */
    case 0x16: case 0x17: case 0x56: case 0x57: /* RESERVE, RELEASE */
    case 0x5e: case 0x5f:                       /* PERSISTENT RESERVE IN, OUT */
    case 0x25: case 0x9e: case 0x37: case 0xb7: /* READ CAPACITY, SERVICE ACTION IN, READ DEFECT DATA */
    case 0x3c: case 0xa0: case 0xa2: case 0xa3: /* READ BUFFER, REPORT LUNS, SECURITY PROTOCOL IN, MAINTENANCE IN */
        return COMMAND_HARMLESS;
    case 0xa4: /* MAINTENANCE OUT: SET TARGET PORT GROUPS, as multipath does */
        return (cdb[1] & 0x1f) == 0x0a ? COMMAND_HARMLESS : COMMAND_UNKNOWN;
    case 0x85: /* ATA PASS-THROUGH (16), (12) */
        return judge_ata(cdb[14]);
    case 0xa1:
        return judge_ata(cdb[9]);
    case 0x0a: /* WRITE (6): no blocks means 256 */
        range->block = big_endian(cdb + 1, 3) & 0x1fffff;
        range->blocks = cdb[4] ? cdb[4] : 256;
        return COMMAND_WRITES;
    case 0x2a: case 0x2e: /* WRITE (10), WRITE AND VERIFY (10) */
        range->block = big_endian(cdb + 2, 4);
        range->blocks = big_endian(cdb + 7, 2);
        return COMMAND_WRITES;
    case 0xaa: case 0xae: /* WRITE (12), WRITE AND VERIFY (12) */
        range->block = big_endian(cdb + 2, 4);
        range->blocks = big_endian(cdb + 6, 4);
        return COMMAND_WRITES;
    case 0x8a: case 0x8e: /* WRITE (16), WRITE AND VERIFY (16) */
        range->block = big_endian(cdb + 2, 8);
        range->blocks = big_endian(cdb + 10, 4);
        return COMMAND_WRITES;
    case 0x89: /* COMPARE AND WRITE */
        range->block = big_endian(cdb + 2, 8);
        range->blocks = cdb[13];
        return COMMAND_WRITES;
    case 0x41: /* WRITE SAME (10), (16): no blocks means up to the end */
        range->block = big_endian(cdb + 2, 4);
        range->blocks = big_endian(cdb + 7, 2);
        return range->blocks ? COMMAND_WRITES : COMMAND_UNKNOWN;
    case 0x93:
        range->block = big_endian(cdb + 2, 8);
        range->blocks = big_endian(cdb + 10, 4);
        return range->blocks ? COMMAND_WRITES : COMMAND_UNKNOWN;
    default:
        return COMMAND_UNKNOWN;
    }
}

/* The fields of an NVMe command: little-endian, as this machine is. */
static __always_inline enum judgement judge_nvme(const __u8 *command, struct command_range *range)
{
    switch (command[0]) {
    case 0x00: case 0x02: case 0x05: case 0x0c: /* flush, read, compare, verify */
    case 0x0d: case 0x0e: case 0x11: case 0x15: /* reservations: register, report, acquire, release */
    case 0x12:                                  /* I/O management receive */
        return COMMAND_HARMLESS;
    case 0x01: case 0x04: case 0x08: /* write, write uncorrectable, write zeroes */
        range->block = *(const __u64 *)(command + 40);
        range->blocks = (__u64)*(const __u16 *)(command + 48) + 1;
        return COMMAND_WRITES;
    default:
        return COMMAND_UNKNOWN;
    }
}

/* Commands of the admin queue that leave all namespaces as they are. */
static __always_inline bool nvme_admin_harmless(__u8 opcode)
{
    switch (opcode) {
    case 0x00: case 0x01: case 0x04: case 0x05: /* create and delete queues */
    case 0x02: case 0x06: case 0x08: case 0x0c: /* get log page, identify, abort, asynchronous event */
    case 0x09: case 0x0a:                       /* set and get features */
    case 0x10: case 0x11: case 0x14:            /* firmware, device self-test */
    case 0x18: case 0x7c: case 0x7f: case 0x82: /* keep alive, doorbells, fabrics, security receive */
        return true;
    default:
        return false;
    }
}

#endif
