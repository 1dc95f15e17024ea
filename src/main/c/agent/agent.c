/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/agent.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "agent/agent_verbs.h"

#define MAX_MESSAGE (16u << 20)

/* 1: whole; 0: end of file before the first byte; -1: broken. */
static int read_whole(int fd, void *buffer, size_t size)
{
    size_t done = 0;

    while (done < size) {
        ssize_t got = read(fd, (char *)buffer + done, size - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got == 0 && done == 0 ? 0 : -1;
        done += (size_t)got;
    }
    return 1;
}

static int write_whole(int fd, const void *buffer, size_t size)
{
    size_t done = 0;

    while (done < size) {
        ssize_t put = write(fd, (const char *)buffer + done, size - done);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return -1;
        done += (size_t)put;
    }
    return 0;
}

static int send_reply(int fd, const struct records *reply)
{
    uint8_t length[4];

    for (int i = 0; i < 4; i++)
        length[i] = (uint8_t)(reply->length >> 8 * i);
    return write_whole(fd, length, sizeof length) || write_whole(fd, reply->text, reply->length) ? -1 : 0;
}

static void error_reply(struct records *reply, const struct fault *fault)
{
    records_begin(reply, "error");
    records_put(reply, "status", "%d", fault->status);
    records_put(reply, "name", "%s", fault->name);
    records_put(reply, "message", "%s", fault->message);
    records_put(reply, "remedy", "%s", fault->remedy);
}

static void answer(struct agent *agent, char *text, struct records *reply)
{
    struct request_message request;
    struct fault fault = {0};

    records_begin(reply, "ok");
    if (request_parse(&request, text))
        fault_set(&fault, STATUS_USAGE, "BAD_MESSAGE", NULL, "the message is not a verb and key=value lines");
    else if (agent_answer(agent, &request, reply, &fault) == 0)
        return;
    error_reply(reply, &fault);
}

static int serve(struct agent *agent, int fd, struct fault *fault)
{
    struct records reply = {0};
    uint8_t prefix[4];
    int got;

    while ((got = read_whole(fd, prefix, sizeof prefix)) == 1) {
        uint32_t length = prefix[0] | (uint32_t)prefix[1] << 8 | (uint32_t)prefix[2] << 16 | (uint32_t)prefix[3] << 24;
        if (length > MAX_MESSAGE) {
            got = -1;
            break;
        }
        char *text = malloc((size_t)length + 1);
        got = text ? read_whole(fd, text, length) : -1;
        if (got == 1) {
            text[length] = 0;
            answer(agent, text, &reply);
            got = send_reply(fd, &reply) ? -1 : 1;
        }
        free(text);
        if (got != 1)
            break;
    }
    records_free(&reply);
    return got == 0 ? 0 : fault_set(fault, STATUS_FAILED, "BROKEN_CONNECTION", NULL, "the connection to the daemon broke in the middle of a message");
}

static int connect_socket(const char *path, struct fault *fault)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    if (strlen(path) >= sizeof address.sun_path)
        return fault_set(fault, STATUS_USAGE, "PATH_TOO_LONG", NULL, "the socket's path %s is too long", path);
    memcpy(address.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address)) {
        fault_errno(fault, STATUS_FAILED, "NO_CONNECTION", "cannot connect to %s", path);
        if (fd >= 0)
            close(fd);
        return -1;
    }
    return fd;
}

int agent_run(const struct instance *instance, const char *connect_to, struct fault *fault)
{
    struct agent agent = {.instance = *instance};
    int fd = connect_to ? connect_socket(connect_to, fault) : STDIN_FILENO;

    if (fd < 0)
        return -1;
    signal(SIGPIPE, SIG_IGN);
    return serve(&agent, fd, fault);
}
