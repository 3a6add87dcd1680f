/* crash.c - runs a program under ptrace(2), lists the points at which it touches store and sockets, or kills it at one.
 *
 *   resetbot-crash STORE record FILE -- PROGRAM …        writes each point to FILE as it comes
 *   resetbot-crash STORE entry|exit POINT -- PROGRAM …   SIGKILL before, or just after, the call at this point
 *
 * Points count from SIGUSR1 on until SIGUSR2; --now as the first word counts from the start. Says "pid N" on descriptor 3,
 * and "hit" when the point came. Ends with the program: its exit code, 128 and the signal, or 42 after a hit; 77 when this
 * machine does not let it trace. Only the calls in question stop the program (seccomp with SECCOMP_RET_TRACE). */
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "points.h"

#define EXIT_HIT 42
#define EXIT_CANNOT 77
#define TOLD_ON 3

/* Set by a signal: from when to when points count. */
static volatile sig_atomic_t is_counting;

typedef struct {
    const char *store;
    const char *wanted; /* THREAD|DESCRIPTOR|CALL|N, NULL when recording */
    bool is_exit;       /* kill after the call */
    FILE *list;         /* when recording */
    char **program;
    pid_t pid;
    points *points;
    pid_t at_exit_of; /* the thread that is in the wanted call, else 0 */
    bool is_hit;
    int status; /* of the program, once it has ended */
} runner;

static void on_signal(int signo)
{
    is_counting = signo == SIGUSR1;
}

static void die(const char *what)
{
    fprintf(stderr, "resetbot-crash: %s: %s\n", what, strerror(errno));
    exit(errno == EPERM || errno == ENOSYS || errno == EINVAL ? EXIT_CANNOT : 2);
}

/* ---- the program's side ------------------------------------------------------------------------------------------------ */

/* Waits until it is traced, lays the filter over itself and becomes the program. */
static void become(const runner *all, int go)
{
    struct sock_fprog filter = points_filter();
    char byte;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (read(go, &byte, 1) != 1)
        _exit(2);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0)
        _exit(EXIT_CANNOT);
    signal(SIGUSR1, SIG_DFL);
    signal(SIGUSR2, SIG_DFL);
    (void)close(TOLD_ON);
    execv(all->program[0], all->program);
    fprintf(stderr, "resetbot-crash: %s: %s\n", all->program[0], strerror(errno));
    _exit(2);
}

static void launch(runner *all)
{
    static const long OPTIONS = PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC |
                                PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL;
    int go[2];

    if (pipe2(go, O_CLOEXEC) != 0)
        die("pipe");
    all->pid = fork();
    if (all->pid < 0)
        die("fork");
    if (all->pid == 0)
        become(all, go[0]);
    if (ptrace(PTRACE_SEIZE, all->pid, NULL, OPTIONS) != 0) {
        int error = errno;
        kill(all->pid, SIGKILL);
        errno = error;
        die("this process may not trace its child");
    }
    int pidfd = (int)syscall(SYS_pidfd_open, all->pid, 0);
    if (pidfd < 0)
        die("pidfd_open");
    all->points = points_new(all->pid, pidfd, all->store);
    if (!all->points)
        die("out of memory");
    if (write(go[1], "g", 1) != 1)
        die("pipe");
    (void)close(go[0]);
    (void)close(go[1]);
}

/* ---- its stops ------------------------------------------------------------------------------------------------------------ */

static void hit(runner *all)
{
    all->is_hit = true;
    kill(all->pid, SIGKILL);
    (void)dprintf(TOLD_ON, "hit\n");
}

/* At the entry of one of the calls; how to let it go on. */
static int at_call(runner *all, pid_t tid)
{
    struct __ptrace_syscall_info info;
    char name[POINT_CAP];
    char full[POINT_CAP + 16];

    memset(&info, 0, sizeof info);
    if (ptrace(PTRACE_GET_SYSCALL_INFO, tid, sizeof info, &info) < 0 || info.op != PTRACE_SYSCALL_INFO_SECCOMP ||
        !points_name(all->points, tid, &info, name) || !is_counting)
        return PTRACE_CONT;
    snprintf(full, sizeof full, "%s|%u", name, points_count(all->points, name));
    if (all->list) {
        fprintf(all->list, "%s\n", full);
        return PTRACE_CONT;
    }
    if (strcmp(full, all->wanted) != 0)
        return PTRACE_CONT;
    if (!all->is_exit) {
        hit(all);
        return PTRACE_CONT;
    }
    all->at_exit_of = tid;
    return PTRACE_SYSCALL;
}

/* A stop that waitpid told of: lets the thread go on. */
static void stopped(runner *all, pid_t tid, int status)
{
    int signo = WSTOPSIG(status);
    int how = PTRACE_CONT;
    long deliver = 0;

    if (status >> 8 == (SIGTRAP | PTRACE_EVENT_SECCOMP << 8)) {
        how = at_call(all, tid);
    } else if (signo == (SIGTRAP | 0x80)) {
        if (tid == all->at_exit_of)
            hit(all);
    } else if (status >> 16 == PTRACE_EVENT_STOP && (signo == SIGSTOP || signo == SIGTSTP)) {
        how = PTRACE_LISTEN;
    } else if (status >> 16 == 0) {
        deliver = signo; /* a signal of its own */
    }
    ptrace((enum __ptrace_request)how, tid, NULL, deliver); /* fails when it was killed meanwhile */
}

static void follow(runner *all)
{
    int status;

    for (;;) {
        pid_t tid = waitpid(-1, &status, __WALL);
        if (tid < 0 && errno == EINTR)
            continue;
        if (tid < 0)
            return;
        if (WIFSTOPPED(status))
            stopped(all, tid, status);
        else if (tid == all->pid)
            all->status = status;
    }
}

/* ---- its own side ---------------------------------------------------------------------------------------------------------- */

static int usage(void)
{
    fprintf(stderr, "usage: resetbot-crash [--now] STORE record FILE -- PROGRAM [ARGUMENT...]\n"
                    "       resetbot-crash [--now] STORE entry|exit POINT -- PROGRAM [ARGUMENT...]\n");
    return 2;
}

static bool parse(runner *all, int argc, char **argv)
{
    int i = 1;

    if (i < argc && strcmp(argv[i], "--now") == 0) {
        is_counting = 1;
        i++;
    }
    if (argc - i < 5 || strcmp(argv[i + 3], "--") != 0)
        return false;
    all->store = argv[i];
    all->program = &argv[i + 4];
    all->is_exit = strcmp(argv[i + 1], "exit") == 0;
    if (strcmp(argv[i + 1], "record") == 0) {
        all->list = fopen(argv[i + 2], "we");
        return all->list != NULL;
    }
    all->wanted = argv[i + 2];
    return all->is_exit || strcmp(argv[i + 1], "entry") == 0;
}

int main(int argc, char **argv)
{
    runner all = {0};
    struct sigaction action = {.sa_handler = on_signal};

    if (!parse(&all, argc, argv))
        return usage();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGUSR2, &action, NULL);
    launch(&all);
    (void)dprintf(TOLD_ON, "pid %d\n", (int)all.pid);
    follow(&all);
    points_free(all.points);
    if (all.list && fclose(all.list) != 0)
        die("the list");
    if (all.is_hit)
        return EXIT_HIT;
    return WIFSIGNALED(all.status) ? 128 + WTERMSIG(all.status) : WEXITSTATUS(all.status);
}
