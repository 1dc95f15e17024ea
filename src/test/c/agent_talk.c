/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asks blktrack-helper's agent one thing, from a shell: for guests that have no Java.
 *
 *     agent-talk HELPER [--state-dir DIR] VERB [KEY=VALUE]...
 *
 * Prints the reply without its first line. Exit status: 0 for "ok", else the status in the error's record.
 *
 * The agent ends with its connection, and tracking goes on without it: so one process a question is enough.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BROKEN = 99 };

static void die(const char *what)
{
    perror(what);
    exit(BROKEN);
}

static int start_agent(char *const words[])
{
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
        die("socketpair");
    pid_t child = fork();
    if (child < 0)
        die("fork");
    if (child == 0) {
        dup2(pair[1], STDIN_FILENO);
        execv(words[0], words);
        die(words[0]);
    }
    close(pair[1]);
    return pair[0];
}

static void transfer(int fd, void *bytes, size_t count, ssize_t (*move)(int, void *, size_t))
{
    for (char *at = bytes; count;) {
        ssize_t done = move(fd, at, count);
        if (done <= 0) {
            fprintf(stderr, "agent-talk: the agent closed the connection\n");
            exit(BROKEN);
        }
        at += done;
        count -= (size_t)done;
    }
}

static ssize_t move_out(int fd, void *bytes, size_t count)
{
    return send(fd, bytes, count, MSG_NOSIGNAL);
}

static ssize_t move_in(int fd, void *bytes, size_t count)
{
    return read(fd, bytes, count);
}

static void put_message(int fd, char *text)
{
    uint32_t length = (uint32_t)strlen(text);

    transfer(fd, &length, sizeof length, move_out);
    transfer(fd, text, length, move_out);
}

static char *get_message(int fd)
{
    uint32_t length;

    transfer(fd, &length, sizeof length, move_in);
    char *text = calloc(1, (size_t)length + 1);
    if (!text)
        die("calloc");
    transfer(fd, text, length, move_in);
    return text;
}

static int status_of(const char *reply)
{
    if (strncmp(reply, "ok", 2) == 0)
        return 0;
    const char *status = strstr(reply, "\nstatus=");
    return status ? atoi(status + 8) : BROKEN;
}

int main(int count, char **words)
{
    char *agent[5] = {count > 1 ? words[1] : NULL}, request[4096] = "";
    int next = 2, used = 1;

    if (count > 3 && strcmp(words[2], "--state-dir") == 0) {
        agent[used++] = words[2];
        agent[used++] = words[3];
        next = 4;
    }
    if (next >= count) {
        fprintf(stderr, "usage: agent-talk HELPER [--state-dir DIR] VERB [KEY=VALUE]...\n");
        return 2;
    }
    agent[used] = "agent";
    for (int i = next; i < count; i++) {
        strncat(request, words[i], sizeof request - strlen(request) - 2);
        strcat(request, "\n");
    }
    int fd = start_agent(agent);
    put_message(fd, request);
    char *reply = get_message(fd);
    char *records = strchr(reply, '\n');
    printf("%s", records ? records + 1 : "");
    close(fd);
    wait(NULL);
    return status_of(reply);
}
