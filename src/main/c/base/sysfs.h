/* SPDX-License-Identifier: Apache-2.0 */
/* Small things asked of the kernel: one value from sysfs or procfs (text comes back without its line end), the time. */
#ifndef BLKTRACK_SYSFS_H
#define BLKTRACK_SYSFS_H

#include <stddef.h>
#include <stdint.h>

/* Bytes read, or -1 with errno. */
int sysfs_text(char *value, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
int sysfs_u64(uint64_t *value, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The kernel's own encoding of a device number, major << 20 | minor, and back to "MAJOR:MINOR". */
uint32_t kernel_dev(unsigned int major, unsigned int minor);
#define DEV_MAJOR(dev) ((dev) >> 20)
#define DEV_MINOR(dev) ((dev) & 0xfffff)

uint64_t monotonic_us(void);

/* Of the running kernel: 1000 * major + minor; 0: not known. */
unsigned int kernel_release(void);

#endif
