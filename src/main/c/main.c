/* SPDX-License-Identifier: Apache-2.0 */
/* blktrack-helper: what must work without a JVM, without /usr and without a network. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/agent.h"
#include "base/bounded.h"
#include "base/fault.h"
#include "base/instance.h"
#include "status_command.h"
#include "table/persistence.h"
#include "table/release.h"
#include "table/takeover.h"
#include "tracker/tracker.h"

#define SAVE_LIMIT_MS 30000     /* a shutdown waits no longer */
#define RELEASE_LIMIT_MS 25000  /* and for one volume, less than the service's own limit */

struct arguments {
    const char *state_dir, *command, *name, *connect_to;
    struct start_options start;
    bool tracking, promise;
};

static int usage(FILE *to)
{
    fputs("usage: blktrack-helper [--state-dir DIR] COMMAND\n"
          "  start --tracking [--early]   attach to the volumes of the tracking table, before anything writes\n"
          "  clear_dirtyflag              save the record and mark the table clean, after everything is read-only\n"
          "                               (also spelled clear-dirty)\n"
          "  release NAME                 save one disk's record before it is taken apart (path, device-mapper or kernel name)\n"
          "  release --promise NAME       note that it will be released at the shutdown\n"
          "  status                       what is tracked, one line a volume\n"
          "  stop                         end tracking and remove the programs from the kernel\n"
          "  agent [--connect SOCKET]     serve the daemon\n", to);
    return STATUS_USAGE;
}

static int parse(struct arguments *arguments, int count, char **words)
{
    for (int i = 1; i < count; i++) {
        /* An empty value is a script's variable that was never set. */
        bool has_value = i + 1 < count && words[i + 1][0];
        if (strcmp(words[i], "--state-dir") == 0 && has_value)
            arguments->state_dir = words[++i];
        else if (strcmp(words[i], "--connect") == 0 && has_value)
            arguments->connect_to = words[++i];
        else if (strcmp(words[i], "--tracking") == 0)
            arguments->tracking = true;
        else if (strcmp(words[i], "--early") == 0)
            arguments->start.early = true;
        else if (strcmp(words[i], "--promise") == 0)
            arguments->promise = true;
        else if (words[i][0] != '-' && !arguments->command)
            arguments->command = words[i];
        else if (words[i][0] && words[i][0] != '-' && strcmp(arguments->command, "release") == 0 && !arguments->name)
            arguments->name = words[i];
        else {
            fprintf(stderr, "blktrack-helper: '%s' is not understood here, or lacks its value\n", words[i]);
            return -1;
        }
    }
    return arguments->command ? 0 : -1;
}

static int save(const void *instance, struct fault *fault)
{
    return clear_dirtyflag(instance, fault);
}

struct release_request {
    const struct instance *instance;
    const char *name;
};

static int release(const void *context, struct fault *fault)
{
    const struct release_request *request = context;

    return release_volumes(request->instance, request->name, fault);
}

static int run(const struct arguments *arguments, struct fault *fault)
{
    struct instance instance;
    const char *command = arguments->command;

    if (instance_locate(&instance, arguments->state_dir, fault))
        return -1;
    if (strcmp(command, "start") == 0 && arguments->tracking)
        return start_tracking(&instance, &arguments->start, fault);
    if (strcmp(command, "clear_dirtyflag") == 0 || strcmp(command, "clear-dirty") == 0)
        return run_bounded(SAVE_LIMIT_MS, save, &instance, fault);
    if (strcmp(command, "release") == 0 && arguments->name && arguments->promise)
        return release_promise(&instance, arguments->name, fault);
    if (strcmp(command, "release") == 0 && arguments->name)
        return run_bounded(RELEASE_LIMIT_MS, release, &(struct release_request){ &instance, arguments->name }, fault);
    if (strcmp(command, "status") == 0)
        return status_print(&instance, stdout, fault);
    if (strcmp(command, "stop") == 0) {
        takeover_forget(&instance); /* what comes from here on comes untracked */
        return tracker_destroy(&instance, fault);
    }
    if (strcmp(command, "agent") == 0)
        return agent_run(&instance, arguments->connect_to, fault);
    usage(stderr);
    if (strcmp(command, "release") == 0)
        return fault_set(fault, STATUS_USAGE, "USAGE", NULL, "'release' needs the name of a disk");
    if (strcmp(command, "start") == 0)
        return fault_set(fault, STATUS_USAGE, "USAGE", NULL, "'start' needs --tracking: it says what is to be started");
    return fault_set(fault, STATUS_USAGE, "USAGE", NULL, "there is no command '%s'", command);
}

int main(int count, char **words)
{
    const char *named = getenv("BLKTRACK_STATE_DIR");
    struct arguments arguments = {.state_dir = named && named[0] ? named : NULL};
    struct fault fault = {0};

    if (count == 2 && (strcmp(words[1], "--help") == 0 || strcmp(words[1], "-h") == 0)) {
        usage(stdout);
        return STATUS_DONE;
    }
    if (parse(&arguments, count, words))
        return usage(stderr);
    if (run(&arguments, &fault) == 0)
        return STATUS_DONE;
    fprintf(stderr, "blktrack-helper: %s\n", fault.message);
    if (fault.remedy[0])
        fprintf(stderr, "  %s\n", fault.remedy);
    return fault.status ? (int)fault.status : STATUS_FAILED;
}
