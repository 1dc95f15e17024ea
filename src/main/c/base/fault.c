/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void fill(struct fault *fault, enum status status, const char *name, const char *remedy)
{
    fault->status = status;
    snprintf(fault->name, sizeof fault->name, "%s", name);
    snprintf(fault->remedy, sizeof fault->remedy, "%s", remedy ? remedy : "");
}

int fault_set(struct fault *fault, enum status status, const char *name, const char *remedy, const char *format, ...)
{
    va_list arguments;

    fill(fault, status, name, remedy);
    va_start(arguments, format);
    vsnprintf(fault->message, sizeof fault->message, format, arguments);
    va_end(arguments);
    return -1;
}

/* The way out that fits the cause; NULL where the message has to do. */
static const char *remedy_of(int cause)
{
    switch (cause) {
    case EACCES:
    case EPERM:
        return geteuid() != 0 ? "Run it as root." : NULL;
    case ENOSPC:
    case EDQUOT:
        return "Make room on the file system that holds it.";
    case EROFS:
        return "Mount the file system that holds it read-write.";
    default:
        return NULL;
    }
}

int fault_errno(struct fault *fault, enum status status, const char *name, const char *format, ...)
{
    int cause = errno;
    va_list arguments;

    fill(fault, status, name, remedy_of(cause));
    va_start(arguments, format);
    vsnprintf(fault->message, sizeof fault->message, format, arguments);
    va_end(arguments);
    size_t length = strlen(fault->message);
    snprintf(fault->message + length, sizeof fault->message - length, ": %s", strerror(cause));
    errno = cause;
    return -1;
}
