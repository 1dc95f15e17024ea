/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stands in for blktrack-helper in the boot tests: runs the real one, which it carries inside, so that it works wherever the helper does.
 * Where the kernel command line names the helper's command as guest.stop_child=COMMAND, the child that does the helper's work is stopped
 * before its first instruction, and the kernel's log tells how long its caller was kept waiting.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

__asm__(".section .rodata\n"
        ".global helper, helper_end\n"
        "helper: .incbin \"" HELPER "\"\n"
        "helper_end:\n"
        ".previous");
extern const char helper[], helper_end[];

static void say(const char *format, ...)
{
    char line[200];
    va_list arguments;
    int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);

    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    (void)!write(fd, line, strlen(line));
    close(fd);
}

static long now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_BOOTTIME, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int asked_to_stop(const char *command)
{
    char line[4096] = " ", word[64];
    int fd = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);

    if (fd < 0 || read(fd, line + 1, sizeof line - 2) < 0)
        return 0;
    close(fd);
    snprintf(word, sizeof word, " guest.stop_child=%s", command);
    return strstr(line, word) != NULL;
}

static void run_helper(char **words)
{
    extern char **environ;
    int fd = memfd_create("blktrack-helper", MFD_CLOEXEC);

    if (fd >= 0 && write(fd, helper, (size_t)(helper_end - helper)) == helper_end - helper)
        fexecve(fd, words, environ);
    say("stop_child: cannot run the helper");
    _exit(127);
}

/* Lets go of the helper when its child is stopped. The child's first stop is the one that tracing gives it. */
static void stop_first_child(pid_t traced)
{
    unsigned long child = 0;
    int status;

    while (!child && waitpid(traced, &status, 0) == traced && WIFSTOPPED(status)) {
        if (status >> 8 == (SIGTRAP | PTRACE_EVENT_FORK << 8))
            ptrace(PTRACE_GETEVENTMSG, traced, 0, &child);
        else
            ptrace(PTRACE_CONT, traced, 0, WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status));
    }
    if (child && waitpid((pid_t)child, &status, __WALL) == (pid_t)child) {
        ptrace(PTRACE_DETACH, (pid_t)child, 0, SIGSTOP);
        ptrace(PTRACE_DETACH, traced, 0, 0);
        say("stop_child: stopped the child of the helper");
    }
}

int main(int count, char **words)
{
    long began = now_ms();
    int status = 0;

    if (count < 2 || !asked_to_stop(words[1]))
        run_helper(words);
    pid_t traced = fork();
    if (traced == 0) {
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        raise(SIGSTOP);
        run_helper(words);
    }
    waitpid(traced, &status, 0);
    ptrace(PTRACE_SETOPTIONS, traced, 0, PTRACE_O_TRACEFORK);
    ptrace(PTRACE_CONT, traced, 0, 0);
    stop_first_child(traced);
    waitpid(traced, &status, 0);
    say("stop_child: %s came back after %ld ms with status %d", words[1], now_ms() - began, WIFEXITED(status) ? WEXITSTATUS(status) : -1);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
