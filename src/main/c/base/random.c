/* SPDX-License-Identifier: Apache-2.0 */
#include "base/random.h"

#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

int random_bytes(void *data, size_t length, struct fault *fault)
{
    /*
     * The early boot may come before the kernel has gathered its entropy; ids must be unlike others, not secret. A reader of /dev/urandom
     * then has to help gathering it (from 5.18 on), which was seen to take a second of the boot.
     */
    if (getrandom(data, length, GRND_INSECURE) == (ssize_t)length)
        return 0;
    int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    ssize_t got = fd >= 0 ? read(fd, data, length) : -1;
    if (fd >= 0)
        close(fd);
    return got == (ssize_t)length ? 0 : fault_errno(fault, STATUS_FAILED, "NO_RANDOM", "cannot make a new id");
}
