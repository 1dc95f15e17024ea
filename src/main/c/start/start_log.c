/* SPDX-License-Identifier: Apache-2.0 */
#include "start/start_internal.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

uint64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_BOOTTIME, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* To the kernel's log: in the early boot there may be nobody else to listen. */
void start_log(const char *format, ...)
{
    char line[700] = "<4>blktrack: ";
    va_list arguments;
    int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);

    va_start(arguments, format);
    vsnprintf(line + strlen(line), sizeof line - strlen(line), format, arguments);
    va_end(arguments);
    if (fd >= 0) {
        (void)!write(fd, line, strlen(line));
        close(fd);
    }
}
