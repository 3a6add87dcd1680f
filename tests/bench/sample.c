#include "sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

uint64_t sample_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void samples_add(samples *list, uint64_t ns)
{
    if (list->n == list->cap) {
        list->cap = list->cap ? list->cap * 2 : 4096;
        list->ns = reallocarray(list->ns, list->cap, sizeof *list->ns);
        if (!list->ns)
            abort();
    }
    list->ns[list->n++] = ns;
}

static int compare(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a;
    uint64_t right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

double samples_ms(samples *list, double share)
{
    if (list->n == 0)
        return 0;
    qsort(list->ns, list->n, sizeof *list->ns, compare);
    size_t place = (size_t)(share * (double)list->n);
    return (double)list->ns[place < list->n ? place : list->n - 1] / 1e6;
}

void samples_fini(samples *list)
{
    free(list->ns);
    *list = (samples){0};
}

double sample_cpu_s(pid_t pid)
{
    char path[64];
    char text[1024] = "";
    unsigned long user = 0;
    unsigned long kernel = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "re");
    if (!file)
        return 0;
    size_t len = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[len] = '\0';
    /* proc(5): the name in brackets may hold anything; utime and stime are fields 14 and 15, state is 3 */
    const char *rest = strrchr(text, ')');
    if (!rest || sscanf(rest + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &kernel) != 2)
        return 0;
    return (double)(user + kernel) / (double)sysconf(_SC_CLK_TCK);
}

double sample_resident_mib(pid_t pid)
{
    char path[64];
    char line[256];
    unsigned long kib = 0;
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE *file = fopen(path, "re");
    if (!file)
        return 0;
    while (fgets(line, sizeof line, file)) {
        if (sscanf(line, "VmRSS: %lu kB", &kib) == 1)
            break;
    }
    fclose(file);
    return (double)kib / 1024;
}
