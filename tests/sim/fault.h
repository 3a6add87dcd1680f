/* fault.h - what may go wrong on a day: a table of kinds, what of it is planned, and what of that really hit. */
#ifndef SIM_FAULT_H
#define SIM_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#define FAULT_KINDS_MAX 128

/* How often each kind was planned, and how often it then changed something; of all days, in memory that they share. */
typedef struct {
    uint64_t planned[FAULT_KINDS_MAX], hit[FAULT_KINDS_MAX];
} fault_counts;

/* A day's plan: up to 12 of them in the next work_ms, as the seed decides. */
void fault_plan_some(fault_counts *counts, int64_t work_ms);
/* One line a kind: planned, hit, what. False when a kind was planned often and never hit: nothing is shown about it then. */
bool fault_print(const fault_counts *counts);

#endif
