/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one run of each tracking program costs, by the kernel's own statistics, while a command writes: the run time of
 * each, net of an empty program's on the same tracepoint, over the same seconds.
 *
 *     marking_cost EMPTY.bpf.o COMMAND [ARGUMENT ...]
 *
 * Prints a line a program: name, runs, gross ns a run, net ns a run.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_PROGRAMS 64

struct sample {
    char name[32];
    uint64_t runs, ns;
};

static const char *const stems[] = {"queue", "remap", "issue", "requeue", "complete"};

static int is_ours(const char *name)
{
    if (strncmp(name, "empty_", 6) == 0)
        return 1;
    for (size_t i = 0; i < sizeof stems / sizeof *stems; i++)
        if (strncmp(name, stems[i], strlen(stems[i])) == 0 && name[strlen(stems[i])] == '_')
            return 1;
    return 0;
}

static int read_all(struct sample *samples)
{
    int count = 0;

    for (uint32_t id = 0; count < MAX_PROGRAMS && bpf_prog_get_next_id(id, &id) == 0;) {
        struct bpf_prog_info info = {0};
        uint32_t size = sizeof info;
        int fd = bpf_prog_get_fd_by_id(id);
        if (fd >= 0 && bpf_obj_get_info_by_fd(fd, &info, &size) == 0 && is_ours(info.name)) {
            snprintf(samples[count].name, sizeof samples->name, "%s", info.name);
            samples[count].runs = info.run_cnt;
            samples[count++].ns = info.run_time_ns;
        }
        if (fd >= 0)
            close(fd);
    }
    return count;
}

static int run(char **command)
{
    int status;
    pid_t child = fork();

    if (child == 0) {
        execvp(command[0], command);
        _exit(127);
    }
    return waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

/* The empty program on the tracepoint of `name`; the rare ones are held against that of block_rq_issue. */
static double empty_cost(const struct sample *before, const struct sample *after, int count, const char *name)
{
    char wanted[32];

    snprintf(wanted, sizeof wanted, "empty_%.*s", (int)strcspn(name, "_"), name);
    for (int pass = 0; pass < 2; pass++) {
        for (int i = 0; i < count; i++)
            if (strcmp(after[i].name, wanted) == 0 && after[i].runs > before[i].runs)
                return (double)(after[i].ns - before[i].ns) / (double)(after[i].runs - before[i].runs);
        snprintf(wanted, sizeof wanted, "empty_issue");
    }
    return 0;
}

int main(int count, char **words)
{
    struct sample before[MAX_PROGRAMS], after[MAX_PROGRAMS];

    if (count < 3) {
        fprintf(stderr, "usage: marking_cost EMPTY.bpf.o COMMAND [ARGUMENT ...]\n");
        return 2;
    }
    struct bpf_object *object = bpf_object__open_file(words[1], NULL);
    if (!object || bpf_object__load(object)) {
        fprintf(stderr, "marking_cost: cannot load %s\n", words[1]);
        return 1;
    }
    struct bpf_program *program;
    bpf_object__for_each_program(program, object)
        if (!bpf_program__attach(program))
            return 1;
    int statistics = bpf_enable_stats(BPF_STATS_RUN_TIME);
    int programs = read_all(before);
    int status = run(words + 2);
    read_all(after);
    close(statistics);
    for (int i = 0; i < programs; i++) {
        uint64_t runs = after[i].runs - before[i].runs;
        if (runs < 1000)
            continue;
        double gross = (double)(after[i].ns - before[i].ns) / (double)runs;
        printf("%-16s %10llu runs %7.1f ns gross %7.1f ns net\n", after[i].name, (unsigned long long)runs, gross,
               gross - empty_cost(before, after, programs, after[i].name));
    }
    return status;
}
