/* day.h - random working days: 20 and more requests of mixed kinds, at least 5 refreshes of sockets, and faults in half of them. */
#ifndef SIM_DAY_H
#define SIM_DAY_H

#include <stdbool.h>
#include <stdint.h>

/* Plays days with the seeds seed, seed + 1 ..., each in a process of its own: so many (days > 0), or as many as begin within
 * seconds. Prints what they held, and each broken promise with the seed that shows it again. */
bool sim_days(uint64_t seed, int days, int seconds);

/* One day that has faults, in this process; false when a promise was broken. */
bool sim_day(uint64_t seed);

#endif
