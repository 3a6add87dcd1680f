/* same.h - one seed, one run: a day full of faults and some scenarios, each played twice, are compared in all that can be seen. */
#ifndef SIM_SAME_H
#define SIM_SAME_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

/* Plays each twice, the second time with other bytes in fresh memory and on the stack, at other addresses and at another real time:
 * the digests are equal. With the next seed they differ. Prints one line each; false when one is not so. */
bool sim_same(uint64_t seed);

/* What the sandbox is told or asked goes into the digest, while one is made. */
void same_journal(const char *kind, json_object *fields);

#endif
