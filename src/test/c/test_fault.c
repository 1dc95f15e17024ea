/* SPDX-License-Identifier: Apache-2.0 */
/* A failure's way out fits its cause. */
#include <errno.h>
#include <string.h>

#include "base/fault.h"
#include "check.h"

static const char *remedy_of(struct fault *fault, int cause)
{
    errno = cause;
    CHECK(fault_errno(fault, STATUS_FAILED, "NO_LOCK", "cannot open the lock %s", "x") == -1);
    CHECK(strncmp(fault->message, "cannot open the lock x: ", 24) == 0);
    return fault->remedy;
}

int main(void)
{
    struct fault fault = {0};

    CHECK(strcmp(remedy_of(&fault, ENOSPC), "Make room on the file system that holds it.") == 0);
    CHECK(strcmp(remedy_of(&fault, EDQUOT), "Make room on the file system that holds it.") == 0);
    CHECK(strcmp(remedy_of(&fault, EROFS), "Mount the file system that holds it read-write.") == 0);
    CHECK(strcmp(remedy_of(&fault, EIO), "") == 0);
    puts("a failure's way out fits its cause");
    return 0;
}
