/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes through a mapping of a file, in a process of their own. A page fault waits for the thaw with the lock of its address space held, and
 * in the engine's own the thread that is to thaw waits for that lock, in mmap() or fork(): for ever, with any kernel.
 */
#include "groundtruth.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int write_mapped(const struct mapped_write *wanted, char *buffer)
{
    struct dice dice = {.state = wanted->seed};
    int fd = open(wanted->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (fd < 0)
        return errno;
    /* Written first: a page behind the file's end, or without room, would be a signal. */
    dice_fill(&dice, buffer, wanted->bytes);
    ssize_t written = pwrite(fd, buffer, wanted->bytes, 0);
    if (written != (ssize_t)wanted->bytes) {
        int cause = written < 0 ? errno : ENOSPC;
        close(fd);
        return cause;
    }
    char *place = mmap(NULL, wanted->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (place == MAP_FAILED)
        return errno;
    dice_fill(&dice, place, wanted->bytes);
    int cause = wanted->sync && msync(place, wanted->bytes, MS_SYNC) ? errno : 0;
    munmap(place, wanted->bytes);
    return cause;
}

static void serve(int socket)
{
    struct mapped_write wanted;
    char *buffer = malloc(BUFFER_BYTES);

    while (buffer && recv(socket, &wanted, sizeof wanted, 0) == sizeof wanted) {
        int cause = write_mapped(&wanted, buffer);
        if (send(socket, &cause, sizeof cause, MSG_NOSIGNAL) != sizeof cause)
            break;
    }
    _exit(0);
}

bool mapper_start(struct mapper *mapper)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
        return false;
    mapper->process = fork();
    if (mapper->process == 0) {
        close(ends[0]);
        serve(ends[1]);
    }
    close(ends[1]);
    mapper->socket = ends[0];
    return mapper->process > 0;
}

bool mapper_write(struct mapper *mapper, const struct mapped_write *wanted)
{
    int cause;

    if (send(mapper->socket, wanted, sizeof *wanted, MSG_NOSIGNAL) != sizeof *wanted || recv(mapper->socket, &cause, sizeof cause, 0) != sizeof cause)
        cause = EPIPE;
    errno = cause;
    return cause == 0;
}

void mapper_end(struct mapper *mapper)
{
    shutdown(mapper->socket, SHUT_RDWR); /* processes that were forked later hold it, too */
    close(mapper->socket);
    waitpid(mapper->process, NULL, 0);
}
