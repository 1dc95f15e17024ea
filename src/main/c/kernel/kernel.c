/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/kernel.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/sysfs.h"
#include "kernel/kernel_facts.h"

/* The compiled programs, put in by bpf_object.S. */
extern const char bpf_object_start[], bpf_object_end[];

static const char *const map_names[KERNEL_MAPS] = {
    [MAP_ABOUT] = "about",       [MAP_DISKS] = "disks",   [MAP_VOLUMES] = "volumes", [MAP_META] = "meta",
    [MAP_COUNTERS] = "counters", [MAP_EPOCHS] = "epochs", [MAP_TAGS] = "tags",       [MAP_BIOS] = "bios",
    [MAP_MADE_UP] = "made_up",   [MAP_SIZES] = "sizes",
};

/*
 * What is attached: a program for each row, named stem[_layout]_position; or, where programs may lose the processor, several instances of
 * it. Nothing in BTF tells that, so it goes by the version. Only 7.0 and later do it. What has no argument to be looked for is there where the
 * kernel has the tracepoint or function, and can do what it watches for. Functions can be watched on some processors only.
 */
#define ALONE BT_IN_TURNS
enum hooked { TRACEPOINT, FUNCTION };
static const struct hook {
    enum hooked at;
    const char *event, *stem, *argument;
    bool by_layout; /* marks */
    uint32_t in_turns; /* key in the map "made_up", or ALONE */
} hooks[] = {
    {TRACEPOINT, "block_bio_queue", "queue", "bio", true, BT_ON_QUEUE},
    {TRACEPOINT, "block_bio_remap", "remap", "bio", true, BT_ON_REMAP},
    {TRACEPOINT, "block_rq_issue", "issue", "request", true, BT_ON_ISSUE},
    {TRACEPOINT, "block_rq_requeue", "requeue", "request", false, ALONE},
    {TRACEPOINT, "block_bio_complete", "complete", "bio", false, ALONE},
    {TRACEPOINT, "suspend_resume", "hibernate", NULL, false, ALONE},
    {FUNCTION, "bdev_write_page", "page", NULL, true, ALONE},
    {FUNCTION, "bdev_write_page", "page_done", NULL, true, ALONE},
    {FUNCTION, "set_capacity", "capacity", NULL, false, ALONE},
    {FUNCTION, "set_capacity_and_notify", "capacity_notify", NULL, false, ALONE},
    {FUNCTION, "set_capacity_revalidate_and_notify", "capacity_revalidate", NULL, false, ALONE}, /* before 5.10.20 or so */
};
#define HOOKS (sizeof hooks / sizeof *hooks)

static const char *const instance_names[] = {"_1st", "_2nd", "_3rd", "_4th"};
#define INSTANCES (sizeof instance_names / sizeof *instance_names)

struct chosen {
    struct bpf_program *instance[HOOKS][INSTANCES];
};

static int quiet(enum libbpf_print_level level, const char *format, va_list arguments)
{
    if (level != LIBBPF_WARN || !getenv("BLKTRACK_DEBUG"))
        return 0;
    return vfprintf(stderr, format, arguments);
}

static int cannot_load(struct fault *fault, const char *action)
{
    char lockdown[64] = "";
    int cause = errno;
    FILE *file = fopen("/sys/kernel/security/lockdown", "re");

    if (file) {
        if (!fgets(lockdown, sizeof lockdown, file))
            lockdown[0] = 0;
        fclose(file);
    }
    if (strstr(lockdown, "[confidentiality]"))
        return fault_set(fault, STATUS_KERNEL_UNSUPPORTED, "LOCKDOWN", "Boot with lockdown=integrity, or without lockdown.",
                         "%s: the kernel's lockdown mode 'confidentiality' forbids BPF programs that read kernel memory", action);
    if (cause == EPERM || cause == EACCES)
        return fault_set(fault, STATUS_FAILED, "NO_PRIVILEGE", "Run as root, outside of containers that drop CAP_BPF or CAP_SYS_ADMIN.",
                         "%s: not permitted", action);
    errno = cause;
    return fault_errno(fault, STATUS_KERNEL_UNSUPPORTED, "NO_BPF", "%s", action);
}

int kernel_mount_bpffs(struct fault *fault)
{
    struct statfs status;

    /* A second mount would hide the pins of the first: look before mounting. */
    if (statfs("/sys/fs/bpf", &status) == 0 && (unsigned long)status.f_type == BPF_FS_MAGIC)
        return 0;
    if (mount("bpf", "/sys/fs/bpf", "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RELATIME, "mode=0700"))
        return cannot_load(fault, "cannot mount the BPF file system on /sys/fs/bpf");
    return 0;
}

#define FIRST_RELEASE_TO_PREEMPT 7000

static bool programs_may_lose_the_processor(void)
{
    return kernel_release() >= FIRST_RELEASE_TO_PREEMPT;
}

static void program_name(char *name, size_t size, const struct hook *hook, const char *instance, enum bt_layout layout, int position)
{
    snprintf(name, size, "%s%s%s_%d", hook->stem, instance, !hook->by_layout ? "" : layout == BT_BITS ? "_bits" : "_bytes", position);
}

static struct bpf_program *choose_program(struct bpf_object *object, const struct hook *hook, const char *instance, enum bt_layout layout, int position)
{
    char name[64];

    program_name(name, sizeof name, hook, instance, layout, position);
    struct bpf_program *program = bpf_object__find_program_by_name(object, name);
    if (program)
        bpf_program__set_autoload(program, true);
    return program;
}

static bool is_of_pages(const struct hook *hook)
{
    return hook->at == FUNCTION && hook->by_layout;
}

static bool kernel_has(const struct btf *btf, const struct hook *hook)
{
    return hook->at == FUNCTION ? kernel_has_function(btf, hook->event) : kernel_has_tracepoint(btf, hook->event);
}

static int choose_programs(struct bpf_object *object, const struct btf *btf, enum bt_layout layout, bool with_functions, struct chosen *chosen, struct fault *fault)
{
    struct bpf_program *program;
    bool preempted = programs_may_lose_the_processor();

    bpf_object__for_each_program(program, object)
        bpf_program__set_autoload(program, false);
    /* Kernels that have no need of it may not know its type. */
    bpf_map__set_autocreate(bpf_object__find_map_by_name(object, "task_words"), preempted);
    for (size_t i = 0; i < HOOKS; i++) {
        if (!hooks[i].argument && ((hooks[i].at == FUNCTION && !with_functions) || !kernel_has(btf, &hooks[i])))
            continue;
        int position = !hooks[i].argument ? 0 : kernel_argument(btf, hooks[i].event, hooks[i].argument);
        size_t count = preempted && hooks[i].in_turns != ALONE ? INSTANCES : 1;
        for (size_t k = 0; k < count; k++) {
            chosen->instance[i][k] = position < 0 ? NULL : choose_program(object, &hooks[i], count == 1 ? "" : instance_names[k], layout, position);
            if (!chosen->instance[i][k])
                return fault_set(fault, STATUS_KERNEL_UNSUPPORTED, "NO_TRACEPOINT", "Please report the kernel's version.",
                                 "cannot track on this kernel: its BTF does not describe the tracepoint %s", hooks[i].event);
        }
    }
    return 0;
}

static int set_facts(struct bpf_object *object, const struct bt_facts *facts, struct fault *fault)
{
    struct bpf_map *map;

    bpf_object__for_each_map(map, object) {
        const char *name = bpf_map__name(map);
        size_t size;
        if (strstr(name, ".rodata") && bpf_map__initial_value(map, &size) && size == sizeof *facts) {
            bpf_map__set_initial_value(map, facts, sizeof *facts);
            return 0;
        }
    }
    return fault_set(fault, STATUS_FAILED, "BROKEN_BUILD", "Rebuild blktrack.", "the BPF object lacks its table of kernel facts");
}

static void link_path(char *path, size_t size, const char *dir, const struct hook *hook, size_t instance)
{
    snprintf(path, size, "%s/link-%s%s", dir, hook->stem, instance == 0 ? "" : instance_names[instance]);
}

static int pin_link(struct bpf_program *program, const char *path, const struct hook *hook, struct fault *fault)
{
    struct bpf_link *link = bpf_program__attach(program);

    if (!link && hook->at == FUNCTION)
        return 0;
    if (!link)
        return cannot_load(fault, "cannot attach to the block layer's tracepoints");
    if (bpf_link__pin(link, path))
        return fault_errno(fault, STATUS_FAILED, "PIN", "cannot pin %s", path);
    bpf_link__destroy(link); /* the pin keeps it attached */
    return 0;
}

static int pin_all(struct bpf_object *object, const struct chosen *chosen, const char *dir, struct fault *fault)
{
    char path[256];

    for (int i = 0; i < KERNEL_MAPS; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, map_names[i]);
        if (bpf_obj_pin(bpf_object__find_map_fd_by_name(object, map_names[i]), path))
            return fault_errno(fault, STATUS_FAILED, "PIN", "cannot pin %s", path);
    }
    /* A tracepoint's programs run in the order of their attachment. */
    for (size_t k = 0; k < INSTANCES; k++)
        for (size_t i = 0; i < HOOKS; i++) {
            link_path(path, sizeof path, dir, &hooks[i], k);
            if (chosen->instance[i][k] && pin_link(chosen->instance[i][k], path, &hooks[i], fault))
                return -1;
        }
    snprintf(path, sizeof path, "%s/epoch", dir);
    if (mkdir(path, 0700))
        return fault_errno(fault, STATUS_FAILED, "PIN", "cannot make %s", path);
    return 0;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *where)
{
    (void)status;
    (void)where;
    return type == FTW_DP ? rmdir(path) : unlink(path);
}

static int remove_tree(const char *dir)
{
    return nftw(dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static int load(struct bpf_object *object, const char *pin_dir, bool with_functions, struct fault *fault)
{
    struct chosen chosen = {0};
    struct bt_facts facts;
    struct bt_about about = {.abi_version = BT_ABI_VERSION};
    char fresh[160];
    uint32_t zero = 0;
    int result = -1;
    struct btf *btf = btf__load_vmlinux_btf();

    if (!btf)
        return fault_set(fault, STATUS_KERNEL_UNSUPPORTED, "NO_BTF", "Use a kernel built with CONFIG_DEBUG_INFO_BTF=y (all distributions' since 2021).",
                         "cannot track on this kernel: it carries no BTF (/sys/kernel/btf/vmlinux)");
    about.layout = kernel_layout(btf);
    about.single_pages = kernel_has_member(btf, "block_device_operations", "rw_page");
    facts.may_lose_processor = programs_may_lose_the_processor();
    if (kernel_facts_read(&facts, btf, fault) || choose_programs(object, btf, about.layout, with_functions, &chosen, fault) || set_facts(object, &facts, fault))
        goto out;
    if (bpf_object__load(object)) {
        cannot_load(fault, "cannot load the tracking programs into the kernel");
        goto out;
    }
    if (bpf_map_update_elem(bpf_object__find_map_fd_by_name(object, "about"), &zero, &about, BPF_ANY)) {
        fault_errno(fault, STATUS_FAILED, "NO_BPF", "cannot write the map 'about'");
        goto out;
    }
    snprintf(fresh, sizeof fresh, "%s-new", pin_dir);
    remove_tree(fresh); /* left by somebody who was killed here: its programs know no volume */
    if (mkdir(fresh, 0700)) {
        fault_errno(fault, STATUS_FAILED, "PIN", "cannot make %s", fresh);
        goto out;
    }
    if (pin_all(object, &chosen, fresh, fault) == 0) {
        if (rename(fresh, pin_dir) == 0)
            result = 0;
        else
            fault_errno(fault, STATUS_FAILED, "PIN", "cannot rename %s to %s", fresh, pin_dir);
    }
    if (result)
        remove_tree(fresh);
out:
    btf__free(btf);
    return result;
}

static int open_and_load(const char *pin_dir, bool with_functions, struct fault *fault)
{
    struct bpf_object *object = bpf_object__open_mem(bpf_object_start, (size_t)(bpf_object_end - bpf_object_start), NULL);

    if (!object)
        return cannot_load(fault, "cannot read the BPF object inside the helper");
    int result = load(object, pin_dir, with_functions, fault);
    bpf_object__close(object);
    return result;
}

int kernel_load(const char *pin_dir, struct fault *fault)
{
    /* Before 5.11 maps count against the limit on locked memory. */
    struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
    setrlimit(RLIMIT_MEMLOCK, &unlimited);

    libbpf_set_print(quiet);
    if (kernel_mount_bpffs(fault))
        return -1;
    if (open_and_load(pin_dir, true, fault) == 0)
        return 0;
    /* A kernel that takes no programs at functions (it may say that by EPERM) tracks all but what takes single pages. */
    return strcmp(fault->name, "NO_BPF") == 0 || strcmp(fault->name, "NO_PRIVILEGE") == 0 ? open_and_load(pin_dir, false, fault) : -1;
}

static const uint32_t value_sizes[KERNEL_MAPS] = {
    [MAP_ABOUT] = sizeof(struct bt_about),       [MAP_DISKS] = sizeof(struct bt_disk), [MAP_VOLUMES] = sizeof(struct bt_volume),
    [MAP_META] = sizeof(struct bt_meta),         [MAP_COUNTERS] = sizeof(struct bt_counters), [MAP_EPOCHS] = sizeof(uint32_t),
    [MAP_TAGS] = sizeof(uint64_t),               [MAP_BIOS] = sizeof(struct bt_inflight), [MAP_MADE_UP] = sizeof(struct bt_made_up),
    [MAP_SIZES] = sizeof(struct bt_size),
};

/* Pinned by this version of the interface, to the size of every map's values. */
static bool of_this_version(const struct kernel *kernel)
{
    struct bt_about about;
    uint32_t zero = 0;

    for (int i = 0; i < KERNEL_MAPS; i++) {
        struct bpf_map_info info = {0};
        uint32_t size = sizeof info;
        if (bpf_obj_get_info_by_fd(kernel->maps[i], &info, &size) || info.value_size != value_sizes[i])
            return false;
    }
    return bpf_map_lookup_elem(kernel->maps[MAP_ABOUT], &zero, &about) == 0 && about.abi_version == BT_ABI_VERSION;
}

int kernel_open(struct kernel *kernel, const char *pin_dir, struct fault *fault)
{
    char path[256];
    struct bt_about about;
    uint32_t zero = 0;

    for (int i = 0; i < KERNEL_MAPS; i++)
        kernel->maps[i] = -1;
    if (access(pin_dir, F_OK) && errno == ENOENT)
        return 1;
    for (int i = 0; i < KERNEL_MAPS; i++) {
        snprintf(path, sizeof path, "%s/%s", pin_dir, map_names[i]);
        kernel->maps[i] = bpf_obj_get(path);
        if (kernel->maps[i] < 0) {
            kernel_close(kernel);
            return errno == EPERM || errno == EACCES ? cannot_load(fault, "cannot open the tracking maps")
                                                     : fault_errno(fault, STATUS_STATE_CORRUPT, "PIN", "cannot open %s", path);
        }
    }
    if (!of_this_version(kernel)) {
        kernel_close(kernel);
        return fault_set(fault, STATUS_STATE_CORRUPT, "OTHER_VERSION", "End it with 'blktrack-helper stop', then 'blktrack-helper start --tracking', and restart blktrackd; the record becomes unknown once.",
                         "the programs pinned in %s belong to another version of blktrack", pin_dir);
    }
    if (bpf_map_lookup_elem(kernel->maps[MAP_ABOUT], &zero, &about))
        return fault_errno(fault, STATUS_FAILED, "NO_BPF", "cannot read the map 'about'");
    kernel->layout = about.layout;
    return 0;
}

void kernel_close(struct kernel *kernel)
{
    for (int i = 0; i < KERNEL_MAPS; i++) {
        if (kernel->maps[i] >= 0)
            close(kernel->maps[i]);
        kernel->maps[i] = -1;
    }
}

int kernel_unload(const char *pin_dir, struct fault *fault)
{
    if (remove_tree(pin_dir) && errno != ENOENT)
        return fault_errno(fault, STATUS_FAILED, "PIN", "cannot remove %s", pin_dir);
    return 0;
}

static int64_t program_skipped(const char *path)
{
    struct bpf_link_info link = {0};
    struct bpf_prog_info program = {0};
    uint32_t size = sizeof link;
    int64_t skipped = -1;
    int link_fd = bpf_obj_get(path);

    if (link_fd < 0)
        return -1;
    if (bpf_obj_get_info_by_fd(link_fd, &link, &size) == 0) {
        int fd = bpf_prog_get_fd_by_id(link.prog_id);
        size = sizeof program;
        if (fd >= 0 && bpf_obj_get_info_by_fd(fd, &program, &size) == 0)
            skipped = (int64_t)program.recursion_misses;
        if (fd >= 0)
            close(fd);
    }
    close(link_fd);
    return skipped;
}

static int64_t hook_skipped(const char *pin_dir, const struct hook *hook)
{
    char path[256];

    link_path(path, sizeof path, pin_dir, hook, 0);
    return program_skipped(path);
}

static bool is_attached(const char *pin_dir, const struct hook *hook)
{
    char path[256];

    link_path(path, sizeof path, pin_dir, hook, 0);
    return access(path, F_OK) == 0;
}

static int made_up_read(const struct kernel *kernel, uint32_t hook, struct bt_made_up *sum)
{
    int processors = libbpf_num_possible_cpus();
    struct bt_made_up *each = calloc((size_t)processors, sizeof *each);
    int failed = !each || bpf_map_lookup_elem(kernel->maps[MAP_MADE_UP], &hook, each);

    *sum = (struct bt_made_up){0};
    for (int i = 0; i < processors && !failed; i++) {
        sum->runs += each[i].runs;
        sum->unnoted += each[i].unnoted;
    }
    free(each);
    return failed ? -1 : 0;
}

/* Reads what was made up for before what was skipped, and again behind it: the loss lies between the two differences. */
static int hook_lost(const struct kernel *kernel, const char *pin_dir, const struct hook *hook, struct kernel_skips *skips)
{
    struct bt_made_up before = {0}, after = {0};
    bool in_turns = hook->in_turns != ALONE;
    int failed = in_turns ? made_up_read(kernel, hook->in_turns, &before) : 0;
    int64_t skipped = hook_skipped(pin_dir, hook);

    if (failed || skipped < 0 || (in_turns && made_up_read(kernel, hook->in_turns, &after)))
        return -1;
    if (!hook->by_layout) {
        skips->helping += skipped;
        return 0;
    }
    skips->unnoted += (int64_t)after.unnoted;
    int64_t least = skipped - (int64_t)after.runs;
    skips->lost_most += skipped - (int64_t)before.runs + (int64_t)before.unnoted;
    skips->lost_least += least > 0 ? least : 0;
    return 0;
}

int kernel_skips(const struct kernel *kernel, const char *pin_dir, bool of_pages, struct kernel_skips *skips)
{
    *skips = (struct kernel_skips){0};
    for (size_t i = 0; i < HOOKS; i++)
        if ((hooks[i].argument || (of_pages && is_of_pages(&hooks[i]) && is_attached(pin_dir, &hooks[i]))) && hook_lost(kernel, pin_dir, &hooks[i], skips))
            return -1;
    return 0;
}

bool kernel_sees_pages(const char *pin_dir)
{
    for (size_t i = 0; i < HOOKS; i++)
        if (is_of_pages(&hooks[i]) && !is_attached(pin_dir, &hooks[i]))
            return false;
    return true;
}

static bool is_of_sizes(const struct hook *hook)
{
    return hook->at == FUNCTION && !hook->by_layout;
}

bool kernel_sees_sizes(const char *pin_dir)
{
    for (size_t i = 0; i < HOOKS; i++)
        if (is_of_sizes(&hooks[i]) && is_attached(pin_dir, &hooks[i]))
            return true;
    return false;
}

uint64_t kernel_sizes_unseen(const char *pin_dir)
{
    uint64_t unseen = 0;

    for (size_t i = 0; i < HOOKS; i++)
        if (is_of_sizes(&hooks[i]) && is_attached(pin_dir, &hooks[i]))
            unseen += (uint64_t)hook_skipped(pin_dir, &hooks[i]); /* not known: another number, too */
    return unseen;
}
