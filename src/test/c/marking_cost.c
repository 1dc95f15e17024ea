/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Run by `tracked`: what one run of each tracking program costs, by the kernel's own statistics, while a command writes: the run time of
 * each, net of an empty program's on the same tracepoint, over the same seconds.
 *
 *     tracked DEVICE GRANULE_BYTES marking_cost EMPTY.bpf.o COMMAND [ARGUMENT ...]
 *
 * Prints a line a program: name, runs, gross ns a run, net ns a run.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define STEMS 5

struct sample {
    char name[32];
    int fd;
    uint64_t runs, ns;
};

static const char *const stems[STEMS] = {"queue", "remap", "issue", "requeue", "complete"};

/* The program behind the link that the tracker pinned. */
static int pinned_program(const char *pins, const char *stem)
{
    struct bpf_link_info link = {0};
    uint32_t size = sizeof link;
    char path[256];

    snprintf(path, sizeof path, "%s/link-%s", pins, stem);
    int fd = bpf_obj_get(path);
    if (fd < 0 || bpf_obj_get_info_by_fd(fd, &link, &size))
        return -1;
    close(fd);
    return bpf_prog_get_fd_by_id(link.prog_id);
}

static int read_sample(struct sample *sample)
{
    struct bpf_prog_info info = {0};
    uint32_t size = sizeof info;

    if (bpf_obj_get_info_by_fd(sample->fd, &info, &size))
        return -1;
    snprintf(sample->name, sizeof sample->name, "%s", info.name);
    sample->runs = info.run_cnt;
    sample->ns = info.run_time_ns;
    return 0;
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

static double ns_a_run(const struct sample *before, const struct sample *after)
{
    return after->runs > before->runs ? (double)(after->ns - before->ns) / (double)(after->runs - before->runs) : 0;
}

static int attach_empty(const char *path, int empty[STEMS])
{
    struct bpf_object *object = bpf_object__open_file(path, NULL);

    if (!object || bpf_object__load(object)) {
        fprintf(stderr, "marking_cost: cannot load %s\n", path);
        return -1;
    }
    for (int i = 0; i < STEMS; i++) {
        char name[32];
        snprintf(name, sizeof name, "empty_%s", stems[i]);
        struct bpf_program *program = bpf_object__find_program_by_name(object, name);
        if (!program || !bpf_program__attach(program))
            return -1;
        empty[i] = bpf_program__fd(program);
    }
    return 0;
}

int main(int count, char **words)
{
    struct sample before[2 * STEMS] = {0}, after[2 * STEMS] = {0};
    const char *pins = getenv("BLKTRACK_PINS");
    int empty[STEMS];

    if (count < 3 || !pins) {
        fprintf(stderr, "usage: tracked DEVICE GRANULE_BYTES marking_cost EMPTY.bpf.o COMMAND [ARGUMENT ...]\n");
        return 2;
    }
    if (attach_empty(words[1], empty))
        return 1;
    for (int i = 0; i < STEMS; i++) {
        before[i].fd = pinned_program(pins, stems[i]);
        before[STEMS + i].fd = empty[i];
    }
    int statistics = bpf_enable_stats(BPF_STATS_RUN_TIME);
    for (int i = 0; i < 2 * STEMS; i++)
        if (read_sample(&before[i]))
            return 1;
    int status = run(words + 2);
    memcpy(after, before, sizeof after);
    for (int i = 0; i < 2 * STEMS; i++)
        read_sample(&after[i]);
    close(statistics);
    for (int i = 0; i < STEMS; i++) {
        double gross = ns_a_run(&before[i], &after[i]);
        if (after[i].runs - before[i].runs >= 1000)
            printf("%-16s %10llu runs %7.1f ns gross %7.1f ns net\n", after[i].name, (unsigned long long)(after[i].runs - before[i].runs),
                   gross, gross - ns_a_run(&before[STEMS + i], &after[STEMS + i]));
    }
    return status;
}
