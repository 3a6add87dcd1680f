/* sample.h - times taken, and what a process uses. */
#ifndef BENCH_SAMPLE_H
#define BENCH_SAMPLE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

uint64_t sample_now_ns(void); /* CLOCK_MONOTONIC */

/* Zeroed is empty. */
typedef struct {
    uint64_t *ns;
    size_t n, cap;
} samples;

void samples_add(samples *list, uint64_t ns);
/* The value that share (0 to 1) of them do not exceed, in ms; 0 when empty. Sorts. */
double samples_ms(samples *list, double share);
void samples_fini(samples *list);

/* Seconds of processor time of all threads so far; 0 when the process is gone. */
double sample_cpu_s(pid_t pid);
/* Resident memory; 0 when the process is gone. */
double sample_resident_mib(pid_t pid);

#endif
