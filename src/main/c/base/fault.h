/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a failure travels: every fallible function takes a `struct fault *` last, fills it and returns -1
 * (0 is success). The message names the action, the object and the cause; the remedy says what to do.
 */
#ifndef BLKTRACK_FAULT_H
#define BLKTRACK_FAULT_H

/* Exit statuses, the same numbers as the command line's. */
enum status {
    STATUS_DONE = 0,
    STATUS_FAILED = 1,
    STATUS_USAGE = 2,
    STATUS_UNTRUSTED = 3,
    STATUS_REFUSED = 5,
    STATUS_BUSY = 11,
    STATUS_KERNEL_UNSUPPORTED = 12,
    STATUS_STATE_CORRUPT = 13,
};

struct fault {
    enum status status;
    char name[40];      /* machine-readable: NO_BTF, NOT_A_BLOCK_DEVICE … */
    char message[512];
    char remedy[256];   /* may be empty */
};

int fault_set(struct fault *fault, enum status status, const char *name, const char *remedy, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* As fault_set, with ": strerror(errno)" behind the message. */
int fault_errno(struct fault *fault, enum status status, const char *name, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
