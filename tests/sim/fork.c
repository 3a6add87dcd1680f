/* A world a process: children, as many at a time as there are processors. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crash.h"
#include "sim.h"

static int jobs = 2;
static int running;
static bool is_well = true;

void sim_set_jobs(int n)
{
    jobs = n > 0 ? n : 1;
}

static void reap_one(void)
{
    int status = 0;
    pid_t pid = wait(&status);
    if (pid < 0)
        abort();
    running--;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return;
    is_well = false;
    if (WIFSIGNALED(status)) {
        printf("BROKEN  a child ended by signal %d\n", WTERMSIG(status));
        fflush(stdout);
    }
}

bool sim_fork(void)
{
    while (running >= jobs)
        reap_one();
    fflush(stdout);
    fflush(stderr);
    pid_t pid = fork();
    if (pid < 0) {
        perror("fork");
        exit(1);
    }
    running += pid > 0;
    if (pid == 0)
        running = 0;
    return pid == 0;
}

_Noreturn void sim_child_ends(const char *text)
{
    if (text)
        printf("BROKEN  %s\n", text);
    fflush(stdout);
    _exit(text ? 1 : 0);
}

bool sim_reap_all(void)
{
    while (running > 0)
        reap_one();
    bool result = is_well;
    is_well = true;
    return result;
}
