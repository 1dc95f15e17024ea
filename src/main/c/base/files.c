/* SPDX-License-Identifier: Apache-2.0 */
#include "base/files.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int make_folder(const char *path)
{
    return access(path, F_OK) && mkdir(path, 0755) && errno != EEXIST ? -1 : 0;
}

/* Looks first: mkdir() of a folder that is there waits while the file system of its parent is frozen, and root may be, for a checkpoint. */
int make_folders(const char *path)
{
    char part[PATH_MAX];

    snprintf(part, sizeof part, "%s", path);
    for (char *at = part + 1; *at; at++)
        if (*at == '/') {
            *at = 0;
            if (make_folder(part))
                return -1;
            *at = '/';
        }
    return make_folder(part);
}

int file_replace(const char *path, const void *content, size_t length, struct fault *fault)
{
    char temporary[PATH_MAX], folder[PATH_MAX];
    int fd = -1, folder_fd = -1, result = -1;

    snprintf(folder, sizeof folder, "%s", path);
    dirname(folder);
    if (snprintf(temporary, sizeof temporary, "%s.new", path) >= (int)sizeof temporary || make_folders(folder))
        return fault_errno(fault, STATUS_FAILED, "WRITE_FAILED", "cannot make the folder of %s", path);
    fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0 || write(fd, content, length) != (ssize_t)length || fsync(fd) || rename(temporary, path)) {
        fault_errno(fault, STATUS_FAILED, "WRITE_FAILED", "cannot write %s", path);
        goto out;
    }
    folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder_fd >= 0)
        (void)fsync(folder_fd);
    result = 0;
out:
    if (fd >= 0)
        close(fd);
    if (folder_fd >= 0)
        close(folder_fd);
    if (result)
        unlink(temporary);
    return result;
}
