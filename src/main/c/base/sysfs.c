/* SPDX-License-Identifier: Apache-2.0 */
#include "base/sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

static int read_file(char *value, size_t size, const char *format, va_list arguments)
{
    char path[PATH_MAX];

    vsnprintf(path, sizeof path, format, arguments);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t length = read(fd, value, size - 1);
    int cause = errno;
    close(fd);
    if (length < 0) {
        errno = cause;
        return -1;
    }
    while (length > 0 && (value[length - 1] == '\n' || value[length - 1] == ' '))
        length--;
    value[length] = 0;
    return (int)length;
}

int sysfs_text(char *value, size_t size, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    int length = read_file(value, size, format, arguments);
    va_end(arguments);
    return length;
}

int sysfs_u64(uint64_t *value, const char *format, ...)
{
    char text[64];
    va_list arguments;

    va_start(arguments, format);
    int length = read_file(text, sizeof text, format, arguments);
    va_end(arguments);
    if (length <= 0)
        return -1;
    char *end;
    *value = strtoull(text, &end, 10);
    if (end == text) {
        errno = EINVAL;
        return -1;
    }
    return 0;
}

uint32_t kernel_dev(unsigned int major, unsigned int minor)
{
    return major << 20 | minor;
}

uint64_t monotonic_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

unsigned int kernel_release(void)
{
    struct utsname system;
    unsigned int major = 0, minor = 0;

    return uname(&system) == 0 && sscanf(system.release, "%u.%u", &major, &minor) == 2 ? major * 1000 + minor : 0;
}
